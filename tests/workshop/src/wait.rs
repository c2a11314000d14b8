//! Waiting for a process: never without an end.

use anyhow::{Result, bail};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PAUSE: Duration = Duration::from_millis(2);

/// Asks until there is an answer; an error that names `what` when there is none in time.
pub fn until<T>(
    patience: Duration,
    what: &str,
    mut ask: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if start.elapsed() > patience {
            bail!("waited {} s in vain until {what}", patience.as_secs());
        }
        pause(PAUSE);
    }
}

/// Lets time pass.
#[expect(clippy::disallowed_methods, reason = "a test waits for another process")]
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// The moment, to measure from.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a test measures another process")]
pub fn now() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a broker refuses timestamps far from its own time")]
pub fn wall_clock() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
