//! The derives on schemas of Kafka that use what few requests do: nullable structs, structs with a
//! name of their own, fields that are tagged in some versions only, doubles, unsigned numbers.

use bytes::Bytes;
use bytestring::ByteString;
use kafka_jars::{assert_round_trips, assert_schema};
use protocol::{
    Message, Struct, Value,
    messages::{
        DescribeTopicPartitionsRequest, OffsetDeleteResponse,
        describe_quorum::{RequestedTopic, TopicData},
        offset_delete::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
    },
};
use types::Uuid;

fn check<M: Message>() {
    assert_schema::<M>();
    assert_round_trips::<M>();
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = coordinator_value, key = 0, versions = 0..=1, flexible = 1..)]
struct TransactionLogValue {
    producer_id: i64,
    #[field(versions = 1.., default = -1, tag = 0)]
    previous_producer_id: i64,
    #[field(versions = 1.., default = -1, tag = 1)]
    next_producer_id: i64,
    producer_epoch: i16,
    #[field(versions = 1.., default = -1, tag = 3)]
    next_producer_epoch: i16,
    transaction_timeout_ms: i32,
    transaction_status: i8,
    #[field(nullable = 0..)]
    transaction_partitions: Option<Vec<PartitionsSchema>>,
    transaction_last_update_timestamp_ms: i64,
    transaction_start_timestamp_ms: i64,
    #[field(versions = 1.., default = 0, tag = 2)]
    client_transaction_version: i16,
}

#[derive(Debug, Clone, PartialEq, Struct)]
struct PartitionsSchema {
    topic: ByteString,
    partition_ids: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = coordinator_value, key = 5, versions = 0..=0, flexible = 0..)]
struct ConsumerGroupMemberMetadataValue {
    #[field(nullable = 0..)]
    instance_id: Option<ByteString>,
    #[field(nullable = 0..)]
    rack_id: Option<ByteString>,
    client_id: ByteString,
    client_host: ByteString,
    subscribed_topic_names: Vec<ByteString>,
    #[field(nullable = 0..)]
    subscribed_topic_regex: Option<ByteString>,
    #[field(default = -1)]
    rebalance_timeout_ms: i32,
    #[field(nullable = 0..)]
    server_assignor: Option<ByteString>,
    #[field(nullable = 0.., default = None, tag = 0)]
    classic_member_metadata: Option<ClassicMemberMetadata>,
}

#[derive(Debug, Clone, PartialEq, Struct)]
struct ClassicMemberMetadata {
    session_timeout_ms: i32,
    supported_protocols: Vec<ClassicProtocol>,
}

#[derive(Debug, Clone, PartialEq, Struct)]
struct ClassicProtocol {
    name: ByteString,
    metadata: Bytes,
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 14, versions = 0..=0, flexible = 0..)]
struct ClientQuotaRecord {
    entity: Vec<EntityData>,
    key: ByteString,
    value: f64,
    remove: bool,
}

#[derive(Debug, Clone, PartialEq, Struct)]
struct EntityData {
    entity_type: ByteString,
    #[field(nullable = 0..)]
    entity_name: Option<ByteString>,
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = data, versions = 0..=0, flexible = 0..)]
struct VotersRecord {
    version: i16,
    voters: Vec<Voter>,
}

#[derive(Debug, Clone, PartialEq, Struct)]
struct Voter {
    voter_id: i32,
    voter_directory_id: Uuid,
    endpoints: Vec<Endpoint>,
    k_raft_version_feature: KRaftVersionFeature,
}

#[derive(Debug, Clone, PartialEq, Struct)]
struct Endpoint {
    name: ByteString,
    host: ByteString,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Struct)]
struct KRaftVersionFeature {
    min_supported_version: i16,
    max_supported_version: i16,
}

#[test]
fn tagged_fields_are_written_in_the_order_of_their_tags() {
    check::<TransactionLogValue>();
}

#[test]
fn a_tagged_struct_can_be_null() {
    check::<ConsumerGroupMemberMetadataValue>();
}

/// As Kafka 4.3.1's own class writes it: the byte 1 stands before a tagged struct that can be null.
#[test]
fn a_tagged_struct_that_can_be_null_is_written_as_kafka_does() {
    let classic = ClassicMemberMetadata { session_timeout_ms: 9, supported_protocols: vec![] };
    let value = ConsumerGroupMemberMetadataValue {
        classic_member_metadata: Some(classic),
        ..Default::default()
    };
    let golden = b"\x01\x01\x01\x01\x01\x01\xff\xff\xff\xff\x01\x01\x00\x07\x01\0\0\0\x09\x01\0";
    assert_eq!(value.to_bytes(0).as_deref(), Ok(&golden[..]));
}

#[test]
fn a_struct_can_be_null() {
    check::<DescribeTopicPartitionsRequest>();
}

#[test]
fn a_struct_has_the_name_that_is_given() {
    assert_eq!(<RequestedTopic as Struct>::SCHEMA.name, "TopicData");
    assert_eq!(<TopicData as Struct>::SCHEMA.name, "TopicData");
}

#[test]
fn doubles_go_over_the_wire() {
    check::<ClientQuotaRecord>();
}

#[test]
fn unsigned_numbers_and_structs_in_structs_go_over_the_wire() {
    check::<VotersRecord>();
}

#[test]
fn every_error_in_a_message_is_found() {
    let partition = |error_code| OffsetDeleteResponsePartition { partition_index: 9, error_code };
    let topic = |partitions| OffsetDeleteResponseTopic { name: "t".into(), partitions };
    let response = OffsetDeleteResponse {
        error_code: 1,
        throttle_time_ms: 8,
        topics: vec![topic(vec![partition(2), partition(0)]), topic(vec![partition(3)])],
    };
    let mut found = Vec::new();
    response.errors(&mut |error| found.push(error));
    assert_eq!(found, [1, 2, 0, 3]);
}

#[test]
#[should_panic(expected = "Kafka's:")]
fn a_schema_that_differs_is_noticed() {
    #[derive(Debug, Clone, PartialEq, Message)]
    #[message(kind = metadata, key = 14, versions = 0..=0, flexible = 0..)]
    struct FeatureLevelRecord {
        name: ByteString,
        feature_level: i32,
    }
    assert_schema::<FeatureLevelRecord>();
}
