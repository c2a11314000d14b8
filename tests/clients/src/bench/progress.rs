//! Where a run is, and how long it will go on.

use std::time::Duration;

/// How far a run has come, by what its steps were expected to take.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    expected: Duration,
    done: Duration,
}

impl Progress {
    /// A run that is expected to take so long.
    #[must_use]
    pub fn new(expected: Duration) -> Progress {
        Progress { expected, done: Duration::ZERO }
    }

    /// A step is done that was expected to take so long.
    pub fn advance(&mut self, expected: Duration) {
        self.done += expected;
    }

    /// How long the rest takes when it goes on as it did in the time that has passed.
    #[must_use]
    pub fn left(&self, passed: Duration) -> Duration {
        let rest = self.expected.saturating_sub(self.done);
        // The first steps tell too little about the others.
        if self.done < Duration::from_secs(30) {
            return rest;
        }
        rest.mul_f64(passed.as_secs_f64() / self.done.as_secs_f64())
    }
}

/// A duration as one says it.
#[must_use]
pub fn about(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..90 => format!("about {seconds} s"),
        seconds => format!("about {} min", (seconds + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_slow_machine_is_expected_to_stay_slow() {
        let mut progress = Progress::new(10 * MINUTE);
        assert_eq!(progress.left(Duration::ZERO), 10 * MINUTE);
        progress.advance(5 * MINUTE);
        assert_eq!(progress.left(10 * MINUTE), 10 * MINUTE);
        progress.advance(5 * MINUTE);
        assert_eq!(progress.left(20 * MINUTE), Duration::ZERO);
    }

    #[test]
    fn durations_are_told_as_one_says_them() {
        assert_eq!(about(Duration::from_secs(40)), "about 40 s");
        assert_eq!(about(Duration::from_secs(100)), "about 2 min");
    }
}
