//! For how long a connection has been quiet.
//!
//! The clock is read when the timer rings and not for every request: activity only sets a mark.

use std::{pin::Pin, time::Duration};

use tokio::time::{Instant, Sleep, sleep};

/// Rings often enough to notice that a connection is idle or stalled.
pub(super) struct Quiet {
    /// Set by whatever counts as a sign of life.
    pub(super) was_active: bool,
    pub(super) timer: Pin<Box<Sleep>>,
    step: Duration,
    active_until: Instant,
    frame_since: Option<Instant>,
}

/// How long nothing has happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuietFor {
    pub(super) idle: Duration,
    /// How long the frame that is being received has been open.
    pub(super) within_frame: Duration,
}

/// How often a frame that holds memory is looked at.
const FRAME_STEP: Duration = Duration::from_secs(5);

impl Quiet {
    pub(super) fn new(idle_max: Duration) -> Quiet {
        let step = (idle_max / 4).max(Duration::from_millis(1));
        Quiet {
            was_active: false,
            timer: Box::pin(sleep(step)),
            step,
            active_until: Instant::now(),
            frame_since: None,
        }
    }

    /// Notes whether a frame that holds memory is open, and looks more often while one is.
    pub(super) fn watch_frame(&mut self, is_open: bool) {
        if !is_open {
            self.frame_since = None;
        } else if self.frame_since.is_none() {
            let now = Instant::now();
            self.frame_since = Some(now);
            if self.timer.deadline() > now + FRAME_STEP {
                self.timer.as_mut().reset(now + FRAME_STEP);
            }
        }
    }

    /// Winds the timer up again after it rang, and tells how long it has been quiet.
    pub(super) fn begin_again(&mut self) -> QuietFor {
        let now = Instant::now();
        if std::mem::take(&mut self.was_active) {
            self.active_until = now;
        }
        let step = if self.frame_since.is_some() { self.step.min(FRAME_STEP) } else { self.step };
        self.timer.as_mut().reset(now + step);
        QuietFor {
            idle: now - self.active_until,
            within_frame: self.frame_since.map_or(Duration::ZERO, |since| now - since),
        }
    }
}
