//! How far the opening of the logs has come that were there at the start; it is told of while it
//! goes on, since it can take long after a crash.

use std::{
    fmt,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use storage::Recovery;
use types::{Instant, Now};

use crate::{
    Node,
    effect::{Effects, Ticket},
};

/// The ticket under which the next word about recovery waits.
pub(crate) const RECOVERY: Ticket = Ticket(u64::MAX - 2);

/// How often it is said how far recovery has come.
const INTERVAL: Duration = Duration::from_secs(3);

/// How many logs of those that were there at the start are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryView {
    /// So many are done with: open, or given up.
    pub recovered: usize,
    /// Of so many.
    pub of: usize,
}

/// How far it has come.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<Inner>);

#[derive(Debug, Default, Clone, Copy)]
struct Inner {
    began: Instant,
    /// How many logs were there; none before the metadata said which of them are wanted.
    of: Option<usize>,
    recovered: usize,
    failed: usize,
    bytes_checked: u64,
    bytes_removed: u64,
}

impl Progress {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no thread panics while it counts logs")
    }
}

impl Node {
    /// How many of the logs that were there at the start are open; none before that is known.
    #[must_use]
    pub fn recovery(&self) -> Option<RecoveryView> {
        let Inner { recovered, of, .. } = *self.recovery.inner();
        Some(RecoveryView { recovered, of: of? })
    }

    /// So many logs are to be opened that were there at the start.
    pub(crate) fn begin_recovery(&self, now: Now, logs: usize, effects: &mut Effects) {
        *self.recovery.inner() = Inner { began: now.instant, of: Some(logs), ..Inner::default() };
        if logs > 0 {
            self.deadlines.add(now.instant.after(INTERVAL), RECOVERY, effects);
        }
    }

    /// One of these logs is open, or could not be opened.
    pub(crate) fn recovered(&self, now: Now, outcome: Option<Recovery>) {
        let mut inner = self.recovery.inner();
        inner.recovered += 1;
        match outcome {
            Some(recovery) => {
                inner.bytes_checked += recovery.bytes_checked;
                inner.bytes_removed += recovery.bytes_removed;
            }
            None => inner.failed += 1,
        }
        if inner.of == Some(inner.recovered) {
            tracing::info!("{}", Summary(*inner, now.instant.since(inner.began)));
        }
    }

    /// It is time to say how far recovery has come.
    pub(crate) fn tell_of_recovery(&self, now: Now, effects: &mut Effects) {
        let inner = *self.recovery.inner();
        if inner.of.is_some_and(|of| inner.recovered < of) {
            tracing::info!("{}", Summary(inner, now.instant.since(inner.began)));
            self.deadlines.add(now.instant.after(INTERVAL), RECOVERY, effects);
        }
    }
}

/// A sentence about recovery.
struct Summary(Inner, Duration);

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary(inner, took) = self;
        let of = inner.of.unwrap_or_default();
        write!(
            formatter,
            "recovered {} of {of} logs in {:.1} s, {} checked",
            inner.recovered,
            took.as_secs_f64(),
            Bytes(inner.bytes_checked)
        )?;
        if inner.bytes_removed > 0 {
            write!(formatter, ", {} cut off that made no sense", Bytes(inner.bytes_removed))?;
        }
        if inner.failed > 0 {
            write!(formatter, ", {} could not be opened", inner.failed)?;
        }
        Ok(())
    }
}

/// A number of bytes as people say it.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut size = self.0 as f64;
        let mut unit = "bytes";
        for larger in ["kB", "MB", "GB", "TB"] {
            if size < 1000.0 {
                break;
            }
            (size, unit) = (size / 1000.0, larger);
        }
        match unit {
            "bytes" => write!(formatter, "{} bytes", self.0),
            _ => write!(formatter, "{size:.1} {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_one_sentence() {
        let inner = Inner {
            of: Some(120),
            recovered: 37,
            bytes_checked: 3_210_000_000,
            ..Inner::default()
        };
        let told = Summary(inner, Duration::from_millis(4_249)).to_string();
        assert_eq!(told, "recovered 37 of 120 logs in 4.2 s, 3.2 GB checked");
    }

    #[test]
    fn what_was_lost_is_told_too() {
        let inner =
            Inner { of: Some(2), recovered: 2, failed: 1, bytes_removed: 61, ..Inner::default() };
        let told = Summary(inner, Duration::ZERO).to_string();
        assert_eq!(
            told,
            "recovered 2 of 2 logs in 0.0 s, 0 bytes checked, 61 bytes cut off that made no \
             sense, 1 could not be opened"
        );
    }
}
