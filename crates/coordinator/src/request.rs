//! What clients ask of a coordinator, free of the wire's versions.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use types::{LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicId};

use crate::{Generation, GroupId, InstanceId, MemberId};

/// A request that may change a group. What only reads one are methods of
/// [`Shard`](crate::Shard).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Become, or stay, a member.
    Join(Join),
    /// Hand over the assignment, or learn it.
    Sync(Sync),
    /// Stay alive.
    Heartbeat(Heartbeat),
    /// End memberships.
    Leave(Leave),
    /// Remember offsets.
    Commit(Commit),
    /// Forget offsets.
    DeleteOffsets(DeleteOffsets),
    /// Forget a group without members.
    DeleteGroup(GroupId),
}

/// JoinGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The group.
    pub group: GroupId,
    /// The member, or an empty id for one that has none yet.
    pub member: MemberId,
    /// The static member's name.
    pub instance: Option<InstanceId>,
    /// The client's id and host, for names and descriptions.
    pub client: Client,
    /// After which silence the member is taken for dead.
    pub session_timeout: Duration,
    /// How long the members may take to join again.
    pub rebalance_timeout: Duration,
    /// "consumer", "connect" and the like.
    pub protocol_type: ByteString,
    /// The protocols that the member knows, the one it likes best first, each with its metadata.
    pub protocols: Vec<(ByteString, Bytes)>,
    /// Why it joins, in the client's words (KIP-800).
    pub reason: Option<ByteString>,
    /// Whether the request's version has a new member come twice (JoinGroup v4, KIP-394).
    pub member_id_required: bool,
    /// Whether the request's version knows of skipped assignments (JoinGroup v9, KIP-814).
    pub may_skip_assignment: bool,
    /// What a new member's id ends in: drawn by the node, never twice.
    pub unique: ByteString,
}

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// `client.id`.
    pub id: ByteString,
    /// The address it came from, as Kafka writes it: `/127.0.0.1`.
    pub host: ByteString,
}

/// SyncGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sync {
    /// The group.
    pub group: GroupId,
    /// Who asks.
    pub caller: Caller,
    /// Must be the group's, where given (v5).
    pub protocol_type: Option<ByteString>,
    /// Must be the group's, where given (v5).
    pub protocol: Option<ByteString>,
    /// From the leader: what each member is assigned. From others: nothing.
    pub assignments: Vec<(MemberId, Bytes)>,
}

/// A member as it names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Its id.
    pub member: MemberId,
    /// Its name, of a static member.
    pub instance: Option<InstanceId>,
    /// The generation it believes in.
    pub generation: Generation,
}

/// Heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The group.
    pub group: GroupId,
    /// Who lives.
    pub caller: Caller,
}

/// LeaveGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// The group.
    pub group: GroupId,
    /// Who leaves.
    pub members: Vec<Leaver>,
}

/// A member that leaves, by its id or, where that is empty, by its instance's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaver {
    /// Its id.
    pub member: MemberId,
    /// Its name, of a static member.
    pub instance: Option<InstanceId>,
    /// Why, in the client's words (KIP-800).
    pub reason: Option<ByteString>,
}

/// OffsetCommit. Topics and partitions that do not exist were taken out before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The group.
    pub group: GroupId,
    /// Who commits; without a member and generation for a group that has no members.
    pub caller: Caller,
    /// How long the offsets are kept, where the client says so (v2 to v4).
    pub retention: Option<Duration>,
    /// The offsets.
    pub offsets: Vec<CommitOffset>,
}

/// An offset to be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitOffset {
    /// The partition.
    pub partition: GroupPartition,
    /// The topic's id, where it is known.
    pub topic_id: Option<TopicId>,
    /// The offset of the record to be read next.
    pub offset: Offset,
    /// The epoch of the record before it, or [`LeaderEpoch::NONE`].
    pub leader_epoch: LeaderEpoch,
    /// What the client leaves with it.
    pub metadata: ByteString,
    /// When it was committed, by the broker's clock.
    pub committed_at: Timestamp,
}

/// A partition that a group reads: by name, since offsets are kept by names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupPartition {
    /// The topic's name.
    pub topic: ByteString,
    /// The partition.
    pub partition: PartitionIndex,
}

/// OffsetDelete. Topics and partitions that do not exist were taken out before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteOffsets {
    /// The group.
    pub group: GroupId,
    /// Whose offsets to forget.
    pub partitions: Vec<GroupPartition>,
}

/// A partition whose offset is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedOffset {
    /// The partition.
    pub partition: GroupPartition,
    /// The topic's id, where it is known: an offset that was committed for another topic of the
    /// same name does not count.
    pub topic_id: Option<TopicId>,
}

/// A topic that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedTopic {
    /// Its name, which another one may have by now.
    pub name: ByteString,
    /// Its id.
    pub id: TopicId,
}
