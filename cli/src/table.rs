//! Tables for people: a heading, columns as wide as they must be.

use crate::print;

/// Rows of cells below a heading.
#[derive(Debug)]
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// An empty one with this heading.
    pub(crate) fn new(heading: [&str; COLUMNS]) -> Self {
        Table { rows: vec![heading.map(str::to_owned)] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }

    /// Prints it.
    pub(crate) fn print(&self) {
        for line in self.lines() {
            print::line(&line);
        }
    }

    fn lines(&self) -> Vec<String> {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max();
        let widths: Vec<usize> = (0..COLUMNS).map(|column| width(column).unwrap_or(0)).collect();
        let line = |row: &[String; COLUMNS]| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

/// A cell for something that may not be there.
pub(crate) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A cell for several things.
pub(crate) fn list(values: &[impl ToString]) -> String {
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    if texts.is_empty() { "-".to_owned() } else { texts.join(",") }
}

/// "1 record", "2 records".
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_lines_end_with_no_blanks() {
        let mut table = Table::new(["TOPIC", "N"]);
        table.row(["messages".to_owned(), "10".to_owned()]);
        table.row(["ä".to_owned(), String::new()]);
        assert_eq!(table.lines(), ["TOPIC     N", "messages  10", "ä"]);
    }
}
