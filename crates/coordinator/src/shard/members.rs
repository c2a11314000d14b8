//! What a shard asks of a group's members.

use std::collections::VecDeque;

use types::Now;

use super::{Shard, batch::Batch, writes::Then};
use crate::{
    Effect, Effects, GroupError, Ticket, Write, WriteError,
    answer::Answer,
    group::{GroupEffect, Membership, PersistedGroup, Turn},
    groups::GroupNumber,
    records::{GroupMetadataKey, GroupRecord},
    request::{Heartbeat, Join, Leave, Sync},
};

impl Shard {
    pub(super) fn join(&mut self, now: Now, ticket: Ticket, join: &Join, effects: &mut Effects) {
        if let Err(error) = self.may_ask(&join.group.0) {
            effects.push(Effect::Answer { ticket, answer: Answer::Join(Err(error)) });
            return;
        }
        let number = self.groups.number_or_new(&join.group.0);
        self.ask_members(now, number, effects, |members, turn| members.join(ticket, join, turn));
    }

    pub(super) fn sync(&mut self, now: Now, ticket: Ticket, sync: &Sync, effects: &mut Effects) {
        if let Err(error) = self.may_ask(&sync.group.0) {
            effects.push(Effect::Answer { ticket, answer: Answer::Sync(Err(error)) });
            return;
        }
        let number = self.groups.number_or_new(&sync.group.0);
        self.ask_members(now, number, effects, |members, turn| members.sync(ticket, sync, turn));
    }

    pub(super) fn heartbeat(&mut self, now: Now, heartbeat: &Heartbeat) -> Result<(), GroupError> {
        self.may_ask(&heartbeat.group.0)?;
        let number = self.groups.number(&heartbeat.group.0).ok_or(GroupError::UnknownMember)?;
        let members = self.groups.get_mut(number).membership.as_mut();
        let members = members.ok_or(GroupError::UnknownMember)?;
        let result = members.heartbeat(&heartbeat.caller, now.instant);
        self.groups.set_timer(number);
        result
    }

    pub(super) fn leave(&mut self, now: Now, ticket: Ticket, leave: &Leave, effects: &mut Effects) {
        let result = self.may_ask(&leave.group.0).map(|()| {
            let number = self.groups.number_or_new(&leave.group.0);
            self.ask_members(now, number, effects, |members, turn| {
                members.leave(&leave.members, turn)
            })
        });
        effects.push(Effect::Answer { ticket, answer: Answer::Leave(result) });
    }

    /// Whether the members of a group can be asked anything now.
    pub(super) fn may_ask(&self, group: &str) -> Result<(), GroupError> {
        if group.is_empty() {
            return Err(GroupError::InvalidGroupId);
        }
        self.is_not_ending(group)
    }

    /// A group whose last tombstone is under way takes nothing on, since that would be forgotten
    /// with it.
    pub(super) fn is_not_ending(&self, group: &str) -> Result<(), GroupError> {
        match self.groups.named(group) {
            Some((_, group)) if group.is_ending => Err(GroupError::NotAvailable),
            Some(_) | None => Ok(()),
        }
    }

    /// Has the members of a group do something and carries out what comes of it. A group without
    /// members is like a new one.
    pub(super) fn ask_members<T>(
        &mut self,
        now: Now,
        number: GroupNumber,
        effects: &mut Effects,
        ask: impl FnOnce(&mut Membership, &mut Turn<'_>) -> T,
    ) -> T {
        let membership = self.groups.get_mut(number).membership.take();
        let mut membership = membership.unwrap_or_else(|| Box::new(Membership::new(now.wall)));
        let mut asked = Vec::new();
        let answer = ask(&mut membership, &mut self.turn(now, &mut asked));
        self.carry_out(now, number, &mut membership, asked, effects);
        if !membership.is_unused() {
            self.groups.get_mut(number).membership = Some(membership);
        }
        self.groups.set_timer(number);
        self.drop_if_gone(number);
        answer
    }

    pub(super) fn members_written(
        &mut self,
        now: Now,
        number: GroupNumber,
        write: Write,
        result: Result<(), WriteError>,
        effects: &mut Effects,
    ) {
        self.groups.get_mut(number).is_written |= result.is_ok();
        self.ask_members(now, number, effects, |members, turn| {
            members.written(write, result, turn);
        });
    }

    fn carry_out(
        &mut self,
        now: Now,
        number: GroupNumber,
        membership: &mut Membership,
        asked: Vec<GroupEffect>,
        effects: &mut Effects,
    ) {
        let mut asked = VecDeque::from(asked);
        while let Some(effect) = asked.pop_front() {
            match effect {
                GroupEffect::Answer { ticket, answer } => {
                    effects.push(Effect::Answer { ticket, answer });
                }
                GroupEffect::Persist { write, group } => {
                    if let Some(batch) = self.written_down(number, group) {
                        self.write_as(write, batch, Then::Members(number), effects);
                    } else {
                        let mut more = Vec::new();
                        let turn = &mut self.turn(now, &mut more);
                        membership.written(write, Err(WriteError::TooLarge), turn);
                        asked.extend(more);
                    }
                }
            }
        }
    }

    /// The group as a record, if its texts are not too long for one.
    fn written_down(&self, number: GroupNumber, group: PersistedGroup) -> Option<Batch> {
        let key = GroupMetadataKey { group: self.groups.get(number).name.as_ref().into() };
        let mut batch = Batch::default();
        batch.push(GroupRecord::Group(key, Some(group.into()))).ok()?;
        Some(batch)
    }

    fn turn<'a>(&'a mut self, now: Now, effects: &'a mut Vec<GroupEffect>) -> Turn<'a> {
        Turn { now, config: &self.config, writes: &mut self.writes, effects }
    }
}
