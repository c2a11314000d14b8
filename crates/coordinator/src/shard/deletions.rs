//! Forgetting offsets and groups on request.

use std::collections::BTreeSet;

use super::{Shard, batch::Batch, writes::Then};
use crate::{
    Effect, Effects, GroupError, GroupId, Ticket,
    answer::Answer,
    groups::GroupNumber,
    records::GroupRecord,
    request::{DeleteOffsets, GroupPartition},
};

/// Topics and partitions, as the keys of records name them.
pub(super) type UnderWayKeys<'a> = BTreeSet<(&'a str, i32)>;

pub(super) fn key_of(partition: &GroupPartition) -> (&str, i32) {
    (&partition.topic, partition.partition.0)
}

impl Shard {
    pub(super) fn delete_offsets(
        &mut self,
        ticket: Ticket,
        request: DeleteOffsets,
        effects: &mut Effects,
    ) {
        let group = match self.may_delete_offsets(&request.group.0) {
            Ok(group) => group,
            Err(error) => {
                let answer = Answer::DeleteOffsets(Err(error));
                effects.push(Effect::Answer { ticket, answer });
                return;
            }
        };
        let mut batch = Batch::default();
        let mut results = Vec::new();
        let under_way = self.under_way(group);
        for partition in request.partitions {
            let members = self.groups.get(group).membership.as_ref();
            if members.is_some_and(|members| members.is_subscribed(&partition.topic)) {
                results.push(Err(GroupError::SubscribedToTopic));
                continue;
            }
            results.push(Ok(()));
            if self.has_offset(group, &partition, &under_way) {
                batch.forget_offset(&request.group.0, partition);
            }
        }
        if batch.is_empty() {
            let answer = Answer::DeleteOffsets(Ok(results));
            effects.push(Effect::Answer { ticket, answer });
            return;
        }
        self.write(batch, Then::DeleteOffsets { group, ticket, results }, effects);
    }

    fn may_delete_offsets(&self, name: &str) -> Result<GroupNumber, GroupError> {
        self.may_ask(name)?;
        let (number, group) = self.groups.named(name).ok_or(GroupError::GroupNotFound)?;
        group.membership.as_ref().map_or(Ok(()), |members| members.check_delete_offsets())?;
        Ok(number)
    }

    /// Whether there is an offset, undecided or on its way into the log.
    fn has_offset(
        &self,
        group: GroupNumber,
        partition: &GroupPartition,
        under_way: &UnderWayKeys<'_>,
    ) -> bool {
        self.offsets.get(group, partition).is_some()
            || self.offsets.is_undecided(group, partition)
            || under_way.contains(&key_of(partition))
    }

    /// The topics and partitions of commits for the group that are on their way into the log.
    pub(super) fn under_way(&self, number: GroupNumber) -> UnderWayKeys<'_> {
        let group = self.groups.get(number);
        if group.writes == 0 {
            return BTreeSet::new();
        }
        let records = self.under_way.iter().flat_map(|write| &write.records);
        let keys = records.filter_map(|record| match record {
            GroupRecord::Offset(key, Some(_)) if *key.group == *group.name => {
                Some((&*key.topic, key.partition))
            }
            GroupRecord::Offset(..) | GroupRecord::Group(..) => None,
        });
        keys.collect()
    }

    pub(super) fn delete_group(&mut self, ticket: Ticket, group: &GroupId, effects: &mut Effects) {
        match self.may_delete_group(&group.0) {
            Ok(number) => {
                self.groups.get_mut(number).is_ending = true;
                self.delete_next_of(number, ticket, effects);
            }
            Err(error) => {
                effects.push(Effect::Answer { ticket, answer: Answer::DeleteGroup(Err(error)) });
            }
        }
    }

    fn may_delete_group(&self, name: &str) -> Result<GroupNumber, GroupError> {
        self.is_not_ending(name)?;
        let (number, group) = self.groups.named(name).ok_or(GroupError::GroupNotFound)?;
        group.membership.as_ref().map_or(Ok(()), |members| members.check_delete())?;
        Ok(number)
    }

    /// Asks for the next tombstones of a group to be written; the last one is the group's own.
    pub(super) fn delete_next_of(
        &mut self,
        number: GroupNumber,
        ticket: Ticket,
        effects: &mut Effects,
    ) {
        let name = &self.groups.get(number).name;
        let offsets = self.offsets.of_group(number).chain(self.offsets.undecided_of(number));
        let partitions = offsets.map(|(place, _)| self.offsets.partition(place));
        let under_way = self.under_way(number);
        let under_way = under_way.into_iter().map(|(topic, partition)| GroupPartition {
            topic: topic.into(),
            partition: partition.into(),
        });
        let mut batch = Batch::default();
        let mut is_last = true;
        for partition in partitions.chain(under_way) {
            if batch.is_full() {
                is_last = false;
                break;
            }
            batch.forget_offset(name, partition);
        }
        if is_last {
            batch.forget_group(name);
        }
        self.write(batch, Then::DeleteGroup { group: number, ticket, is_last }, effects);
    }
}
