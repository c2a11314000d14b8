//! What the APIs of groups have in common: a request is handed to its group's coordinator, and its
//! answer is made of what the coordinator says.

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use bytestring::ByteString;
use node::{
    coordinator::{
        Generation, GroupError, InstanceId, MemberId,
        answer::Answer,
        request::{Caller, Request},
    },
    metadata::Image,
};
#[cfg(test)]
use types::TopicId;
use types::{PartitionIndex, Uuid};

use super::{
    call::Call,
    desk::{self, Desk},
    error_codes::Coded,
    gathering::Gathering,
    heartbeat, join_group, leave_group, offset_commit, offset_delete, sync_group,
};
use crate::{network::Order, shell::Shell};

/// What to make of the coordinator's answer.
pub(super) enum Then {
    JoinGroup(join_group::Shape),
    SyncGroup,
    Heartbeat,
    LeaveGroup(leave_group::Shape),
    OffsetCommit(offset_commit::Shape),
    OffsetDelete(offset_delete::Shape),
}

/// Hands a request to the coordinator; what waits there holds up the requests behind it.
pub(super) fn ask(shell: &Arc<Shell>, call: Call, then: Then, request: Request) -> Order {
    let now = call.now;
    let ticket = shell.desk.park(call, desk::Then::Group(then));
    let mut effects = Vec::new();
    shell.node.coordinate(now, ticket, request, &mut effects);
    shell.perform(effects);
    Order::Alone
}

/// Tells the client what the coordinator said.
pub(super) fn answer(desk: &Desk, call: Call, then: Then, answer: Answer) {
    match (then, answer) {
        (Then::JoinGroup(shape), Answer::Join(outcome)) => {
            join_group::answer(desk, call, shape, outcome);
        }
        (Then::SyncGroup, Answer::Sync(outcome)) => sync_group::answer(desk, call, outcome),
        (Then::Heartbeat, Answer::Heartbeat(outcome)) => heartbeat::answer(desk, call, &outcome),
        (Then::LeaveGroup(shape), Answer::Leave(outcome)) => {
            leave_group::answer(desk, call, shape, outcome);
        }
        (Then::OffsetCommit(shape), Answer::Commit(outcomes)) => {
            offset_commit::answer(desk, call, shape, &outcomes);
        }
        (Then::OffsetDelete(shape), Answer::DeleteOffsets(outcome)) => {
            offset_delete::answer(desk, call, shape, outcome);
        }
        (_, answer) => unreachable!("the coordinator answered another question: {answer:?}"),
    }
}

/// Notes what became of one of the groups that a request deletes.
pub(super) fn settle(
    desk: &Desk,
    gathering: &Gathering,
    index: usize,
    answer: node::answer::Answer,
) {
    let node::answer::Answer::Group(Answer::DeleteGroup(outcome)) = answer else {
        unreachable!("the coordinator answered another question: {answer:?}");
    };
    gathering.settle(desk, index, outcome);
}

/// A member as a request names it.
pub(super) fn caller(member: ByteString, instance: Option<ByteString>, generation: i32) -> Caller {
    Caller {
        member: MemberId(member),
        instance: instance.map(InstanceId),
        generation: Generation(generation),
    }
}

/// A copy of a text that is kept for longer than its request: as a slice, it would keep the whole
/// frame and what that is charged for.
pub(super) fn kept(text: &ByteString) -> ByteString {
    ByteString::from(&**text)
}

/// A copy of bytes that are kept for longer than their request, for the same reason.
pub(super) fn kept_bytes(bytes: &Bytes) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// Whether a topic has this partition.
pub(super) fn has_partition(image: &Image, topic: &str, partition: i32) -> bool {
    let topic = image.topics.named(topic);
    topic.is_some_and(|topic| topic.partition(PartitionIndex(partition)).is_some())
}

/// An address as Java writes it, which is what tools show of members: no name, a slash, and of
/// version 6 all eight numbers.
pub(super) fn host(address: IpAddr) -> ByteString {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("/{address}").into(),
        IpAddr::V6(address) => {
            let numbers = address.segments().map(|number| format!("{number:x}"));
            format!("/{}", numbers.join(":")).into()
        }
    }
}

/// A UUID as Java writes it, which is what the ids of members end in.
pub(super) fn hyphenated(uuid: Uuid) -> ByteString {
    let value = u128::from_be_bytes(*uuid.as_bytes());
    let part = |shift: u32, digits: u32| (value >> shift) & ((1 << (4 * digits)) - 1);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 8),
        part(80, 4),
        part(64, 4),
        part(48, 4),
        part(0, 12)
    )
    .into()
}

/// The error of what was asked of a coordinator; 0 when it was done.
pub(super) fn number(outcome: &Result<(), GroupError>) -> i16 {
    outcome.as_ref().err().map_or(0, Coded::number)
}

/// An image with these topics: their ids, names and numbers of partitions, all led by broker 1.
#[cfg(test)]
pub(super) fn image_of(topics: &[(TopicId, &str, i32)]) -> Image {
    use node::metadata::records::{MetadataRecord, PartitionRecord, TopicRecord};

    let mut records: Vec<MetadataRecord> = Vec::new();
    for (id, name, partitions) in topics {
        let topic_id = id.0;
        records.push(TopicRecord { name: (*name).into(), topic_id }.into());
        records.extend((0..*partitions).map(|partition_id| {
            let (replicas, isr) = (vec![1], vec![1]);
            let leader = 1;
            let partition = PartitionRecord {
                partition_id,
                topic_id,
                replicas,
                isr,
                leader,
                ..PartitionRecord::default()
            };
            MetadataRecord::from(partition)
        }));
    }
    Image::default().apply(&records).expect("the records fit").0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_written_as_java_writes_them() {
        let written = |address: &str| host(address.parse().expect("an address")).to_string();
        assert_eq!(written("127.0.0.1"), "/127.0.0.1");
        assert_eq!(written("::ffff:10.0.0.7"), "/10.0.0.7");
        assert_eq!(written("::1"), "/0:0:0:0:0:0:0:1");
        assert_eq!(written("2001:db8::a0"), "/2001:db8:0:0:0:0:0:a0");
    }

    #[test]
    fn uuids_are_written_as_java_writes_them() {
        let uuid = Uuid::from_u128(0x0012_3456_789a_4bcd_8ef0_0123_4567_89ab);
        assert_eq!(&*hyphenated(uuid), "00123456-789a-4bcd-8ef0-0123456789ab");
    }

    #[test]
    fn what_is_kept_holds_no_frame() {
        let frame = Bytes::from_static(b"a frame with a name");
        let name = ByteString::try_from(frame.slice(15..)).expect("text");
        assert_eq!(kept(&name), "name");
        assert_ne!(kept(&name).as_bytes().as_ptr(), name.as_bytes().as_ptr());
    }
}
