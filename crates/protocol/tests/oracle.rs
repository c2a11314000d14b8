//! The bytes of every message are those that another implementation reads and writes.
//!
//! The `kafka-protocol` crate knows Kafka 4.1; versions that came later are left out.

use bytes::BytesMut;
use kafka_jars::{arbitrary, schemas::descriptor};
use kafka_protocol::{
    messages as oracle,
    protocol::{Decodable, Encodable},
};
use proptest::{collection, prelude::any, test_runner::TestRunner};
use protocol::{
    Message,
    consumer_protocol::{ConsumerProtocolAssignment, ConsumerProtocolSubscription},
    messages::*,
};

/// Both read what is made up from Kafka's schema, and both write it again as the same bytes.
fn agrees<M, O>()
where
    M: Message,
    O: Decodable + Encodable + kafka_protocol::protocol::Message,
{
    let schema = descriptor(<M as Message>::SCHEMA.name);
    let known = O::VERSIONS.min..=O::VERSIONS.max;
    for version in <M as Message>::SCHEMA.versions.iter().filter(|it| known.contains(it)) {
        let check = |choices: Vec<u8>| {
            let mut bytes = arbitrary(&schema, version, &choices);
            let ours = M::from_bytes(bytes.clone(), version).expect("we read it");
            let theirs = O::decode(&mut bytes, version).expect("the oracle reads it");
            let mut written = BytesMut::new();
            theirs.encode(&mut written, version).expect("the oracle writes it");
            assert_eq!(ours.to_bytes(version).expect("we write it"), written, "version {version}");
            Ok(())
        };
        let run = TestRunner::default().run(&collection::vec(any::<u8>(), 0..512), check);
        run.unwrap_or_else(|error| panic!("version {version}: {error}"));
    }
}

#[test]
fn api_versions_agrees_with_the_oracle() {
    agrees::<ApiVersionsRequest, oracle::ApiVersionsRequest>();
    agrees::<ApiVersionsResponse, oracle::ApiVersionsResponse>();
}

#[test]
fn metadata_agrees_with_the_oracle() {
    agrees::<MetadataRequest, oracle::MetadataRequest>();
    agrees::<MetadataResponse, oracle::MetadataResponse>();
}

#[test]
fn produce_agrees_with_the_oracle() {
    agrees::<ProduceRequest, oracle::ProduceRequest>();
    agrees::<ProduceResponse, oracle::ProduceResponse>();
}

#[test]
fn fetch_agrees_with_the_oracle() {
    agrees::<FetchRequest, oracle::FetchRequest>();
    agrees::<FetchResponse, oracle::FetchResponse>();
}

#[test]
fn list_offsets_agrees_with_the_oracle() {
    agrees::<ListOffsetsRequest, oracle::ListOffsetsRequest>();
    agrees::<ListOffsetsResponse, oracle::ListOffsetsResponse>();
}

#[test]
fn init_producer_id_agrees_with_the_oracle() {
    agrees::<InitProducerIdRequest, oracle::InitProducerIdRequest>();
    agrees::<InitProducerIdResponse, oracle::InitProducerIdResponse>();
}

#[test]
fn create_topics_agrees_with_the_oracle() {
    agrees::<CreateTopicsRequest, oracle::CreateTopicsRequest>();
    agrees::<CreateTopicsResponse, oracle::CreateTopicsResponse>();
}

#[test]
fn delete_topics_agrees_with_the_oracle() {
    agrees::<DeleteTopicsRequest, oracle::DeleteTopicsRequest>();
    agrees::<DeleteTopicsResponse, oracle::DeleteTopicsResponse>();
}

#[test]
fn create_partitions_agrees_with_the_oracle() {
    agrees::<CreatePartitionsRequest, oracle::CreatePartitionsRequest>();
    agrees::<CreatePartitionsResponse, oracle::CreatePartitionsResponse>();
}

#[test]
fn offset_for_leader_epoch_agrees_with_the_oracle() {
    agrees::<OffsetForLeaderEpochRequest, oracle::OffsetForLeaderEpochRequest>();
    agrees::<OffsetForLeaderEpochResponse, oracle::OffsetForLeaderEpochResponse>();
}

#[test]
fn delete_records_agrees_with_the_oracle() {
    agrees::<DeleteRecordsRequest, oracle::DeleteRecordsRequest>();
    agrees::<DeleteRecordsResponse, oracle::DeleteRecordsResponse>();
}

#[test]
fn describe_configs_agrees_with_the_oracle() {
    agrees::<DescribeConfigsRequest, oracle::DescribeConfigsRequest>();
    agrees::<DescribeConfigsResponse, oracle::DescribeConfigsResponse>();
}

#[test]
fn incremental_alter_configs_agrees_with_the_oracle() {
    agrees::<IncrementalAlterConfigsRequest, oracle::IncrementalAlterConfigsRequest>();
    agrees::<IncrementalAlterConfigsResponse, oracle::IncrementalAlterConfigsResponse>();
}

#[test]
fn alter_configs_agrees_with_the_oracle() {
    agrees::<AlterConfigsRequest, oracle::AlterConfigsRequest>();
    agrees::<AlterConfigsResponse, oracle::AlterConfigsResponse>();
}

#[test]
fn describe_cluster_agrees_with_the_oracle() {
    agrees::<DescribeClusterRequest, oracle::DescribeClusterRequest>();
    agrees::<DescribeClusterResponse, oracle::DescribeClusterResponse>();
}

#[test]
fn describe_topic_partitions_agrees_with_the_oracle() {
    agrees::<DescribeTopicPartitionsRequest, oracle::DescribeTopicPartitionsRequest>();
    agrees::<DescribeTopicPartitionsResponse, oracle::DescribeTopicPartitionsResponse>();
}

#[test]
fn describe_log_dirs_agrees_with_the_oracle() {
    agrees::<DescribeLogDirsRequest, oracle::DescribeLogDirsRequest>();
    agrees::<DescribeLogDirsResponse, oracle::DescribeLogDirsResponse>();
}

#[test]
fn describe_producers_agrees_with_the_oracle() {
    agrees::<DescribeProducersRequest, oracle::DescribeProducersRequest>();
    agrees::<DescribeProducersResponse, oracle::DescribeProducersResponse>();
}

#[test]
fn list_config_resources_agrees_with_the_oracle() {
    agrees::<ListConfigResourcesRequest, oracle::ListConfigResourcesRequest>();
    agrees::<ListConfigResourcesResponse, oracle::ListConfigResourcesResponse>();
}

#[test]
fn describe_quorum_agrees_with_the_oracle() {
    agrees::<DescribeQuorumRequest, oracle::DescribeQuorumRequest>();
    agrees::<DescribeQuorumResponse, oracle::DescribeQuorumResponse>();
}

#[test]
fn update_features_agrees_with_the_oracle() {
    agrees::<UpdateFeaturesRequest, oracle::UpdateFeaturesRequest>();
    agrees::<UpdateFeaturesResponse, oracle::UpdateFeaturesResponse>();
}

#[test]
fn find_coordinator_agrees_with_the_oracle() {
    agrees::<FindCoordinatorRequest, oracle::FindCoordinatorRequest>();
    agrees::<FindCoordinatorResponse, oracle::FindCoordinatorResponse>();
}

#[test]
fn join_group_agrees_with_the_oracle() {
    agrees::<JoinGroupRequest, oracle::JoinGroupRequest>();
    agrees::<JoinGroupResponse, oracle::JoinGroupResponse>();
}

#[test]
fn sync_group_agrees_with_the_oracle() {
    agrees::<SyncGroupRequest, oracle::SyncGroupRequest>();
    agrees::<SyncGroupResponse, oracle::SyncGroupResponse>();
}

#[test]
fn heartbeat_agrees_with_the_oracle() {
    agrees::<HeartbeatRequest, oracle::HeartbeatRequest>();
    agrees::<HeartbeatResponse, oracle::HeartbeatResponse>();
}

#[test]
fn leave_group_agrees_with_the_oracle() {
    agrees::<LeaveGroupRequest, oracle::LeaveGroupRequest>();
    agrees::<LeaveGroupResponse, oracle::LeaveGroupResponse>();
}

#[test]
fn offset_commit_agrees_with_the_oracle() {
    agrees::<OffsetCommitRequest, oracle::OffsetCommitRequest>();
    agrees::<OffsetCommitResponse, oracle::OffsetCommitResponse>();
}

#[test]
fn offset_fetch_agrees_with_the_oracle() {
    agrees::<OffsetFetchRequest, oracle::OffsetFetchRequest>();
    agrees::<OffsetFetchResponse, oracle::OffsetFetchResponse>();
}

#[test]
fn offset_delete_agrees_with_the_oracle() {
    agrees::<OffsetDeleteRequest, oracle::OffsetDeleteRequest>();
    agrees::<OffsetDeleteResponse, oracle::OffsetDeleteResponse>();
}

#[test]
fn describe_groups_agrees_with_the_oracle() {
    agrees::<DescribeGroupsRequest, oracle::DescribeGroupsRequest>();
    agrees::<DescribeGroupsResponse, oracle::DescribeGroupsResponse>();
}

#[test]
fn list_groups_agrees_with_the_oracle() {
    agrees::<ListGroupsRequest, oracle::ListGroupsRequest>();
    agrees::<ListGroupsResponse, oracle::ListGroupsResponse>();
}

#[test]
fn delete_groups_agrees_with_the_oracle() {
    agrees::<DeleteGroupsRequest, oracle::DeleteGroupsRequest>();
    agrees::<DeleteGroupsResponse, oracle::DeleteGroupsResponse>();
}

#[test]
fn what_consumers_tell_each_other_agrees_with_the_oracle() {
    agrees::<ConsumerProtocolSubscription, oracle::ConsumerProtocolSubscription>();
    agrees::<ConsumerProtocolAssignment, oracle::ConsumerProtocolAssignment>();
}
