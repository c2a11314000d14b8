//! What is known of the group from the outside, and what must therefore be true.
//!
//! Requests are noted when they reach the node and answers when they leave it: that is the order in
//! which the coordinator knows of them, whatever the clients learn later or never.

mod committed;
mod consumption;
mod fencing;
mod owners;

use std::collections::{BTreeMap, BTreeSet};

use node::coordinator::{
    GroupError,
    answer::Answer,
    request::{Caller, Commit, Request},
};
use types::{Instant, Offset};

use crate::{
    plan::GroupPlan,
    violation::{Checked, must},
    words::{Ask, Place, Reply, places_in, tag_of},
};

use committed::Committed;
use consumption::Consumption;
use fencing::Fencing;
use owners::Owners;

/// The memory of all members of the group together.
#[derive(Debug)]
pub(crate) struct Groups {
    /// Whether what is committed is on disk when that is said.
    flushes: bool,
    owners: Owners,
    fencing: Fencing,
    committed: Committed,
    consumption: Consumption,
    /// What the running process was asked and has not answered, by ticket.
    asked: BTreeMap<u64, Asked>,
}

/// A request that the node has taken.
#[derive(Debug)]
struct Asked {
    /// The client's number, unless its connection was broken by then.
    client: Option<usize>,
    request: AskedFor,
}

#[derive(Debug)]
enum AskedFor {
    Members(Box<Request>, Option<&'static str>),
    Offsets,
}

impl Groups {
    /// The memory of a group that nobody has joined.
    #[must_use]
    pub(crate) fn new(plan: Option<&GroupPlan>) -> Groups {
        Groups {
            flushes: plan.is_some_and(|plan| plan.flushes),
            owners: Owners::default(),
            fencing: Fencing::default(),
            committed: Committed::default(),
            consumption: Consumption::default(),
            asked: BTreeMap::new(),
        }
    }

    /// A request has reached the node.
    pub(crate) fn asked(&mut self, now: Instant, client: Option<usize>, ticket: u64, ask: &Ask) {
        let request = match ask {
            Ask::Group(request) => {
                let refusal = self.fencing.asked(now, ticket, request);
                if let Request::Commit(commit) = &**request {
                    self.committed.asked(commit);
                }
                AskedFor::Members(request.clone(), refusal)
            }
            Ask::Committed { .. } => AskedFor::Offsets,
            Ask::ProducerId
            | Ask::Produce { .. }
            | Ask::Fetch { .. }
            | Ask::DeleteRecords { .. }
            | Ask::CreateTopics { .. } => return,
        };
        self.asked.insert(ticket, Asked { client, request });
    }

    /// The node has answered.
    pub(crate) fn answered(&mut self, now: Instant, ticket: u64, reply: &Reply) -> Checked {
        let Some(Asked { client, request }) = self.asked.remove(&ticket) else { return Ok(()) };
        match (request, reply) {
            (AskedFor::Members(request, refusal), Reply::Group(answer)) => {
                self.fencing.answered(now, ticket, &request, answer);
                match (*request, answer) {
                    (Request::Sync(sync), Answer::Sync(Ok(synced))) => {
                        let places = places_in(&synced.assignment);
                        let generation = sync.caller.generation;
                        client.map_or(Ok(()), |client| {
                            self.owners.assigned(generation, client, &places)
                        })
                    }
                    (
                        Request::Heartbeat(beat),
                        Answer::Heartbeat(Ok(()) | Err(GroupError::RebalanceInProgress)),
                    ) => must_be_one(&beat.caller, refusal),
                    (Request::Commit(commit), Answer::Commit(results)) => {
                        self.commit_answered(&commit, results, refusal)
                    }
                    _ => Ok(()),
                }
            }
            (AskedFor::Offsets, Reply::Committed(offsets)) => self.told(offsets),
            _ => Ok(()),
        }
    }

    /// Somebody was told what is committed.
    pub(crate) fn told(&mut self, offsets: &[(Place, Option<(Offset, u64)>)]) -> Checked {
        for (place, committed) in offsets {
            self.committed.read(*place, committed.as_ref())?;
        }
        Ok(())
    }

    fn commit_answered(
        &mut self,
        commit: &Commit,
        results: &[Result<(), GroupError>],
        refusal: Option<&'static str>,
    ) -> Checked {
        for (offset, result) in commit.offsets.iter().zip(results) {
            let place = Place::of(&offset.partition);
            let tag = tag_of(&offset.metadata);
            match result {
                Ok(()) => {
                    must_be_one(&commit.caller, refusal)?;
                    self.committed.acknowledged(place, tag);
                }
                Err(
                    GroupError::UnknownMember
                    | GroupError::FencedInstance(_)
                    | GroupError::IllegalGeneration
                    | GroupError::RebalanceInProgress,
                ) => self.committed.refused(place, tag),
                // It may be in the log or not.
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// A member has read a record.
    pub(crate) fn read(&mut self, place: Place, offset: Offset) {
        self.consumption.read(place, offset);
    }

    /// The group has to have read these records, which are all that a partition holds.
    pub(crate) fn scanned(&self, place: Place, offsets: &BTreeSet<Offset>) -> Checked {
        self.consumption.scanned(place, offsets)
    }

    /// A process has ended: what it was asked it does not answer.
    pub(crate) fn process_ended(&mut self) {
        self.asked.clear();
        self.fencing.process_ended();
    }

    /// The power was cut: what was not flushed may be gone.
    pub(crate) fn power_was_cut(&mut self) {
        if !self.flushes {
            self.owners = Owners::default();
            self.fencing = Fencing::default();
            self.committed.power_was_cut();
        }
    }
}

/// Fails when somebody was taken for a member although there is a reason why not.
fn must_be_one(caller: &Caller, refusal: Option<&'static str>) -> Checked {
    must("a fenced or expired member is none", refusal.is_none(), || {
        let Caller { member, generation, .. } = caller;
        format!("{member} of generation {generation}: {}", refusal.unwrap_or_default())
    })
}
