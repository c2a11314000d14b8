//! Requests that wait: a produce for its acknowledgements, a fetch for bytes.

use std::sync::{
    Mutex, Weak,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use types::Instant;

use crate::{
    answer::{ProduceError, Produced},
    effect::Ticket,
    request::Fetch,
    slots::Slot,
};

type ProduceResult = Result<Produced, ProduceError>;

/// A produce request of which some partition is not acknowledged yet.
#[derive(Debug)]
pub(crate) struct ProduceWait {
    pub(crate) ticket: Ticket,
    pub(crate) deadline: Instant,
    results: Mutex<Results>,
}

#[derive(Debug)]
struct Results {
    settled: Vec<Option<ProduceResult>>,
    open: usize,
    answered: bool,
}

impl ProduceWait {
    /// Waits for one result for each partition, also for those that are known at once.
    pub(crate) fn new(ticket: Ticket, deadline: Instant, partitions: usize) -> ProduceWait {
        let settled = vec![None; partitions];
        let results = Results { settled, open: partitions, answered: false };
        ProduceWait { ticket, deadline, results: Mutex::new(results) }
    }

    /// Records the result of one partition; the whole answer when it was the last.
    pub(crate) fn settle(&self, index: usize, result: ProduceResult) -> Option<Vec<ProduceResult>> {
        let mut results = self.results.lock().expect("no thread panics while it settles");
        if results.settled[index].replace(result).is_none() {
            results.open -= 1;
        }
        (results.open == 0).then(|| results.answer()).flatten()
    }

    /// Whether the answer has been given out.
    pub(crate) fn is_answered(&self) -> bool {
        self.results.lock().expect("no thread panics while it settles").answered
    }

    /// Gives up on what is still open.
    pub(crate) fn expire(&self) -> Option<Vec<ProduceResult>> {
        self.results.lock().expect("no thread panics while it settles").answer()
    }
}

impl Results {
    fn answer(&mut self) -> Option<Vec<ProduceResult>> {
        if self.answered {
            return None;
        }
        self.answered = true;
        let settled = std::mem::take(&mut self.settled);
        // Later acknowledgements find the slots of an answered request again.
        self.settled = vec![None; settled.len()];
        self.open = settled.len() + 1;
        Some(settled.into_iter().map(|one| one.unwrap_or(Err(ProduceError::TimedOut))).collect())
    }
}

/// A fetch request that found too little.
#[derive(Debug)]
pub(crate) struct FetchWait {
    pub(crate) ticket: Ticket,
    pub(crate) deadline: Instant,
    pub(crate) request: Fetch,
    /// The places where it waits. They know of it, so it does not hold them.
    pub(crate) slots: Vec<Weak<Slot>>,
    /// How many bytes are missing, as far as is known.
    missing: AtomicUsize,
    woken: AtomicBool,
}

impl FetchWait {
    pub(crate) fn new(
        ticket: Ticket,
        deadline: Instant,
        request: Fetch,
        slots: Vec<Weak<Slot>>,
        missing: usize,
    ) -> Self {
        let (missing, woken) = (AtomicUsize::new(missing), AtomicBool::new(false));
        FetchWait { ticket, deadline, request, slots, missing, woken }
    }

    /// Counts bytes that became readable; true for the one call that completes the fetch.
    pub(crate) fn gain(&self, bytes: usize) -> bool {
        let before = self.missing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |missing| {
            Some(missing.saturating_sub(bytes))
        });
        before.is_ok_and(|missing| missing <= bytes) && self.wake()
    }

    /// True for the first call: the fetch shall be looked at again whatever is missing.
    pub(crate) fn wake(&self) -> bool {
        !self.woken.swap(true, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Offset;

    fn produced(offset: i64) -> ProduceResult {
        let log_start = Offset::ZERO;
        Ok(Produced { base_offset: Offset(offset), log_append_time: None, log_start })
    }

    #[test]
    fn a_produce_is_answered_with_its_last_partition() {
        let wait = ProduceWait::new(Ticket(1), Instant(9), 2);
        assert!(wait.settle(1, produced(7)).is_none());
        let answer = wait.settle(0, produced(3)).unwrap();
        assert!(matches!(&answer[..], [Ok(first), Ok(second)]
            if first.base_offset == Offset(3) && second.base_offset == Offset(7)));
    }

    #[test]
    fn an_expired_produce_is_answered_once_and_says_what_timed_out() {
        let wait = ProduceWait::new(Ticket(1), Instant(9), 2);
        assert!(wait.settle(0, produced(3)).is_none());
        let answer = wait.expire().unwrap();
        assert!(matches!(answer[..], [Ok(_), Err(ProduceError::TimedOut)]));
        assert!(wait.settle(1, produced(7)).is_none());
        assert!(wait.expire().is_none());
    }

    #[test]
    fn a_fetch_is_woken_once_when_enough_bytes_came() {
        let request = Fetch {
            isolation: crate::request::Isolation::Uncommitted,
            wait_max: std::time::Duration::ZERO,
            bytes_min: 100,
            bytes_max: 1000,
            partitions: Vec::new(),
        };
        let wait = FetchWait::new(Ticket(1), Instant(9), request, Vec::new(), 100);
        assert!(!wait.gain(60));
        assert!(wait.gain(60));
        assert!(!wait.gain(60));
        assert!(!wait.wake());
    }
}
