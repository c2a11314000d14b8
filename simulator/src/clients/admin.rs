//! The one who creates the topics, and asks again until they are there.

use runtime::{Random, simulated::SimRandom};

use crate::{
    plan::TopicPlan,
    violation::{Checked, Violation},
    words::{Ask, Refusal, Reply},
};

/// Creates the topics of the plan.
#[derive(Debug)]
pub(crate) struct Admin {
    topics: Vec<TopicPlan>,
    asked: Option<u64>,
    is_done: bool,
}

impl Admin {
    /// One who is to create these topics.
    #[must_use]
    pub(crate) fn new(topics: Vec<TopicPlan>) -> Admin {
        Admin { topics, asked: None, is_done: false }
    }

    /// What is asked next, under this ticket.
    pub(crate) fn ask(&mut self, ticket: u64, random: &mut SimRandom) -> Option<Ask> {
        if self.is_done || self.asked.is_some() {
            return None;
        }
        self.asked = Some(ticket);
        let ids = self.topics.iter().map(|_| random.uuid()).collect();
        Some(Ask::CreateTopics { topics: self.topics.clone(), ids })
    }

    /// Takes the reply.
    pub(crate) fn take(&mut self, ticket: u64, reply: &Reply) -> Checked {
        if self.asked != Some(ticket) {
            return Ok(());
        }
        self.asked = None;
        match reply {
            Reply::TopicsCreated => self.is_done = true,
            Reply::Refused(Refusal::TryAgain) => {}
            Reply::Refused(Refusal::OutOfOrder | Refusal::OutOfRange | Refusal::Unexpected)
            | Reply::ProducerId(..)
            | Reply::Produced(_)
            | Reply::Fetched { .. }
            | Reply::Group(_)
            | Reply::Committed(_)
            | Reply::Deleted(_) => {
                return Err(Violation::new("a reply fits its request", reply));
            }
        }
        Ok(())
    }

    /// The connection broke: no answer will come.
    pub(crate) fn disconnected(&mut self) {
        self.asked = None;
    }

    /// Whether the topics are there.
    #[must_use]
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }
}
