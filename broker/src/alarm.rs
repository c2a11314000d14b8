//! Wakes the node at the time it asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{sync::Notify, time::sleep};
use types::Instant;

use crate::shell::Shell;

/// The earliest time at which the node wants to be woken.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    earliest: Mutex<Option<Instant>>,
    changed: Notify,
}

impl Alarm {
    /// Rings no later than this.
    pub(crate) fn ring_at(&self, at: Instant) {
        let mut earliest = self.earliest();
        if earliest.is_none_or(|earliest| at < earliest) {
            *earliest = Some(at);
            drop(earliest);
            self.changed.notify_one();
        }
    }

    /// Ticks the node whenever it is time; does not end by itself.
    pub(crate) async fn run(shell: Arc<Shell>) {
        let alarm = &shell.alarm;
        loop {
            let at = *alarm.earliest();
            let now = shell.clock.now().instant;
            match at {
                None => alarm.changed.notified().await,
                Some(at) if at <= now => {
                    *alarm.earliest() = None;
                    shell.tick();
                }
                Some(at) => {
                    tokio::select! {
                        () = alarm.changed.notified() => {}
                        () = sleep(at.since(now)) => {}
                    }
                }
            }
        }
    }

    fn earliest(&self) -> MutexGuard<'_, Option<Instant>> {
        self.earliest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
