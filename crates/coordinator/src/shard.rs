//! One partition of `__consumer_offsets`: its groups, and the requests that wait.
//!
//! Joins the members of groups with their offsets: finds the group of a request, gives writes their
//! names and tells whoever waits what became of them. Which member may do what is the group's
//! affair. Committed offsets change when their records are in the log, never before, so that what
//! is told is what a shard that loads the log would tell.

mod batch;
mod commits;
mod deletions;
mod members;
mod reads;
mod replay;
mod sweep;
mod writes;

use std::{collections::VecDeque, sync::Arc};

use types::{Instant, Now};

use self::{sweep::Sweep, writes::UnderWay};
use crate::{
    Config, Effect, Effects, GroupError, Ticket, Writes,
    answer::Answer,
    group::GroupEffect,
    groups::{GroupNumber, Groups},
    offsets::Offsets,
    request::Request,
};

pub use reads::{CommittedIn, Glance};
pub use replay::{Fault, FaultReason, Replayed};

/// The groups of one partition of `__consumer_offsets`.
///
/// An answer goes to a ticket even when the connection behind it is gone: whoever asked for it has
/// nobody to tell it to, and a member that waited stays one until its session ends.
#[derive(Debug)]
pub struct Shard {
    config: Arc<Config>,
    groups: Groups,
    offsets: Offsets,
    writes: Writes,
    /// What was asked to be written and not reported yet, in order.
    under_way: VecDeque<UnderWay>,
    sweep: Sweep,
}

impl Shard {
    /// A shard without groups, to be loaded.
    #[must_use]
    pub fn new(config: Arc<Config>) -> Shard {
        Shard {
            config,
            groups: Groups::default(),
            offsets: Offsets::default(),
            writes: Writes::default(),
            under_way: VecDeque::new(),
            sweep: Sweep::default(),
        }
    }

    /// What the shard goes by.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The shard goes by this from here on.
    pub fn set_config(&mut self, config: Arc<Config>) {
        self.config = config;
    }

    /// The log is replayed: timers begin, and every member gets a full session time-out.
    pub fn start(&mut self, now: Now, effects: &mut Effects) {
        let numbers: Vec<GroupNumber> = self.groups.iter().map(|(number, _)| number).collect();
        for number in numbers {
            if self.groups.get(number).membership.is_some() {
                self.ask_members(now, number, effects, |members, turn| members.start(turn));
            }
        }
        self.sweep.start(now.instant, &self.config);
    }

    /// A client asks for something; the answer may come at once or with a later event.
    pub fn handle(&mut self, now: Now, ticket: Ticket, request: Request, effects: &mut Effects) {
        match request {
            Request::Join(join) => self.join(now, ticket, &join, effects),
            Request::Sync(sync) => self.sync(now, ticket, &sync, effects),
            Request::Heartbeat(heartbeat) => {
                let answer = Answer::Heartbeat(self.heartbeat(now, &heartbeat));
                effects.push(Effect::Answer { ticket, answer });
            }
            Request::Leave(leave) => self.leave(now, ticket, &leave, effects),
            Request::Commit(commit) => self.commit(now, ticket, commit, effects),
            Request::DeleteOffsets(request) => self.delete_offsets(ticket, request, effects),
            Request::DeleteGroup(group) => self.delete_group(ticket, &group, effects),
        }
    }

    /// When [`tick`](Shard::tick) is due next.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let sweep = self.sweep.deadline(self.under_way.front().map(|first| first.write));
        [self.groups.deadline(), sweep].into_iter().flatten().min()
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Now, effects: &mut Effects) {
        for number in self.groups.due(now.instant) {
            self.ask_members(now, number, effects, |members, turn| members.tick(turn));
        }
        self.sweep(now, effects);
    }

    /// The shard is given up: whoever waits is told that this broker looks after its group no
    /// longer.
    pub fn unload(mut self, effects: &mut Effects) {
        for under_way in std::mem::take(&mut self.under_way) {
            effects.extend(under_way.then.failed(&GroupError::NotCoordinator));
        }
        let mut told = Vec::new();
        for membership in self.groups.into_memberships() {
            membership.unload(&mut told);
        }
        for effect in told {
            match effect {
                GroupEffect::Answer { ticket, answer } => {
                    effects.push(Effect::Answer { ticket, answer });
                }
                // Nothing is written for a group that is given up.
                GroupEffect::Persist { .. } => {}
            }
        }
    }
}
