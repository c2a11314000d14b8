//! Records about topics and their partitions.

use bytestring::ByteString;
use protocol::Message;
use types::Uuid;

/// A topic exists from here on; its partitions follow.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 2, versions = 0..=0, flexible = 0..)]
pub struct TopicRecord {
    pub name: ByteString,
    pub topic_id: Uuid,
}

/// A topic is gone, with its partitions and configuration.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 9, versions = 0..=0, flexible = 0..)]
pub struct RemoveTopicRecord {
    pub topic_id: Uuid,
}

/// The whole state of one partition.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 3, versions = 0..=2, flexible = 0..)]
pub struct PartitionRecord {
    #[field(default = -1)]
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub removing_replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    #[field(default = -1)]
    pub leader: i32,
    #[field(tag = 0)]
    pub leader_recovery_state: i8,
    #[field(default = -1)]
    pub leader_epoch: i32,
    #[field(default = -1)]
    pub partition_epoch: i32,
    #[field(versions = 1..)]
    pub directories: Vec<Uuid>,
    #[field(versions = 2.., nullable = 2.., default = None, tag = 1)]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    #[field(versions = 2.., nullable = 2.., default = None, tag = 2)]
    pub last_known_elr: Option<Vec<i32>>,
}

/// What changes of one partition; a field that is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 5, versions = 0..=2, flexible = 0..)]
pub struct PartitionChangeRecord {
    #[field(default = -1)]
    pub partition_id: i32,
    pub topic_id: Uuid,
    #[field(nullable = 0.., default = None, tag = 0)]
    pub isr: Option<Vec<i32>>,
    /// -1: nobody leads, -2: no change.
    #[field(default = -2, tag = 1)]
    pub leader: i32,
    #[field(nullable = 0.., default = None, tag = 2)]
    pub replicas: Option<Vec<i32>>,
    #[field(nullable = 0.., default = None, tag = 3)]
    pub removing_replicas: Option<Vec<i32>>,
    #[field(nullable = 0.., default = None, tag = 4)]
    pub adding_replicas: Option<Vec<i32>>,
    /// -1: no change.
    #[field(default = -1, tag = 5)]
    pub leader_recovery_state: i8,
    #[field(versions = 1.., nullable = 1.., default = None, tag = 8)]
    pub directories: Option<Vec<Uuid>>,
    #[field(versions = 2.., nullable = 2.., default = None, tag = 6)]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    #[field(versions = 2.., nullable = 2.., default = None, tag = 7)]
    pub last_known_elr: Option<Vec<i32>>,
}

/// A topic's eligible leader replicas are forgotten; with an empty name, those of all topics.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 28, versions = 0..=0, flexible = 0..)]
pub struct ClearElrRecord {
    pub topic_name: ByteString,
}

impl PartitionChangeRecord {
    /// In `leader`: the same broker goes on, in the same leader epoch.
    pub const LEADER_UNCHANGED: i32 = -2;
    /// In `leader_recovery_state`: as before.
    pub const RECOVERY_UNCHANGED: i8 = -1;
}
