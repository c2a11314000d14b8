//! One answer that is made of several of the node's: that of DeleteGroups, whose groups each have a
//! coordinator of their own.

use std::sync::{Mutex, PoisonError};

use node::coordinator::GroupError;

use super::{call::Call, delete_groups, desk::Desk};

/// What became of one group.
type Outcome = Result<(), GroupError>;

/// A request that is answered with the last of its groups.
pub(super) struct Gathering(Mutex<Option<Open>>);

/// A request of which some group is still open.
struct Open {
    call: Call,
    shape: delete_groups::Shape,
    outcomes: Vec<Option<Outcome>>,
}

impl Gathering {
    /// Waits for so many groups.
    pub(super) fn new(call: Call, shape: delete_groups::Shape, groups: usize) -> Gathering {
        Gathering(Mutex::new(Some(Open { call, shape, outcomes: vec![None; groups] })))
    }

    /// Notes what became of one group, and answers when it was the last.
    pub(super) fn settle(&self, desk: &Desk, index: usize, outcome: Outcome) {
        let Some(Open { call, shape, outcomes }) = self.note(index, outcome) else { return };
        let outcomes = outcomes.into_iter().flatten().collect();
        delete_groups::answer(desk, call, shape, outcomes);
    }

    fn note(&self, index: usize, outcome: Outcome) -> Option<Open> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_mut()?.outcomes[index] = Some(outcome);
        open.take_if(|open| open.outcomes.iter().all(Option::is_some))
    }
}
