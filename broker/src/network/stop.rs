//! Tells all connections at once that the broker stops.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Context,
};

use tokio::sync::{Notify, futures::OwnedNotified};

/// The signal.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    is_set: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

/// One task's wait for the signal.
pub(super) struct Stopping {
    stop: Stop,
    notified: Pin<Box<OwnedNotified>>,
}

impl Stop {
    /// Gives the signal.
    pub fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    /// Waits for the signal.
    pub async fn wait(&self) {
        // Registered before the look at the flag, so that no signal falls between the two.
        let notified = self.notify.notified();
        if !self.is_set.load(Ordering::SeqCst) {
            notified.await;
        }
    }

    pub(super) fn stopping(&self) -> Stopping {
        Stopping { stop: self.clone(), notified: Box::pin(self.notify.clone().notified_owned()) }
    }
}

impl Stopping {
    /// Whether the signal was given; if not, the task is woken when it is.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> bool {
        if self.stop.is_set.load(Ordering::Relaxed) {
            return true;
        }
        self.notified.as_mut().poll(context).is_ready()
    }
}
