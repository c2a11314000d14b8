//! The bytes that unanswered requests may take, shared by all connections.
//!
//! A frame is charged for the memory that was really given to it, as its bytes arrive; what a frame
//! claims costs nothing. When the bytes are used up, connections wait in the order in which they
//! asked. So that half-received frames cannot block each other for ever, one frame at a time may
//! be received on credit: the memory in use never exceeds the budget by more than one frame.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The shared budget.
#[derive(Debug)]
pub struct Budget {
    bytes: Arc<Semaphore>,
    credit: Arc<Semaphore>,
    total: usize,
    waiting: AtomicUsize,
}

/// What one frame holds of the budget; given back when dropped.
#[derive(Debug, Default)]
pub(super) struct Charge {
    bytes: Option<OwnedSemaphorePermit>,
    credit: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Budget {
        let total = bytes.min(Semaphore::MAX_PERMITS);
        Budget {
            bytes: Arc::new(Semaphore::new(total)),
            credit: Arc::new(Semaphore::new(1)),
            total,
            waiting: AtomicUsize::new(0),
        }
    }

    /// How many bytes are taken.
    #[must_use]
    pub fn used(&self) -> usize {
        self.total.saturating_sub(self.bytes.available_permits())
    }

    /// Whether a connection waits for bytes.
    pub(super) fn is_short(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Adds bytes to a charge if they are there, or if the charge is on credit already.
    pub(super) fn try_charge(&self, charge: &mut Charge, bytes: u32) -> bool {
        if charge.credit.is_some() {
            return true;
        }
        match self.bytes.clone().try_acquire_many_owned(bytes) {
            Ok(permit) => {
                charge.add(permit);
                true
            }
            Err(_) => false,
        }
    }

    /// Waits in line for bytes, or for the credit.
    pub(super) async fn charge(self: Arc<Budget>, bytes: u32) -> Charge {
        let _waiting = Waiting::new(&self);
        tokio::select! {
            biased;
            permit = self.bytes.clone().acquire_many_owned(bytes) => {
                Charge { bytes: Some(permit.expect("the budget is never closed")), credit: None }
            }
            permit = self.credit.clone().acquire_owned() => {
                Charge { bytes: None, credit: Some(permit.expect("the budget is never closed")) }
            }
        }
    }
}

impl Charge {
    /// Joins two charges of one frame.
    pub(super) fn merge(&mut self, other: Charge) {
        if let Some(bytes) = other.bytes {
            self.add(bytes);
        }
        self.credit = self.credit.take().or(other.credit);
    }

    fn add(&mut self, permit: OwnedSemaphorePermit) {
        match &mut self.bytes {
            Some(bytes) => bytes.merge(permit),
            None => self.bytes = Some(permit),
        }
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Waiting<'_> {
    fn new(budget: &Budget) -> Waiting<'_> {
        budget.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&budget.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_come_back_when_a_charge_is_dropped() {
        let budget = Arc::new(Budget::new(100));
        let mut charge = Charge::default();
        assert!(budget.try_charge(&mut charge, 60));
        assert!(budget.try_charge(&mut charge, 30));
        assert!(!budget.try_charge(&mut Charge::default(), 20));
        assert_eq!(budget.used(), 90);
        drop(charge);
        assert_eq!(budget.used(), 0);
    }

    #[tokio::test]
    async fn one_frame_at_a_time_goes_on_by_credit() {
        let budget = Arc::new(Budget::new(100));
        let mut full = Charge::default();
        assert!(budget.try_charge(&mut full, 100));
        let mut on_credit = budget.clone().charge(50).await;
        assert!(budget.try_charge(&mut on_credit, 1000), "the credit covers the whole frame");
        let mut second = Box::pin(budget.clone().charge(50));
        assert!(second.as_mut().await_once().is_none(), "the credit is taken");
        assert!(budget.is_short());
        drop(on_credit);
        assert!(second.as_mut().await_once().is_some());
        assert!(!budget.is_short());
    }

    /// Polls a future by hand.
    trait AwaitOnce: Future {
        fn await_once(self: std::pin::Pin<&mut Self>) -> Option<Self::Output> {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            match self.poll(&mut context) {
                std::task::Poll::Ready(output) => Some(output),
                std::task::Poll::Pending => None,
            }
        }
    }

    impl<F: Future> AwaitOnce for F {}
}
