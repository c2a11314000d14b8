//! Bytes that were moved, and what that took.

use crate::process;
use anyhow::Result;
use rustix::process::Pid;
use std::time::Duration;

/// How fast they were moved and what that took the broker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Megabytes in a second.
    pub rate: f64,
    /// The broker's processor seconds for a gigabyte.
    pub processor: f64,
}

impl Moved {
    /// Has so many bytes moved; the work tells how long that took without its preparations.
    pub fn by(broker: Pid, bytes: f64, work: impl FnOnce() -> Result<Duration>) -> Result<Moved> {
        let before = process::cpu_seconds(broker)?;
        let took = work()?;
        let used = process::cpu_seconds(broker)? - before;
        Ok(Moved { rate: bytes / 1e6 / took.as_secs_f64(), processor: used / (bytes / 1e9) })
    }
}
