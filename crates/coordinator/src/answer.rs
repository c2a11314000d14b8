//! What a coordinator tells its clients, free of the wire's versions.

use bytes::Bytes;
use bytestring::ByteString;
use types::{LeaderEpoch, Offset, Timestamp, TopicId};

use crate::{Generation, GroupError, GroupId, InstanceId, MemberId, request::GroupPartition};

/// The answer to a [`Request`](crate::request::Request).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To a join.
    Join(Result<Joined, GroupError>),
    /// To a sync.
    Sync(Result<Synced, GroupError>),
    /// To a heartbeat.
    Heartbeat(Result<(), GroupError>),
    /// To a leave: for the group, or for each member in the request's order.
    Leave(Result<Vec<Result<(), GroupError>>, GroupError>),
    /// To a commit: for each offset, in the request's order.
    Commit(Vec<Result<(), GroupError>>),
    /// To a deletion of offsets: for the group, or for each partition in the request's order.
    DeleteOffsets(Result<Vec<Result<(), GroupError>>, GroupError>),
    /// To the deletion of a group.
    DeleteGroup(Result<(), GroupError>),
}

/// A member is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The generation.
    pub generation: Generation,
    /// "consumer" and the like.
    pub protocol_type: ByteString,
    /// The protocol that all members know.
    pub protocol: ByteString,
    /// Who assigns.
    pub leader: MemberId,
    /// Whether the leader shall not assign: what was assigned stays (KIP-814).
    pub skip_assignment: bool,
    /// The member's own id.
    pub member: MemberId,
    /// All members, for the leader; none for others.
    pub members: Vec<JoinedMember>,
}

/// A member as its leader learns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedMember {
    /// Its id.
    pub member: MemberId,
    /// Its name, of a static member.
    pub instance: Option<InstanceId>,
    /// Its metadata for the protocol that was chosen.
    pub metadata: Bytes,
}

/// A member's share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// "consumer" and the like.
    pub protocol_type: ByteString,
    /// The protocol that was chosen.
    pub protocol: ByteString,
    /// What the leader assigned, in the protocol's own format.
    pub assignment: Bytes,
}

/// A committed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The offset of the record to be read next.
    pub offset: Offset,
    /// The epoch of the record before it, or [`LeaderEpoch::NONE`].
    pub leader_epoch: LeaderEpoch,
    /// What the client left with it.
    pub metadata: ByteString,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// When it is forgotten, where the client said so.
    pub expires_at: Option<Timestamp>,
    /// The topic's id, where it was known.
    pub topic_id: Option<TopicId>,
}

/// One partition's offset, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedOffset {
    /// The partition.
    pub partition: GroupPartition,
    /// The offset; none where nothing was committed.
    pub committed: Result<Option<CommittedOffset>, GroupError>,
}

/// Where a group stands; the texts are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, derive_more::Display)]
pub enum State {
    /// Offsets at most.
    Empty,
    /// Members are joining.
    PreparingRebalance,
    /// The leader is assigning.
    CompletingRebalance,
    /// All members have their shares.
    Stable,
    /// There is no such group.
    Dead,
}

/// A group as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The group.
    pub group: GroupId,
    /// "consumer" and the like; empty for a group that never had members.
    pub protocol_type: ByteString,
    /// Where it stands.
    pub state: State,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The group.
    pub group: GroupId,
    /// Where it stands.
    pub state: State,
    /// "consumer" and the like; empty for a group that never had members.
    pub protocol_type: ByteString,
    /// The protocol that was chosen; empty unless the group is stable.
    pub protocol: ByteString,
    /// The members.
    pub members: Vec<DescribedMember>,
}

/// A member as it is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedMember {
    /// Its id.
    pub member: MemberId,
    /// Its name, of a static member.
    pub instance: Option<InstanceId>,
    /// Its client's id.
    pub client_id: ByteString,
    /// The host it joined from.
    pub client_host: ByteString,
    /// Its metadata for the protocol that was chosen; empty unless the group is stable.
    pub metadata: Bytes,
    /// What it is assigned; until the leader assigns anew, what it was.
    pub assignment: Bytes,
}
