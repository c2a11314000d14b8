//! Producer ids: blocks of them come from the controller, single ones go to producers.

use std::{collections::BTreeSet, ops::Range};

use types::{Now, ProducerEpoch, ProducerId};

use crate::{
    Node,
    answer::{Answer, ProducerIdError},
    control::Command,
    effect::{Effect, Effects, Ticket},
};

/// What is left of the block, and who waits for the next.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    block: Range<i64>,
    waiting: BTreeSet<Ticket>,
}

impl ProducerIds {
    /// Forgets one who waits; whether there was one.
    pub(crate) fn forget(&mut self, ticket: Ticket) -> bool {
        self.waiting.remove(&ticket)
    }
}

impl Node {
    /// Gives a producer an id of its own, in epoch 0 (`InitProducerId` without transactions).
    pub fn init_producer_id(&self, now: Now, ticket: Ticket, effects: &mut Effects) {
        let mut ids = self.producer_ids();
        if let Some(id) = ids.block.next() {
            effects.push(given(ticket, id));
            return;
        }
        if ids.waiting.is_empty() {
            effects.push(Effect::Control(Command::AllocateProducerIds));
        }
        ids.waiting.insert(ticket);
        let deadline = now.instant.after(self.config.request_timeout);
        self.deadlines.add(deadline, ticket, effects);
    }

    /// Serves those who wait from a new block; asks for another when it does not suffice.
    pub(crate) fn take_producer_ids(&self, block: Range<i64>, effects: &mut Effects) {
        let mut ids = self.producer_ids();
        ids.block = block;
        while let Some(ticket) = ids.waiting.pop_first() {
            let Some(id) = ids.block.next() else {
                ids.waiting.insert(ticket);
                effects.push(Effect::Control(Command::AllocateProducerIds));
                return;
            };
            effects.push(given(ticket, id));
        }
    }

    /// Tells those who wait to try again: the controller could not give a block.
    pub(crate) fn refuse_producer_ids(&self, effects: &mut Effects) {
        for ticket in std::mem::take(&mut self.producer_ids().waiting) {
            effects.push(refused(ticket));
        }
    }
}

fn given(ticket: Ticket, id: i64) -> Effect {
    let answer = Answer::ProducerId(Ok((ProducerId(id), ProducerEpoch(0))));
    Effect::Answer { ticket, answer }
}

pub(crate) fn refused(ticket: Ticket) -> Effect {
    Effect::Answer { ticket, answer: Answer::ProducerId(Err(ProducerIdError::NoneAtHand)) }
}
