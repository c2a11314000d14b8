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
    /// Moves what has arrived to `replies`. The task is awake, so nothing has to wake it.
    pub(super) fn take(&self, replies: &mut Vec<(u64, Reply)>) {
        let mut state = self.state();
        state.waker = None;
        replies.append(&mut state.replies);
    }

    /// Has `waker` called once something arrives; false when something is there already.
    pub(super) fn sleep(&self, waker: &Waker) -> bool {
        let mut state = self.state();
        if !state.replies.is_empty() {
            return false;
        }
        if !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        true
    }

    /// Throws away all answers from here on: nobody will read them.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.waker = None;
        state.replies = Vec::new();
    }

    fn put(&self, sequence: u64, reply: Reply) {
        let waker = {
            let mut state = self.state();
            if state.is_closed {
                return;
            }
            state.replies.push((sequence, reply));
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

    /// Whether the connection is gone, so that the answer would be thrown away.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.mailbox.state().is_closed
    }
}

impl Drop for Replier {
    fn drop(&mut self) {
        if !self.is_answered {
            self.mailbox.put(self.sequence, Reply::Close("the request was given up".to_owned()));
        }
    }
}
