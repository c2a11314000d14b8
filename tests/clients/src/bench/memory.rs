//! What a process holds at most while somebody watches.

use super::figure::Figure;
use crate::{process, wait};
use anyhow::Result;
use rustix::process::Pid;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often it is looked at; the kernel itself remembers the most of both kinds together only.
const LOOK: Duration = Duration::from_millis(100);

/// Somebody who watches until this value goes.
pub struct Watch {
    process: Pid,
    most: Arc<Most>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Most {
    anonymous: AtomicU64,
    files: AtomicU64,
}

impl Watch {
    /// Begins to watch.
    #[must_use]
    pub fn start(process: Pid) -> Watch {
        let (most, stop) = (Arc::<Most>::default(), Arc::<AtomicBool>::default());
        let (noted, stopped) = (Arc::clone(&most), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                // A process that has ended holds nothing.
                let [anonymous, files] = process::resident_bytes_apart(process).unwrap_or_default();
                noted.anonymous.fetch_max(anonymous, Ordering::Relaxed);
                noted.files.fetch_max(files, Ordering::Relaxed);
                wait::pause(LOOK);
            }
        });
        Watch { process, most, stop, thread: Some(thread) }
    }

    /// The process.
    #[must_use]
    pub fn process(&self) -> Pid {
        self.process
    }

    /// The most so far.
    pub fn figures(&self) -> Result<[(Figure, f64); 3]> {
        let all = process::resident_bytes_max(self.process)?;
        Ok([
            (Figure::LoadMemory, mebibytes(all)),
            (Figure::LoadAnonymous, mebibytes(self.most.anonymous.load(Ordering::Relaxed))),
            (Figure::LoadFiles, mebibytes(self.most.files.load(Ordering::Relaxed))),
        ])
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            eprintln!("the thread that watches the memory panicked");
        }
    }
}

/// Bytes as people count memory.
#[must_use]
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
