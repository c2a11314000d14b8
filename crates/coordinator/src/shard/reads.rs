//! What a shard tells without changing: of offsets, only what is written.

use bytestring::ByteString;
use types::{Offset, PartitionIndex};

use super::{
    Shard,
    deletions::{UnderWayKeys, key_of},
};
use crate::{
    GroupError, GroupId,
    answer::{CommittedOffset, Described, FetchedOffset, Listed, State},
    group::Membership,
    groups::{Group, GroupNumber},
    offsets::Offsets,
    request::{GroupPartition, WantedOffset},
};

/// A committed offset among all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommittedIn<'a> {
    /// The group.
    pub group: &'a str,
    /// The topic.
    pub topic: &'a str,
    /// The partition.
    pub partition: PartitionIndex,
    /// The offset of the record to be read next.
    pub offset: Offset,
}

/// The partitions of a group whose offsets a transaction or a commit under way may still change.
struct Unstable<'a> {
    shard: &'a Shard,
    group: GroupNumber,
    under_way: UnderWayKeys<'a>,
}

impl Unstable<'_> {
    fn holds(&self, partition: &GroupPartition) -> bool {
        self.shard.offsets.is_undecided(self.group, partition)
            || self.under_way.contains(&key_of(partition))
    }
}

/// A group at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance<'a> {
    /// The group.
    pub group: &'a str,
    /// Where it stands.
    pub state: State,
    /// How many members it has.
    pub members: usize,
}

impl Shard {
    /// The committed offsets of a group for some partitions, in their order; none for those of a
    /// group that does not exist. Where `require_stable`, an offset that a transaction or a commit
    /// under way may still change is [unstable](GroupError::UnstableOffset).
    #[must_use]
    pub fn fetch_offsets(
        &self,
        group: &GroupId,
        wanted: &[WantedOffset],
        require_stable: bool,
    ) -> Vec<FetchedOffset> {
        let number = self.groups.number(&group.0);
        let unstable = number.filter(|_| require_stable).map(|number| self.unstable(number));
        let fetched = wanted.iter().map(|wanted| FetchedOffset {
            partition: wanted.partition.clone(),
            committed: match number {
                Some(number) => self.fetch_offset(number, wanted, unstable.as_ref()),
                None => Ok(None),
            },
        });
        fetched.collect()
    }

    fn fetch_offset(
        &self,
        group: GroupNumber,
        wanted: &WantedOffset,
        unstable: Option<&Unstable<'_>>,
    ) -> Result<Option<CommittedOffset>, GroupError> {
        if unstable.is_some_and(|unstable| unstable.holds(&wanted.partition)) {
            return Err(GroupError::UnstableOffset);
        }
        let offset = self.offsets.get(group, &wanted.partition);
        let offset = offset.filter(|offset| !offset.is_of_another(wanted.topic_id));
        Ok(offset.map(|offset| offset.told()))
    }

    /// All committed offsets of a group, ordered by topic and partition.
    #[must_use]
    pub fn fetch_all_offsets(&self, group: &GroupId, require_stable: bool) -> Vec<FetchedOffset> {
        let Some(number) = self.groups.number(&group.0) else { return Vec::new() };
        let unstable = require_stable.then(|| self.unstable(number));
        let offsets = self.offsets.of_group(number).map(|(place, offset)| {
            let partition = self.offsets.partition(place);
            let is_unstable = unstable.as_ref().is_some_and(|unstable| unstable.holds(&partition));
            let committed =
                if is_unstable { Err(GroupError::UnstableOffset) } else { Ok(Some(offset.told())) };
            FetchedOffset { partition, committed }
        });
        let mut offsets: Vec<_> = offsets.collect();
        offsets.sort_unstable_by(|one, other| one.partition.cmp(&other.partition));
        offsets
    }

    fn unstable(&self, group: GroupNumber) -> Unstable<'_> {
        Unstable { shard: self, group, under_way: self.under_way(group) }
    }

    /// A group with its members.
    ///
    /// # Errors
    /// When there is no such group.
    pub fn describe(&self, group: &GroupId) -> Result<Described, GroupError> {
        let exists = self.groups.named(&group.0).filter(|(_, group)| exists(group));
        let (_, found) = exists.ok_or(GroupError::GroupNotFound)?;
        Ok(found.membership.as_ref().map_or_else(
            || Described {
                group: group.clone(),
                state: State::Empty,
                protocol_type: ByteString::new(),
                protocol: ByteString::new(),
                members: Vec::new(),
            },
            |members| members.describe(group),
        ))
    }

    /// All groups, in no order that means anything.
    #[must_use]
    pub fn list(&self) -> Vec<Listed> {
        let groups = self.groups.iter().map(|(_, group)| group).filter(|group| exists(group));
        let listed = groups.map(|group| {
            let id = GroupId(group.name.as_ref().into());
            group.membership.as_ref().map_or_else(
                || Listed {
                    group: id.clone(),
                    protocol_type: ByteString::new(),
                    state: State::Empty,
                },
                |members| members.list(&id),
            )
        });
        listed.collect()
    }

    /// All groups at a glance, in no order that means anything.
    pub fn glances(&self) -> impl Iterator<Item = Glance<'_>> {
        let groups = self.groups.iter().map(|(_, group)| group).filter(|group| exists(group));
        groups.map(|group| {
            let members = group.membership.as_deref();
            Glance {
                group: &group.name,
                state: members.map_or(State::Empty, Membership::state),
                members: members.map_or(0, Membership::member_count),
            }
        })
    }

    /// All committed offsets, group by group and topic by topic.
    pub fn committed(&self) -> impl Iterator<Item = CommittedIn<'_>> {
        self.offsets.iter().map(|(place, offset)| CommittedIn {
            group: &self.groups.get(place.group()).name,
            topic: self.offsets.topic(place),
            partition: Offsets::index(place),
            offset: offset.offset,
        })
    }

    /// How many offsets are committed.
    #[must_use]
    pub fn committed_count(&self) -> usize {
        self.offsets.len()
    }

    /// How many groups there are.
    #[must_use]
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }
}

/// Whether there is more of a group than a first commit that is not written yet.
fn exists(group: &Group) -> bool {
    group.is_written || group.membership.is_some()
}
