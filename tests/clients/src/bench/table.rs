//! The tables that a run ends with, in Markdown.

use super::contender::Contender;
use super::figure::Figure;
use super::findings::Findings;
use super::goal::Verdict;
use super::row::{COSTS, RATES, Row};
use super::spread::Spread;

/// What of Klamm is beside what of Kafka, in both tables.
const HEAD: [&str; 5] = ["Klamm", "Apache Kafka", "cold", "floor", "Klamm : Kafka"];

/// Klamm beside Kafka and the floor, what became of the goals, and how fast it went.
#[must_use]
pub fn beside_kafka(findings: &Findings) -> String {
    let costs: Vec<_> = COSTS.iter().map(|row| judged(row, findings)).collect();
    let rates: Vec<_> = RATES.iter().map(|row| values(row.figure, findings)).collect();
    let costs = table(&[&HEAD[..], &["Klamm : floor", "goal", ""]].concat(), &costs);
    format!("{costs}\n{}\n\n{}", goals_met(findings), table(&HEAD, &rates))
}

/// Two builds of Klamm.
#[must_use]
pub fn of_two_builds(findings: &Findings) -> String {
    let rows = COSTS.iter().chain(RATES).map(|row| {
        let of = |contender| cell(findings.spread(contender, row.figure));
        let ratio = findings.ratio(row.figure, Contender::New, Contender::Old);
        vec![title(row.figure), of(Contender::Old), of(Contender::New), cell(ratio)]
    });
    table(&["old", "new", "new : old"], &rows.collect::<Vec<_>>())
}

fn goals_met(findings: &Findings) -> String {
    let verdicts: Vec<_> = COSTS.iter().flat_map(|row| verdicts(row, findings)).collect();
    let met = verdicts.iter().filter(|verdict| **verdict == Verdict::Met).count();
    format!("{met} of {} goals are met.", verdicts.len())
}

fn judged(row: &Row, findings: &Findings) -> Vec<String> {
    let goals: Vec<_> = row.goals.iter().map(|goal| goal.text(row.figure)).collect();
    let words: Vec<_> = verdicts(row, findings).into_iter().map(word).collect();
    let mut cells = values(row.figure, findings);
    cells.push(cell(findings.ratio(row.figure, Contender::Klamm, Contender::Floor)));
    cells.extend([goals.join("; "), words.join("; ")]);
    cells
}

fn verdicts(row: &Row, findings: &Findings) -> Vec<Verdict> {
    row.goals.iter().map(|goal| goal.judge(row.figure, findings)).collect()
}

fn values(figure: Figure, findings: &Findings) -> Vec<String> {
    let of = |contender| cell(findings.spread(contender, figure));
    let ratio = findings.ratio(figure, Contender::Klamm, Contender::Kafka);
    vec![
        title(figure),
        of(Contender::Klamm),
        of(Contender::Kafka),
        of(Contender::ColdKafka),
        of(Contender::Floor),
        cell(ratio),
    ]
}

fn title(figure: Figure) -> String {
    format!("{}, {}", figure.name(), figure.unit())
}

fn cell(spread: Option<Spread>) -> String {
    spread.map_or_else(String::new, |spread| spread.to_string())
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "**missed**",
        Verdict::Unknown => "not measured",
    }
}

fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = [""].iter().chain(head).map(ToString::to_string).collect();
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    line(&head) + &rule + &rows
}

fn line(cells: &[String]) -> String {
    let padded = cells.iter().map(|cell| match cell.as_str() {
        "" => " |".to_owned(),
        text => format!(" {text} |"),
    });
    format!("|{}\n", padded.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(values: &[(Contender, f64)]) -> Findings {
        let mut findings = Findings::default();
        for (contender, value) in values {
            findings.note(*contender, 1, &[(Figure::MessageProcessor, *value)]);
        }
        findings
    }

    #[test]
    fn a_row_tells_values_ratios_goals_and_what_became_of_them() {
        let measured =
            [(Contender::Klamm, 90.0), (Contender::Kafka, 360.0), (Contender::Floor, 45.0)];
        let text = beside_kafka(&findings(&measured));
        let row = "| messaging case: processor for each message, µs | 90.0 | 360 | | 45.0 | 0.25 \
                   | 2.00 | ≤ 1/5 × Kafka; ≤ 2 × floor | **missed**; met |\n";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("\n1 of 15 goals are met.\n"), "{text}");
    }

    #[test]
    fn what_could_not_be_measured_leaves_the_other_rows_alone() {
        let text = beside_kafka(&findings(&[(Contender::Klamm, 90.0)]));
        assert!(text.contains("| 90.0 | | | | | | ≤ 1/5 × Kafka; ≤ 2 × floor | not measured; not"));
        assert_eq!(text.matches("| **missed**").count(), 0);
    }

    #[test]
    fn two_builds_stand_beside_each_other() {
        let text = of_two_builds(&findings(&[(Contender::Old, 100.0), (Contender::New, 80.0)]));
        let row = "| messaging case: processor for each message, µs | 100 | 80.0 | 0.80 |\n";
        assert!(text.contains(row), "{text}");
    }
}
