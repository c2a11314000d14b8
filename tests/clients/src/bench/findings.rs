//! All that was measured so far, and what could not be.

use super::contender::Contender;
use super::figure::Figure;
use super::spread::Spread;
use std::collections::BTreeMap;

/// Values by contender, figure and round.
#[derive(Debug, Default)]
pub struct Findings {
    values: BTreeMap<(Contender, Figure), BTreeMap<u32, f64>>,
    failures: Vec<String>,
}

impl Findings {
    /// Takes note of what a round gave.
    pub fn note(&mut self, contender: Contender, round: u32, figures: &[(Figure, f64)]) {
        for (figure, value) in figures {
            self.values.entry((contender, *figure)).or_default().insert(round, *value);
        }
    }

    /// Takes note of a step that failed, in a sentence.
    pub fn note_failure(&mut self, sentence: String) {
        self.failures.push(sentence);
    }

    /// What failed.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// All rounds of one figure.
    #[must_use]
    pub fn spread(&self, contender: Contender, figure: Figure) -> Option<Spread> {
        Spread::of(self.values.get(&(contender, figure))?.values().copied())
    }

    /// One contender as a multiple of another, each round by itself: what else the machine did fell
    /// on both.
    #[must_use]
    pub fn ratio(&self, figure: Figure, one: Contender, other: Contender) -> Option<Spread> {
        let one = self.values.get(&(one, figure))?;
        let other = self.values.get(&(other, figure))?;
        let pairs = one.iter().filter_map(|(round, value)| Some((value, other.get(round)?)));
        let comparable = pairs.filter(|(_, other)| **other > 0.0);
        Spread::of(comparable.map(|(one, other)| one / other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURE: Figure = Figure::EndToEndP50;

    #[test]
    fn ratios_are_taken_within_a_round() {
        let mut findings = Findings::default();
        for (round, klamm, kafka) in [(1, 1.0, 2.0), (2, 10.0, 40.0), (3, 3.0, 3.0)] {
            findings.note(Contender::Klamm, round, &[(FIGURE, klamm)]);
            findings.note(Contender::Kafka, round, &[(FIGURE, kafka)]);
        }
        let ratio = findings.ratio(FIGURE, Contender::Klamm, Contender::Kafka).unwrap();
        assert_eq!(ratio, Spread { least: 0.25, median: 0.5, most: 1.0 });
    }

    #[test]
    fn a_round_that_failed_for_one_has_no_ratio() {
        let mut findings = Findings::default();
        findings.note(Contender::Klamm, 1, &[(FIGURE, 1.0)]);
        findings.note(Contender::Kafka, 2, &[(FIGURE, 2.0)]);
        assert_eq!(findings.ratio(FIGURE, Contender::Klamm, Contender::Kafka), None);
        assert!(findings.spread(Contender::Klamm, FIGURE).is_some());
    }
}
