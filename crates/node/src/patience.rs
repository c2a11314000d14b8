//! How long those wait who ask the controller for something.

use std::time::Duration;

use types::Now;

use crate::{
    Node,
    answer::Answer,
    control::{Command, Outcome, Refusal, Request},
    coordinators::CREATION,
    effect::{Effect, Effects, Ticket},
};

impl Node {
    /// Hands a request to the controller. One that is not decided in time is told so; what it asked
    /// for may be done all the same.
    pub fn ask_controller(
        &self,
        now: Now,
        ticket: Ticket,
        patience: Duration,
        request: Request,
        effects: &mut Effects,
    ) {
        let deadline = now.instant.after(patience);
        self.asked().insert(ticket, deadline);
        self.deadlines.add(deadline, ticket, effects);
        effects.push(Effect::Control(Command::Request { ticket, request }));
    }

    /// Nobody has to wait for this any more.
    pub(crate) fn forget_asked(&self, ticket: Ticket) {
        if let Some(deadline) = self.asked().remove(&ticket) {
            self.deadlines.remove(deadline, ticket);
        }
    }

    /// Answers a request that the controller did not decide in time; whether it was one.
    pub(crate) fn expire_asked(&self, ticket: Ticket, effects: &mut Effects) -> bool {
        let was_asked = self.asked().remove(&ticket).is_some();
        if was_asked && ticket == CREATION {
            self.offsets_topic_asked(&Outcome::Refused(Refusal::TimedOut));
        } else if was_asked {
            let answer = Answer::Control(Outcome::Refused(Refusal::TimedOut));
            effects.push(Effect::Answer { ticket, answer });
        }
        was_asked
    }
}
