//! What Klamm is held to.

use super::contender::Contender;
use super::figure::Figure;
use super::findings::Findings;

/// A bound for the median of the rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// At most so many times what Kafka has.
    OfKafka(f64),
    /// At most so many times what the floor has.
    OfFloor(f64),
    /// At most this, in the figure's unit.
    AtMost(f64),
}

/// Whether a goal is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Met,
    /// It is not.
    Missed,
    /// It was not measured.
    Unknown,
}

impl Goal {
    /// What was found of a figure, beside this goal.
    #[must_use]
    pub fn judge(self, figure: Figure, findings: &Findings) -> Verdict {
        let ratio = |other| findings.ratio(figure, Contender::Klamm, other);
        let (found, bound) = match self {
            Goal::OfKafka(bound) => (ratio(Contender::Kafka), bound),
            Goal::OfFloor(bound) => (ratio(Contender::Floor), bound),
            Goal::AtMost(bound) => (findings.spread(Contender::Klamm, figure), bound),
        };
        match found {
            None => Verdict::Unknown,
            Some(spread) if spread.median <= bound => Verdict::Met,
            Some(_) => Verdict::Missed,
        }
    }

    /// The bound in words.
    #[must_use]
    pub fn text(self, figure: Figure) -> String {
        match self {
            Goal::OfKafka(bound) => format!("≤ {}Kafka", share(bound)),
            Goal::OfFloor(bound) => format!("≤ {}floor", share(bound)),
            Goal::AtMost(bound) => format!("≤ {bound} {}", figure.unit()),
        }
    }
}

/// How often, a bound below one as the fraction that it was meant as.
fn share(bound: f64) -> String {
    let parts = (1.0 / bound).round();
    let is_fraction = (parts * bound - 1.0).abs() < 1e-9;
    match parts {
        1.0 if is_fraction => String::new(),
        _ if is_fraction => format!("1/{parts} × "),
        _ => format!("{bound} × "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURE: Figure = Figure::RestartToRecord;

    #[test]
    fn a_goal_is_judged_by_the_median() {
        let mut findings = Findings::default();
        for (round, value) in [(1, 100.0), (2, 400.0), (3, 900.0)] {
            findings.note(Contender::Klamm, round, &[(FIGURE, value)]);
        }
        assert_eq!(Goal::AtMost(400.0).judge(FIGURE, &findings), Verdict::Met);
        assert_eq!(Goal::AtMost(399.0).judge(FIGURE, &findings), Verdict::Missed);
        assert_eq!(Goal::OfKafka(0.5).judge(FIGURE, &findings), Verdict::Unknown);
    }

    #[test]
    fn a_goal_beside_kafka_is_judged_by_the_ratio() {
        let mut findings = Findings::default();
        findings.note(Contender::Klamm, 1, &[(FIGURE, 20.0)]);
        findings.note(Contender::Kafka, 1, &[(FIGURE, 100.0)]);
        assert_eq!(Goal::OfKafka(0.2).judge(FIGURE, &findings), Verdict::Met);
        assert_eq!(Goal::OfKafka(0.1).judge(FIGURE, &findings), Verdict::Missed);
    }

    #[test]
    fn a_goal_is_told_as_it_was_meant() {
        assert_eq!(Goal::OfKafka(1.0 / 3.0).text(FIGURE), "≤ 1/3 × Kafka");
        assert_eq!(Goal::OfKafka(1.0).text(FIGURE), "≤ Kafka");
        assert_eq!(Goal::OfFloor(2.0).text(FIGURE), "≤ 2 × floor");
        assert_eq!(Goal::AtMost(500.0).text(FIGURE), "≤ 500 ms");
    }
}
