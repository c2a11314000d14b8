//! Bytes made to hurt: whatever arrives, reading it ends with a message or an error, and takes up
//! no more memory than a small multiple of what arrived.

use bytes::Bytes;
use kafka_jars::{arbitrary, schemas::descriptor};
use proptest::{collection, prelude::any, test_runner::TestRunner};
use protocol::{
    Decoder, Malformed, Message, Request, RequestHeader,
    consumer_protocol::{ConsumerProtocolAssignment, ConsumerProtocolSubscription},
    messages::*,
};

/// What a decoder may spend on a small frame, and the error itself.
const SMALL_FRAME_MEMORY_MAX: u64 = 64 * 1024 + 1024;

/// Runs `check` on every message in every version.
fn for_every_message(check: &mut impl Check) {
    request::<ApiVersionsRequest>(check);
    request::<MetadataRequest>(check);
    request::<ProduceRequest>(check);
    request::<FetchRequest>(check);
    request::<ListOffsetsRequest>(check);
    request::<InitProducerIdRequest>(check);
    request::<CreateTopicsRequest>(check);
    request::<DeleteTopicsRequest>(check);
    request::<CreatePartitionsRequest>(check);
    request::<OffsetForLeaderEpochRequest>(check);
    request::<DeleteRecordsRequest>(check);
    request::<DescribeConfigsRequest>(check);
    request::<IncrementalAlterConfigsRequest>(check);
    request::<AlterConfigsRequest>(check);
    request::<DescribeClusterRequest>(check);
    request::<DescribeTopicPartitionsRequest>(check);
    request::<DescribeLogDirsRequest>(check);
    request::<DescribeProducersRequest>(check);
    request::<ListConfigResourcesRequest>(check);
    request::<DescribeQuorumRequest>(check);
    request::<UpdateFeaturesRequest>(check);
    request::<FindCoordinatorRequest>(check);
    request::<JoinGroupRequest>(check);
    request::<SyncGroupRequest>(check);
    request::<HeartbeatRequest>(check);
    request::<LeaveGroupRequest>(check);
    request::<OffsetCommitRequest>(check);
    request::<OffsetFetchRequest>(check);
    request::<OffsetDeleteRequest>(check);
    request::<DescribeGroupsRequest>(check);
    request::<ListGroupsRequest>(check);
    request::<DeleteGroupsRequest>(check);
    data::<ConsumerProtocolSubscription>(check);
    data::<ConsumerProtocolAssignment>(check);
}

trait Check {
    fn check<M: Message>(&mut self, version: i16);
}

fn request<R: Request>(check: &mut impl Check) {
    for version in <R as Message>::SCHEMA.versions.iter() {
        check.check::<R>(version);
        check.check::<R::Response>(version);
    }
}

fn data<M: Message>(check: &mut impl Check) {
    for version in <M as Message>::SCHEMA.versions.iter() {
        check.check::<M>(version);
    }
}

/// Reads the bytes and says how much memory that took at its peak.
fn memory_to_read<M: Message>(bytes: &Bytes, version: i16) -> u64 {
    allocation_counter::measure(|| drop(M::from_bytes(bytes.clone(), version))).bytes_max
}

struct Lengths(Vec<Bytes>);

impl Check for Lengths {
    fn check<M: Message>(&mut self, version: i16) {
        for bytes in &self.0 {
            let memory = memory_to_read::<M>(bytes, version);
            assert!(memory <= SMALL_FRAME_MEMORY_MAX, "{memory} bytes for {}", bytes.len());
        }
    }
}

#[test]
fn a_frame_of_twelve_bytes_cannot_ask_for_millions_of_elements() {
    let lengths: [&[u8]; 5] = [
        &[0x7f, 0xff, 0xff, 0xff],
        &[0x00, 0x98, 0x96, 0x80],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0x81, 0x80, 0x80, 0x04],
        &[0x80, 0x00, 0x00, 0x00],
    ];
    let mut frames = Vec::new();
    for length in lengths {
        for start in 0..=(12 - length.len()) {
            for fill in [0x00, 0x01, 0xff] {
                let mut frame = vec![fill; 12];
                frame[start..start + length.len()].copy_from_slice(length);
                frames.push(Bytes::from(frame));
            }
        }
    }
    for_every_message(&mut Lengths(frames));
}

struct Garbage;

impl Check for Garbage {
    fn check<M: Message>(&mut self, version: i16) {
        let garbage = collection::vec(any::<u8>(), 0..300);
        let read = |bytes: Vec<u8>| {
            let memory = memory_to_read::<M>(&bytes.into(), version);
            assert!(memory <= SMALL_FRAME_MEMORY_MAX, "{memory} bytes");
            Ok(())
        };
        TestRunner::default().run(&garbage, read).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn garbage_is_a_message_or_an_error() {
    for_every_message(&mut Garbage);
}

struct Flipped;

impl Check for Flipped {
    fn check<M: Message>(&mut self, version: i16) {
        let schema = descriptor(<M as Message>::SCHEMA.name);
        let choices: Vec<u8> = (0..=255).map(|step: u8| step.wrapping_mul(37)).collect();
        let message = arbitrary(&schema, version, &choices);
        for position in 0..message.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = message.to_vec();
                bytes[position] ^= flip;
                let memory = memory_to_read::<M>(&bytes.into(), version);
                assert!(memory <= SMALL_FRAME_MEMORY_MAX, "{memory} bytes");
            }
        }
    }
}

#[test]
fn a_message_with_any_byte_changed_is_a_message_or_an_error() {
    for_every_message(&mut Flipped);
}

/// A topic without a name is two bytes on the wire and many more in memory.
#[test]
fn a_million_empty_topics_do_not_take_up_a_hundred_times_their_bytes() {
    let mut bytes = 1_000_000_i32.to_be_bytes().to_vec();
    bytes.resize(bytes.len() + 2_000_001, 0);
    let bytes = Bytes::from(bytes);
    let memory = memory_to_read::<MetadataRequest>(&bytes, 4);
    assert!(memory <= 16 * bytes.len() as u64 + 1024, "{memory} bytes");
    assert!(MetadataRequest::from_bytes(bytes, 4).is_err());
}

/// Every topic has one partition: 18 bytes on the wire, an element in each of two arrays in memory.
#[test]
fn nested_arrays_share_one_budget() {
    let topic = [&[0, 0, 0, 0, 0, 1][..], &[0; 12]].concat();
    let mut bytes = [0xff; 4].to_vec();
    bytes.extend(1_000_000_i32.to_be_bytes());
    bytes.extend(topic.repeat(1_000_000));
    let bytes = Bytes::from(bytes);
    let memory = memory_to_read::<ListOffsetsRequest>(&bytes, 1);
    assert!(memory <= 64 * 1024 * 1024 + 1024, "{memory} bytes");
    let error = ListOffsetsRequest::from_bytes(bytes, 1).unwrap_err();
    assert!(matches!(error.reason, Malformed::Budget { .. }), "{error}");
}

#[test]
fn a_flood_of_unknown_tagged_fields_takes_up_no_memory() {
    let mut bytes = vec![1, 1];
    bytes.extend([0x80, 0xea, 0x30]);
    for tag in 0..800_000_u32 {
        bytes.extend([u8::try_from(100 + tag % 20).unwrap(), 0]);
    }
    let bytes = Bytes::from(bytes);
    let memory = allocation_counter::measure(|| {
        let request = ApiVersionsRequest::from_bytes(bytes.clone(), 3);
        assert_eq!(request, Ok(ApiVersionsRequest::default()));
    });
    assert_eq!(memory.bytes_total, 0);
}

#[test]
fn headers_survive_garbage() {
    let garbage = collection::vec(any::<u8>(), 0..64);
    let read = |bytes: Vec<u8>| {
        drop(RequestHeader::decode(&mut Decoder::new(bytes.into())));
        Ok(())
    };
    TestRunner::default().run(&garbage, read).unwrap_or_else(|error| panic!("{error}"));
}
