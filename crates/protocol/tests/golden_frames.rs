//! Frames that Kafka 4.3.1's own classes wrote, byte for byte.

use bytestring::ByteString;
use protocol::{
    Chunk, Frame, Message, Records, Request, RequestHeader, ResponseHeader,
    messages::{
        api_versions::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey},
        create_topics::{CreatableTopic, CreatableTopicConfig},
        delete_topics::DeleteTopicState,
        fetch::{FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData},
        list_offsets::{ListOffsetsPartition, ListOffsetsTopic},
        metadata::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
        produce::{PartitionProduceData, TopicProduceData},
        *,
    },
    request_frame, response_frame,
};
use types::Uuid;

const TOPIC_ID: Uuid = Uuid::from_u128(0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f);

/// One record, `k` to `hello`, as Kafka batches it.
const BATCH: &str = "\
    00000000000000000000003effffffff0236ff4dc30000000000000000018bcfe568000000018bcfe56800\
    ffffffffffffffffffffffffffff0000000118000000026b0a68656c6c6f00";

fn text(text: &'static str) -> ByteString {
    ByteString::from_static(text)
}

fn bytes(hex: &str) -> bytes::Bytes {
    let digits = hex.as_bytes().chunks(2);
    let byte = |pair| {
        let pair = std::str::from_utf8(pair).expect("digits are ASCII");
        u8::from_str_radix(pair, 16).expect("two hexadecimal digits")
    };
    digits.map(byte).collect()
}

fn whole(frame: &Frame) -> Vec<u8> {
    let mut whole = Vec::new();
    for chunk in &frame.chunks {
        match chunk {
            Chunk::Bytes(bytes) => whole.extend_from_slice(bytes),
            Chunk::Slot { .. } => panic!("no slot was written"),
        }
    }
    assert_eq!(whole.len(), frame.size);
    whole
}

/// The request is written as Kafka writes it, and read back from that.
fn assert_request<R: Request + std::fmt::Debug + PartialEq>(
    request: &R,
    version: i16,
    correlation_id: i32,
    golden: &str,
) {
    let golden = bytes(golden);
    let frame = request_frame(request, version, correlation_id, "klamm").expect("it is written");
    assert_eq!(whole(&frame), golden);
    let mut decoder = protocol::Decoder::new(golden.slice(4..));
    let header = RequestHeader::decode(&mut decoder).expect("the header is read");
    assert_eq!((header.api_key, header.api_version), (R::KEY.code(), version));
    let read = <R as Message>::decode(&mut decoder, version);
    assert_eq!(read.as_ref(), Ok(request));
    assert_eq!(decoder.finish(), Ok(()));
}

/// The response is written as Kafka writes it, and read back from that.
fn assert_response<R: Request>(
    response: &R::Response,
    version: i16,
    correlation_id: i32,
    golden: &str,
) where
    R::Response: PartialEq + std::fmt::Debug,
{
    let golden = bytes(golden);
    let frame = response_frame::<R>(response, version, correlation_id).expect("it is written");
    assert_eq!(whole(&frame), golden);
    let mut decoder = protocol::Decoder::new(golden.slice(4..));
    let header = ResponseHeader::decode(&mut decoder, R::KEY, version).expect("the header is read");
    assert_eq!(header, ResponseHeader { correlation_id });
    let read = <R::Response as Message>::decode(&mut decoder, version);
    assert_eq!(read.as_ref(), Ok(response));
    assert_eq!(decoder.finish(), Ok(()));
}

#[test]
fn api_versions_request_v4_is_kafkas() {
    let message = ApiVersionsRequest {
        client_software_name: text("apache-kafka-java"),
        client_software_version: text("4.3.1"),
    };
    let golden = "\
         00000029001200040000000100056b6c616d6d00126170616368652d6b61666b612d6a6176610634\
         2e332e3100";
    assert_request(&message, 4, 1, golden);
}

#[test]
fn api_versions_refusal_in_v0_is_kafkas() {
    let api_keys = vec![ApiVersion { api_key: 18, min_version: 0, max_version: 4 }];
    let message = ApiVersionsResponse { error_code: 35, api_keys, ..Default::default() };
    let golden = "\
         0000001000000002002300000001001200000004";
    assert_response::<ApiVersionsRequest>(&message, 0, 2, golden);
}

#[test]
fn api_versions_response_v4_is_kafkas() {
    let name = text("kraft.version");
    let message = ApiVersionsResponse {
        api_keys: vec![ApiVersion { api_key: 0, min_version: 0, max_version: 13 }],
        supported_features: vec![SupportedFeatureKey {
            name: name.clone(),
            min_version: 0,
            max_version: 1,
        }],
        finalized_features_epoch: 7,
        finalized_features: vec![FinalizedFeatureKey {
            name,
            max_version_level: 1,
            min_version_level: 1,
        }],
        ..Default::default()
    };
    let golden = "\
         000000490000000300000200000000000d0000000000030014020e6b726166742e76657273696f6e\
         0000000100010800000000000000070214020e6b726166742e76657273696f6e0001000100";
    assert_response::<ApiVersionsRequest>(&message, 4, 3, golden);
}

fn metadata() -> MetadataResponse {
    let partition = MetadataResponsePartition {
        partition_index: 3,
        leader_id: 1,
        leader_epoch: 5,
        replica_nodes: vec![1, 2],
        isr_nodes: vec![1],
        offline_replicas: vec![2],
        ..Default::default()
    };
    MetadataResponse {
        cluster_id: Some(text("klamm")),
        controller_id: 2,
        brokers: vec![MetadataResponseBroker {
            node_id: 1,
            host: text("127.0.0.1"),
            port: 9092,
            rack: Some(text("a")),
        }],
        topics: vec![MetadataResponseTopic {
            name: Some(text("messages")),
            topic_id: TOPIC_ID,
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    }
}

#[test]
fn metadata_response_v13_is_kafkas() {
    let message = metadata();
    let golden = "\
         0000007100000004000000000002000000010a3132372e302e302e3100002384026100066b6c616d\
         6d00000002020000096d65737361676573000102030405060708090a0b0c0d0e0f00020000000000\
         03000000010000000503000000010000000202000000010200000002008000000000000000";
    assert_response::<MetadataRequest>(&message, 13, 4, golden);
}

/// Version 1 has no place for cluster id, epochs and offline replicas: they are left out.
#[test]
fn metadata_response_v1_is_kafkas() {
    let frame = response_frame::<MetadataRequest>(&metadata(), 1, 5).unwrap();
    let golden = "\
         0000005500000005000000010000000100093132372e302e302e3100002384000161000000020000\
         0001000000086d657373616765730000000001000000000003000000010000000200000001000000\
         020000000100000001";
    assert_eq!(whole(&frame), bytes(golden));
}

fn produce(name: ByteString, topic_id: Uuid) -> ProduceRequest {
    let records = Some(Records::Bytes(bytes(BATCH)));
    ProduceRequest {
        transactional_id: None,
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name,
            topic_id,
            partition_data: vec![PartitionProduceData { index: 3, records }],
        }],
    }
}

#[test]
fn produce_request_v3_is_kafkas() {
    let message = produce(text("messages"), Uuid::ZERO);
    let golden = "\
         0000007b000000030000000600056b6c616d6dffffffff000075300000000100086d657373616765\
         7300000001000000030000004a00000000000000000000003effffffff0236ff4dc3000000000000\
         0000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000118000000026b\
         0a68656c6c6f00";
    assert_request(&message, 3, 6, golden);
}

#[test]
fn produce_request_v13_is_kafkas() {
    let message = produce(ByteString::new(), TOPIC_ID);
    let golden = "\
         0000007b0000000d0000000700056b6c616d6d0000ffff0000753002000102030405060708090a0b\
         0c0d0e0f02000000034b00000000000000000000003effffffff0236ff4dc3000000000000000001\
         8bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000118000000026b0a6865\
         6c6c6f00000000";
    assert_request(&message, 13, 7, golden);
}

#[test]
fn fetch_response_v18_is_kafkas() {
    let records = PartitionData {
        partition_index: 3,
        high_watermark: 1,
        last_stable_offset: 1,
        log_start_offset: 0,
        aborted_transactions: None,
        records: Some(Records::Bytes(bytes(BATCH))),
        ..Default::default()
    };
    let moved = PartitionData {
        partition_index: 4,
        error_code: 6,
        high_watermark: -1,
        current_leader: LeaderIdAndEpoch { leader_id: 2, leader_epoch: 8 },
        records: Some(Records::default()),
        ..Default::default()
    };
    let message = FetchResponse {
        session_id: 9,
        responses: vec![FetchableTopicResponse {
            topic_id: TOPIC_ID,
            partitions: vec![records, moved],
            ..Default::default()
        }],
        node_endpoints: vec![NodeEndpoint {
            node_id: 2,
            host: text("127.0.0.1"),
            port: 9093,
            rack: None,
        }],
        ..Default::default()
    };
    let golden = "\
         000000d900000008000000000000000000000902000102030405060708090a0b0c0d0e0f03000000\
         03000000000000000000010000000000000001000000000000000000ffffffff4b00000000000000\
         000000003effffffff0236ff4dc30000000000000000018bcfe568000000018bcfe56800ffffffff\
         ffffffffffffffffffff0000000118000000026b0a68656c6c6f0000000000040006ffffffffffff\
         ffffffffffffffffffffffffffffffffffff01ffffffff0101010900000002000000080000010015\
         02000000020a3132372e302e302e31000023850000";
    assert_response::<FetchRequest>(&message, 18, 8, golden);
}

fn create_topics() -> CreateTopicsRequest {
    let config =
        CreatableTopicConfig { name: text("retention.ms"), value: Some(text("604800000")) };
    let topic = CreatableTopic {
        name: text("messages"),
        num_partitions: 10,
        replication_factor: -1,
        configs: vec![config],
        ..Default::default()
    };
    CreateTopicsRequest { topics: vec![topic], ..Default::default() }
}

#[test]
fn create_topics_request_v7_is_kafkas() {
    let message = create_topics();
    let golden = "\
         00000041001300070000000900056b6c616d6d0002096d657373616765730000000affff01020d72\
         6574656e74696f6e2e6d730a36303438303030303000000000ea600000";
    assert_request(&message, 7, 9, golden);
}

#[test]
fn create_topics_request_v2_is_kafkas() {
    let message = create_topics();
    let golden = "\
         00000049001300020000000900056b6c616d6d0000000100086d657373616765730000000affff00\
         00000000000001000c726574656e74696f6e2e6d7300093630343830303030300000ea6000";
    assert_request(&message, 2, 9, golden);
}

#[test]
fn delete_topics_request_v6_is_kafkas() {
    let message = DeleteTopicsRequest {
        topics: vec![DeleteTopicState { name: None, topic_id: TOPIC_ID }],
        timeout_ms: 1000,
        ..Default::default()
    };
    let golden = "\
         00000028001400060000000a00056b6c616d6d000200000102030405060708090a0b0c0d0e0f0000\
         0003e800";
    assert_request(&message, 6, 10, golden);
}

#[test]
fn init_producer_id_request_v4_is_kafkas() {
    let message = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        ..Default::default()
    };
    let golden = "\
         00000020001600040000000b00056b6c616d6d00007fffffffffffffffffffffffffff00";
    assert_request(&message, 4, 11, golden);
}

#[test]
fn list_offsets_request_v10_is_kafkas() {
    let partition =
        ListOffsetsPartition { partition_index: 3, timestamp: -3, ..Default::default() };
    let message = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic { name: text("messages"), partitions: vec![partition] }],
        timeout_ms: 5000,
        ..Default::default()
    };
    let golden = "\
         000000370002000a0000000c00056b6c616d6d00ffffffff0002096d657373616765730200000003\
         fffffffffffffffffffffffd00000000138800";
    assert_request(&message, 10, 12, golden);
}
