//! The time of day and the time that passes.

use types::{Instant, Now, Timestamp};

/// Tells the time. Pure parts are handed a [`Now`]; only the shell asks.
pub trait Clock: Send + Sync {
    /// The monotonic clock and the wall clock, read together.
    fn now(&self) -> Now;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts one second in, so that "a little earlier" exists.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others ask")]
    pub fn new() -> SystemClock {
        SystemClock { start: std::time::Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others ask")]
    fn now(&self) -> Now {
        let passed = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since_1970| i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX));
        Now { instant: Instant(passed.saturating_add(1_000_000_000)), wall: Timestamp(wall) }
    }
}
