//! A clock that stands still until it is told to move.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use types::{Instant, Now, Timestamp};

use crate::Clock;

/// A clock that a simulation moves; clones show the same time.
#[derive(Debug, Clone)]
pub struct SimClock(Arc<Mutex<Now>>);

impl SimClock {
    /// A clock at a fixed moment of 2026, one second after its start.
    #[must_use]
    pub fn new() -> SimClock {
        let start = Now { instant: Instant(1_000_000_000), wall: Timestamp(1_790_000_000_000) };
        SimClock(Arc::new(Mutex::new(start)))
    }

    /// Lets time pass on both clocks.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock().expect("no holder of this lock can panic");
        let before_ms = now.instant.0 / 1_000_000;
        now.instant = now.instant.after(duration);
        // Counted in whole milliseconds of the monotonic clock, so that many small steps add up.
        let passed_ms = now.instant.0 / 1_000_000 - before_ms;
        now.wall = Timestamp(now.wall.0.saturating_add_unsigned(passed_ms));
    }

    /// Sets the wall clock off by some milliseconds; the monotonic clock is not touched.
    pub fn jump_wall(&self, milliseconds: i64) {
        let mut now = self.0.lock().expect("no holder of this lock can panic");
        now.wall = Timestamp(now.wall.0.saturating_add(milliseconds));
    }
}

impl Default for SimClock {
    fn default() -> SimClock {
        SimClock::new()
    }
}

impl Clock for SimClock {
    fn now(&self) -> Now {
        *self.0.lock().expect("no holder of this lock can panic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_steps_add_up_on_the_wall_clock() {
        let clock = SimClock::new();
        let before = clock.now();
        for _ in 0..10 {
            clock.advance(Duration::from_micros(300));
        }
        assert_eq!(clock.now().instant.since(before.instant), Duration::from_millis(3));
        assert_eq!(clock.now().wall.0 - before.wall.0, 3);
    }

    #[test]
    fn a_jump_moves_the_wall_clock_only() {
        let clock = SimClock::new();
        let before = clock.now();
        clock.jump_wall(-5_000);
        assert_eq!(clock.now().instant, before.instant);
        assert_eq!(clock.now().wall.0, before.wall.0 - 5_000);
    }
}
