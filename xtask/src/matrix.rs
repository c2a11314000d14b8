//! Which client passed which case against which server, as a table.

use crate::compat::TARGETS;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

/// Where the table lies in its page.
const MARKS: [&str; 2] = ["<!-- table -->\n", "<!-- end of the table -->"];

/// The cells, by client, case and server.
#[derive(Debug, Default)]
pub(crate) struct Matrix(BTreeMap<(String, String), BTreeMap<String, String>>);

impl Matrix {
    /// Reads a folder of servers, in it of clients, in it a file a case.
    pub(crate) fn read(folder: &Path) -> Result<Matrix> {
        let mut matrix = Matrix::default();
        for target in names(folder)? {
            for client in names(&folder.join(&target))? {
                let cases = folder.join(&target).join(&client);
                for case in names(&cases)? {
                    let cell = fs::read_to_string(cases.join(&case))?;
                    matrix.insert(&client, &case, &target, &cell);
                }
            }
        }
        Ok(matrix)
    }

    /// A page with this table in place of its own.
    pub(crate) fn put_into(&self, page: &str) -> Result<String> {
        let [begin, end] = MARKS;
        let (before, rest) = page.split_once(begin).context("the page has a table")?;
        let (_, after) = rest.split_once(end).context("the table of the page ends")?;
        Ok(format!("{before}{begin}{self}{end}{after}"))
    }

    fn insert(&mut self, client: &str, case: &str, target: &str, cell: &str) {
        let cells = self.0.entry((client.to_owned(), case.to_owned())).or_default();
        cells.insert(target.to_owned(), cell.to_owned());
    }

    /// What both servers did, in few letters.
    fn cell(&self, client: &str, case: &str) -> String {
        let Some(cells) = self.0.get(&(client.to_owned(), case.to_owned())) else {
            return String::new();
        };
        let words = TARGETS.map(|target| match cells.get(target).map(String::as_str) {
            Some("ok") => "yes",
            Some("failed") => "**no**",
            Some(_) => "–",
            None => "?",
        });
        words.join(" ")
    }
}

/// Rows are cases, columns clients, and a cell holds both servers.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clients: BTreeSet<_> = self.0.keys().map(|(client, _)| client).collect();
        let cases: BTreeSet<_> = self.0.keys().map(|(_, case)| case).collect();
        write!(f, "| case |")?;
        for client in &clients {
            write!(f, " {client} |")?;
        }
        writeln!(f, "\n|---|{}", "---|".repeat(clients.len()))?;
        for case in cases {
            write!(f, "| {case} |")?;
            for client in &clients {
                write!(f, " {} |", self.cell(client, case))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_tells_of_both_servers() {
        let mut matrix = Matrix::default();
        matrix.insert("kcat", "lag", "kafka", "ok");
        matrix.insert("kcat", "lag", "klamm", "failed");
        matrix.insert("sarama", "lag", "kafka", "unsupported: why");
        let table = "| case | kcat | sarama |\n|---|---|---|\n| lag | yes **no** | – ? |\n";
        assert_eq!(matrix.to_string(), table);
    }

    #[test]
    fn table_of_a_page_is_replaced() {
        let page = "a\n<!-- table -->\nold\n<!-- end of the table -->\nb\n";
        let new = Matrix::default().put_into(page).unwrap();
        let table = "<!-- table -->\n| case |\n|---|\n<!-- end of the table -->";
        assert_eq!(new, format!("a\n{table}\nb\n"));
    }
}
