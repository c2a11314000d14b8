//! The requests of one connection that were called and are not yet answered, in their order.

use std::{collections::VecDeque, sync::Arc, task::Waker};

use super::{
    mailbox::{Mailbox, Replier},
    service::{Order, Reply},
};

/// A window over the connection's requests: answers come in any order and leave in theirs.
pub(super) struct Requests {
    mailbox: Arc<Mailbox>,
    arrived: Vec<(u64, Reply)>,
    /// Tickets of waits that are to be gone on with.
    pub(super) nudges: Vec<u64>,
    waiting: VecDeque<Option<Reply>>,
    waiting_max: usize,
    /// The sequence number of the first one waiting.
    first: u64,
    /// Whether the last one has to be answered before the next is called.
    is_held: bool,
    /// Why the connection is closed once the answers before are written.
    pub(super) closing: Option<String>,
}

impl Requests {
    pub(super) fn new(waiting_max: usize) -> Requests {
        Requests {
            mailbox: Arc::default(),
            arrived: Vec::new(),
            nudges: Vec::new(),
            waiting: VecDeque::new(),
            waiting_max,
            first: 0,
            is_held: false,
            closing: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether the next request may be called.
    pub(super) fn may_begin(&self) -> bool {
        let is_held = self.is_held && !self.waiting.is_empty();
        !is_held && self.closing.is_none() && self.waiting.len() < self.waiting_max
    }

    /// Opens a place for the next request's answer.
    pub(super) fn begin(&mut self) -> Replier {
        let sequence = self.first + self.waiting.len() as u64;
        self.waiting.push_back(None);
        Replier::new(self.mailbox.clone(), sequence)
    }

    /// Notes what the last request means for the one after it.
    pub(super) fn called(&mut self, order: Order) {
        self.is_held = order == Order::Alone;
    }

    /// Puts the answers that have arrived into their places.
    pub(super) fn take_arrived(&mut self) {
        self.mailbox.take(&mut self.arrived, &mut self.nudges);
        for (sequence, reply) in self.arrived.drain(..) {
            let place =
                sequence.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
            let place = place.and_then(|index| self.waiting.get_mut(index));
            // After a close, those behind it have no place any more.
            if let Some(place) = place {
                *place = Some(reply);
            }
        }
    }

    /// The answer of the first request waiting, if it is there.
    pub(super) fn next_answer(&mut self) -> Option<Reply> {
        let reply = self.waiting.front_mut()?.take()?;
        self.waiting.pop_front();
        self.first += 1;
        Some(reply)
    }

    /// Ends the connection after what was answered so far; what waits behind is given up.
    pub(super) fn close(&mut self, reason: String) {
        self.waiting.clear();
        self.closing = Some(reason);
    }

    /// Has `waker` called once an answer arrives; false when one is there already.
    pub(super) fn sleep(&self, waker: &Waker) -> bool {
        self.mailbox.sleep(waker)
    }

    /// Throws away the answers still to come; gives the tickets of those that wait.
    pub(super) fn abandon(&self) -> Vec<u64> {
        self.mailbox.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(text: &str) -> Reply {
        Reply::Close(text.to_owned())
    }

    #[test]
    fn answers_leave_in_the_order_of_the_requests() {
        let mut requests = Requests::new(2);
        let first = requests.begin();
        let second = requests.begin();
        assert!(!requests.may_begin(), "two may wait");
        second.send(Reply::Nothing);
        requests.take_arrived();
        assert!(requests.next_answer().is_none());
        first.send(close("first"));
        requests.take_arrived();
        assert!(matches!(requests.next_answer(), Some(Reply::Close(text)) if text == "first"));
        assert!(matches!(requests.next_answer(), Some(Reply::Nothing)));
        assert!(requests.is_empty());
    }

    #[test]
    fn a_request_that_stands_alone_holds_back_the_next_until_it_is_answered() {
        let mut requests = Requests::new(5);
        let pipelined = requests.begin();
        requests.called(Order::Pipelined);
        assert!(requests.may_begin());
        let alone = requests.begin();
        requests.called(Order::Alone);
        assert!(!requests.may_begin());
        alone.send(Reply::Nothing);
        pipelined.send(Reply::Nothing);
        requests.take_arrived();
        requests.next_answer();
        requests.next_answer();
        assert!(requests.may_begin());
    }

    #[test]
    fn a_request_dropped_without_an_answer_closes_the_connection() {
        let mut requests = Requests::new(5);
        drop(requests.begin());
        requests.take_arrived();
        assert!(matches!(requests.next_answer(), Some(Reply::Close(_))));
    }
}
