//! Tells all connections at once that the broker stops.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Waker},
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
    /// Who is woken by the signal.
    registered: Option<Waker>,
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
        let notified = Box::pin(self.notify.clone().notified_owned());
        Stopping { stop: self.clone(), notified, registered: None }
    }
}

impl Stopping {
    /// Whether the signal was given; if not, the task is woken when it is.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> bool {
        if self.stop.is_set.load(Ordering::Relaxed) {
            return true;
        }
        let waker = context.waker();
        // A connection asks several times for each request: to register again would take a lock.
        if self.registered.as_ref().is_some_and(|registered| registered.will_wake(waker)) {
            return false;
        }
        self.registered = Some(waker.clone());
        self.notified.as_mut().poll(context).is_ready()
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll};

    use super::*;

    #[tokio::test]
    async fn a_task_that_asked_before_hears_the_signal() {
        let stop = Stop::default();
        let mut stopping = stop.stopping();
        let task = tokio::spawn(poll_fn(move |context| {
            if stopping.poll(context) || stopping.poll(context) {
                return Poll::Ready(());
            }
            Poll::Pending
        }));
        tokio::task::yield_now().await;
        assert!(!task.is_finished());
        stop.set();
        task.await.unwrap();
    }
}
