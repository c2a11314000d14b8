//! A client that asks for little, again and again, and notes how long it ever had to wait.

use anyhow::{Result, anyhow};
use client_tests::{hostile, wait};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const REST: Duration = Duration::from_millis(5);

/// The client at work, on one connection from its first request to its last.
pub(crate) struct Pulse {
    stop: Arc<AtomicBool>,
    worker: JoinHandle<Result<Duration>>,
}

impl Pulse {
    pub(crate) fn start(bootstrap: &str) -> Pulse {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, bootstrap) = (Arc::clone(&stop), bootstrap.to_owned());
        let worker = thread::spawn(move || beat(&bootstrap, &stopped));
        Pulse { stop, worker }
    }

    /// The longest wait for an answer.
    pub(crate) fn finish(self) -> Result<Duration> {
        self.stop.store(true, Ordering::Relaxed);
        self.worker.join().map_err(|_| anyhow!("the client's thread panicked"))?
    }
}

fn beat(bootstrap: &str, stop: &AtomicBool) -> Result<Duration> {
    let request = hostile::request(18, 0, false, &[]);
    let mut connection = hostile::open(bootstrap, &[])?;
    connection.set_nodelay(true)?;
    let mut longest = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let asked = wait::now();
        connection.write_all(&request)?;
        let mut size = [0; 4];
        connection.read_exact(&mut size)?;
        connection.read_exact(&mut vec![0; u32::from_be_bytes(size) as usize])?;
        longest = longest.max(asked.elapsed());
        wait::pause(REST);
    }
    Ok(longest)
}
