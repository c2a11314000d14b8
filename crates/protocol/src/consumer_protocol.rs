//! What consumers tell each other through their group: what each reads, and who shall read what.
//!
//! A group's coordinator passes these on as bytes. Who looks into them goes by what consumers
//! agreed on: a version in front, and a later version only adds fields at the end, so that what is
//! not known yet is read as the last version that is.

use bytes::Bytes;
use bytestring::ByteString;

use crate::{DecodeError, Decoder, EncodeError, Encoder, Message, Struct};

/// The protocol type of groups whose members speak this.
pub const PROTOCOL_TYPE: &str = "consumer";

/// What a member reads, in the metadata of its JoinGroup.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=3)]
pub struct ConsumerProtocolSubscription {
    /// The topics it reads.
    pub topics: Vec<ByteString>,
    /// What its assignor says to those of the others.
    #[field(nullable = 0.., default = None)]
    pub user_data: Option<Bytes>,
    /// The partitions it has from before.
    #[field(versions = 1.., ignorable)]
    pub owned_partitions: Vec<OwnedPartitions>,
    /// The generation it has them from.
    #[field(versions = 2.., default = -1, ignorable)]
    pub generation_id: i32,
    /// Where it stands.
    #[field(versions = 3.., nullable = 3.., default = None, ignorable)]
    pub rack_id: Option<ByteString>,
}

/// Partitions of one topic that a member has from before.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
#[named("TopicPartition")]
pub struct OwnedPartitions {
    /// The topic.
    #[field(versions = 1..)]
    pub topic: ByteString,
    /// Its partitions.
    #[field(versions = 1..)]
    pub partitions: Vec<i32>,
}

/// What a member shall read, in the assignment of SyncGroup.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = data, versions = 0..=3)]
pub struct ConsumerProtocolAssignment {
    /// The partitions it shall read.
    pub assigned_partitions: Vec<AssignedPartitions>,
    /// What the leader's assignor says to the member's.
    #[field(nullable = 0.., default = None)]
    pub user_data: Option<Bytes>,
}

/// Partitions of one topic that a member shall read.
#[derive(Debug, Clone, PartialEq, Eq, Struct)]
#[named("TopicPartition")]
pub struct AssignedPartitions {
    /// The topic.
    pub topic: ByteString,
    /// Its partitions.
    pub partitions: Vec<i32>,
}

impl ConsumerProtocolSubscription {
    /// Reads a version and what follows it.
    ///
    /// # Errors
    /// The bytes are no subscription.
    pub fn read(bytes: Bytes) -> Result<ConsumerProtocolSubscription, DecodeError> {
        read(bytes)
    }

    /// The subscription in its last version, behind that version.
    ///
    /// # Errors
    /// A text or an array is longer than Kafka writes.
    pub fn write(&self) -> Result<Bytes, EncodeError> {
        write(self)
    }
}

impl ConsumerProtocolAssignment {
    /// Reads a version and what follows it.
    ///
    /// # Errors
    /// The bytes are no assignment.
    pub fn read(bytes: Bytes) -> Result<ConsumerProtocolAssignment, DecodeError> {
        read(bytes)
    }

    /// The assignment in its last version, behind that version.
    ///
    /// # Errors
    /// A text or an array is longer than Kafka writes.
    pub fn write(&self) -> Result<Bytes, EncodeError> {
        write(self)
    }
}

fn read<M: Message>(bytes: Bytes) -> Result<M, DecodeError> {
    let mut decoder = Decoder::new(bytes);
    let version = decoder.i16()?;
    let known = version.min(<M as Message>::SCHEMA.versions.last());
    // What a later version has behind the known fields is left where it is.
    <M as Message>::decode(&mut decoder, known)
}

fn write<M: Message>(message: &M) -> Result<Bytes, EncodeError> {
    let version = <M as Message>::SCHEMA.versions.last();
    let mut encoder = Encoder::new();
    encoder.put_i16(version);
    Message::encode(message, &mut encoder, version)?;
    encoder.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Malformed;

    fn bytes(hex: &str) -> Bytes {
        let digits = hex.as_bytes().chunks(2);
        let pairs = digits.map(|pair| std::str::from_utf8(pair).expect("digits are ASCII"));
        pairs.map(|pair| u8::from_str_radix(pair, 16).expect("two digits")).collect()
    }

    fn subscription() -> ConsumerProtocolSubscription {
        ConsumerProtocolSubscription {
            topics: vec!["messages".into()],
            user_data: Some(Bytes::from_static(b"u")),
            owned_partitions: vec![OwnedPartitions {
                topic: "messages".into(),
                partitions: vec![1, 3],
            }],
            generation_id: 7,
            rack_id: Some("a".into()),
        }
    }

    /// What Kafka 4.3.1's ConsumerProtocol wrote.
    const SUBSCRIPTION: &str = "\
        00030000000100086d6573736167657300000001750000000100086d65737361676573\
        00000002000000010000000300000007000161";
    const ASSIGNMENT: &str = "\
        00030000000100086d65737361676573000000020000000000000002ffffffff";

    #[test]
    fn a_subscription_is_written_as_kafka_writes_it_and_read_back() {
        assert_eq!(subscription().write(), Ok(bytes(SUBSCRIPTION)));
        assert_eq!(ConsumerProtocolSubscription::read(bytes(SUBSCRIPTION)), Ok(subscription()));
    }

    #[test]
    fn an_assignment_is_written_as_kafka_writes_it_and_read_back() {
        let partitions = AssignedPartitions { topic: "messages".into(), partitions: vec![0, 2] };
        let assignment =
            ConsumerProtocolAssignment { assigned_partitions: vec![partitions], user_data: None };
        assert_eq!(assignment.write(), Ok(bytes(ASSIGNMENT)));
        assert_eq!(ConsumerProtocolAssignment::read(bytes(ASSIGNMENT)), Ok(assignment));
    }

    #[test]
    fn the_first_version_knows_topics_and_user_data_only() {
        let first = bytes("00000000000100086d657373616765730000000175");
        let expected = ConsumerProtocolSubscription {
            topics: vec!["messages".into()],
            user_data: Some(Bytes::from_static(b"u")),
            ..Default::default()
        };
        assert_eq!(ConsumerProtocolSubscription::read(first), Ok(expected));
    }

    #[test]
    fn a_version_to_come_is_read_as_the_last_one_known() {
        let mut later = bytes(SUBSCRIPTION).to_vec();
        later[1] = 9;
        later.extend(*b"what version 9 adds");
        assert_eq!(ConsumerProtocolSubscription::read(later.into()), Ok(subscription()));
    }

    #[test]
    fn what_is_no_subscription_is_an_error() {
        let read = |bytes| ConsumerProtocolSubscription::read(bytes).unwrap_err().reason;
        assert!(matches!(read(Bytes::new()), Malformed::TooShort { .. }));
        assert!(matches!(read(bytes("ffff")), Malformed::UnsupportedVersion { .. }));
        let cut = bytes(SUBSCRIPTION).slice(..20);
        assert!(matches!(read(cut), Malformed::TooShort { .. }));
    }
}
