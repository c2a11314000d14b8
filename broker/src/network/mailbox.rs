//! Where the answers to one connection's requests arrive, from whatever thread.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use super::service::Reply;

/// The answers that wait for a connection's task.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    replies: Vec<(u64, Reply)>,
    /// Tickets whose service wants to be called again by the connection's task.
    nudges: Vec<u64>,
    /// Tickets that wait, by the sequence number of their request.
    parked: Vec<(u64, u64)>,
    /// Set while the task sleeps.
    waker: Option<Waker>,
    is_closed: bool,
}

/// The right and the duty to answer one request.
///
/// Dropped without an answer it closes the connection, so that a forgotten request cannot hold up
/// those behind it for ever.
#[derive(Debug)]
pub struct Replier {
    mailbox: Arc<Mailbox>,
    sequence: u64,
    is_answered: bool,
}

impl Mailbox {
    /// Moves what has arrived to `replies` and `nudges`. The task is awake, so nothing has to wake
    /// it.
    pub(super) fn take(&self, replies: &mut Vec<(u64, Reply)>, nudges: &mut Vec<u64>) {
        let mut state = self.state();
        state.waker = None;
        replies.append(&mut state.replies);
        nudges.append(&mut state.nudges);
    }

    /// Has `waker` called once something arrives; false when something is there already.
    pub(super) fn sleep(&self, waker: &Waker) -> bool {
        let mut state = self.state();
        if !state.replies.is_empty() || !state.nudges.is_empty() {
            return false;
        }
        if !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        true
    }

    /// Throws away all answers from here on: nobody will read them. Gives the tickets that still
    /// wait.
    pub(super) fn close(&self) -> Vec<u64> {
        let mut state = self.state();
        let parked = std::mem::take(&mut state.parked);
        *state = State { is_closed: true, ..State::default() };
        parked.into_iter().map(|(_, ticket)| ticket).collect()
    }

    fn put(&self, sequence: u64, reply: Reply) {
        self.change(|state| {
            state.parked.retain(|(parked, _)| *parked != sequence);
            state.replies.push((sequence, reply));
        });
    }

    /// Changes the state, unless it is closed, and wakes the task.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let waker = {
            let mut state = self.state();
            if state.is_closed {
                return;
            }
            change(&mut state);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Replier {
    pub(super) fn new(mailbox: Arc<Mailbox>, sequence: u64) -> Replier {
        Replier { mailbox, sequence, is_answered: false }
    }

    /// Answers the request.
    pub fn send(mut self, reply: Reply) {
        self.is_answered = true;
        self.mailbox.put(self.sequence, reply);
    }

    /// Gives the wait for this answer a name, for [`Service::resume`](super::Service::resume) and
    /// [`Service::abandon`](super::Service::abandon).
    pub fn park(&self, ticket: u64) {
        let mut state = self.mailbox.state();
        if !state.is_closed {
            state.parked.push((self.sequence, ticket));
        }
    }

    /// Has the connection's task call [`Service::resume`](super::Service::resume), so that the work
    /// is done there and not by the caller.
    pub fn nudge(&self, ticket: u64) {
        self.mailbox.change(|state| state.nudges.push(ticket));
    }
}

impl Drop for Replier {
    fn drop(&mut self) {
        if !self.is_answered {
            self.mailbox.put(self.sequence, Reply::Close("the request was given up".to_owned()));
        }
    }
}
