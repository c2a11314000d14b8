//! How fast the cleaner may read and write, all rounds together.

use std::time::Duration;

use types::Instant;

/// Bytes that were handled early are paid for by waiting.
#[derive(Debug)]
pub(super) struct Pace {
    bytes_per_second: f64,
    /// When what was handled so far is paid for.
    paid_at: Instant,
}

impl Pace {
    pub(super) fn new(bytes_per_second: f64) -> Pace {
        Pace { bytes_per_second, paid_at: Instant::ZERO }
    }

    /// Goes on at another rate, at which also what is not paid for yet is paid; returns when it is,
    /// or nothing when the rate is the same.
    pub(super) fn go_at(&mut self, now: Instant, bytes_per_second: f64) -> Option<Instant> {
        if bytes_per_second.to_bits() == self.bytes_per_second.to_bits() {
            return None;
        }
        let owed = self.paid_at.since(now).as_secs_f64() * self.bytes_per_second;
        self.bytes_per_second = bytes_per_second;
        self.paid_at = now.after(self.price(owed));
        Some(self.paid_at)
    }

    /// How much of so many bytes to handle before looking at the time again: no more than go in a
    /// tenth of a second.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float that is too large becomes the largest number"
    )]
    pub(super) fn share(&self, bytes_max: u64) -> u64 {
        ((self.bytes_per_second / 10.0) as u64).clamp(1, bytes_max)
    }

    /// Notes that so many bytes were handled; returns when to go on.
    #[expect(clippy::cast_precision_loss, reason = "a pace need not be exact")]
    pub(super) fn spend(&mut self, now: Instant, bytes: u64) -> Instant {
        self.paid_at = self.paid_at.max(now).after(self.price(bytes as f64));
        self.paid_at
    }

    fn price(&self, bytes: f64) -> Duration {
        let seconds = bytes / self.bytes_per_second;
        // Nobody waits longer than a day for a batch, whatever the rate.
        Duration::try_from_secs_f64(seconds.min(86_400.0)).unwrap_or(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(5_000_000_000);

    #[test]
    fn what_is_handled_together_takes_as_long_as_the_rate_says() {
        let mut pace = Pace::new(1000.0);
        assert_eq!(pace.spend(NOW, 500), NOW.after(Duration::from_millis(500)));
        assert_eq!(pace.spend(NOW, 250), NOW.after(Duration::from_millis(750)));
        let later = NOW.after(Duration::from_secs(9));
        assert_eq!(pace.spend(later, 100), later.after(Duration::from_millis(100)));
    }

    #[test]
    fn what_is_owed_is_paid_at_the_new_rate() {
        let mut pace = Pace::new(1000.0);
        pace.spend(NOW, 500);
        assert_eq!(pace.go_at(NOW, 1000.0), None);
        assert_eq!(pace.go_at(NOW, 5000.0), Some(NOW.after(Duration::from_millis(100))));
        let later = NOW.after(Duration::from_secs(9));
        assert_eq!(pace.go_at(later, f64::MAX), Some(later), "all is paid for");
    }

    #[test]
    fn a_job_is_no_longer_than_a_tenth_of_a_second() {
        assert_eq!(Pace::new(1000.0).share(1 << 20), 100);
        assert_eq!(Pace::new(1.0).share(1 << 20), 1);
        assert_eq!(Pace::new(f64::MAX).share(1 << 20), 1 << 20);
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut pace = Pace::new(f64::MAX);
        assert_eq!(pace.spend(NOW, 1 << 40), NOW);
    }
}
