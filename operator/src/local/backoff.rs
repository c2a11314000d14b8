//! How long to wait before a broker that ended is started again.

use std::time::Duration;

/// A broker that ran this long was well; its next end is a first end.
const WELL_AFTER: Duration = Duration::from_secs(10);
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);

/// The pauses of one broker: none at first, then doubling.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    ends: u32,
}

impl Backoff {
    /// The pause after the broker ended, having run this long.
    pub(super) fn pause(&mut self, ran: Duration) -> Duration {
        if ran >= WELL_AFTER {
            self.ends = 0;
        }
        self.ends = self.ends.saturating_add(1);
        match self.ends {
            1 => Duration::ZERO,
            ends => FIRST.saturating_mul(1 << (ends - 2).min(16)).min(LONGEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_restart_is_at_once_and_later_ones_take_longer_and_longer() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u128> =
            (0..12).map(|_| backoff.pause(Duration::ZERO).as_millis()).collect();
        assert_eq!(pauses[..5], [0, 250, 500, 1000, 2000]);
        assert_eq!(pauses[11], 30_000);
    }

    #[test]
    fn a_broker_that_was_well_is_started_at_once_again() {
        let mut backoff = Backoff::default();
        for _ in 0..5 {
            backoff.pause(Duration::ZERO);
        }
        assert_eq!(backoff.pause(WELL_AFTER), Duration::ZERO);
    }
}
