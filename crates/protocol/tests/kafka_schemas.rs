//! Every message is what Kafka's own schema of its name says, and goes to and fro unchanged.

use kafka_jars::{assert_round_trips, assert_schema};
use protocol::{
    Message, Request,
    consumer_protocol::{ConsumerProtocolAssignment, ConsumerProtocolSubscription},
    messages::*,
    records::control::{
        EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord,
        SnapshotHeaderRecord, VotersRecord,
    },
};

fn check<R: Request>() {
    assert_schema::<R>();
    assert_schema::<R::Response>();
    assert_round_trips::<R>();
    assert_round_trips::<R::Response>();
    let (request, response) = (<R as Message>::SCHEMA, <R::Response as Message>::SCHEMA);
    assert_eq!(request.key, Some(R::KEY.code()));
    assert_eq!(request.name, format!("{}Request", R::KEY));
    assert_eq!(request.versions, response.versions);
    assert_eq!(request.flexible, R::KEY.flexible_versions());
    assert_eq!(R::ADVERTISED.last(), request.versions.last() - i16::from(request.unstable));
}

fn check_data<M: Message>() {
    assert_schema::<M>();
    assert_round_trips::<M>();
}

#[test]
fn api_versions_is_kafkas() {
    check::<ApiVersionsRequest>();
}

#[test]
fn metadata_is_kafkas() {
    check::<MetadataRequest>();
}

#[test]
fn produce_is_kafkas() {
    check::<ProduceRequest>();
}

#[test]
fn fetch_is_kafkas() {
    check::<FetchRequest>();
}

#[test]
fn list_offsets_is_kafkas() {
    check::<ListOffsetsRequest>();
}

#[test]
fn init_producer_id_is_kafkas() {
    check::<InitProducerIdRequest>();
}

#[test]
fn create_topics_is_kafkas() {
    check::<CreateTopicsRequest>();
}

#[test]
fn delete_topics_is_kafkas() {
    check::<DeleteTopicsRequest>();
}

#[test]
fn create_partitions_is_kafkas() {
    check::<CreatePartitionsRequest>();
}

#[test]
fn offset_for_leader_epoch_is_kafkas() {
    check::<OffsetForLeaderEpochRequest>();
}

#[test]
fn delete_records_is_kafkas() {
    check::<DeleteRecordsRequest>();
}

#[test]
fn describe_configs_is_kafkas() {
    check::<DescribeConfigsRequest>();
}

#[test]
fn incremental_alter_configs_is_kafkas() {
    check::<IncrementalAlterConfigsRequest>();
}

#[test]
fn alter_configs_is_kafkas() {
    check::<AlterConfigsRequest>();
}

#[test]
fn describe_cluster_is_kafkas() {
    check::<DescribeClusterRequest>();
}

#[test]
fn describe_topic_partitions_is_kafkas() {
    check::<DescribeTopicPartitionsRequest>();
}

#[test]
fn describe_log_dirs_is_kafkas() {
    check::<DescribeLogDirsRequest>();
}

#[test]
fn describe_producers_is_kafkas() {
    check::<DescribeProducersRequest>();
}

#[test]
fn list_config_resources_is_kafkas() {
    check::<ListConfigResourcesRequest>();
}

#[test]
fn describe_quorum_is_kafkas() {
    check::<DescribeQuorumRequest>();
}

#[test]
fn update_features_is_kafkas() {
    check::<UpdateFeaturesRequest>();
}

#[test]
fn find_coordinator_is_kafkas() {
    check::<FindCoordinatorRequest>();
}

#[test]
fn join_group_is_kafkas() {
    check::<JoinGroupRequest>();
}

#[test]
fn sync_group_is_kafkas() {
    check::<SyncGroupRequest>();
}

#[test]
fn heartbeat_is_kafkas() {
    check::<HeartbeatRequest>();
}

#[test]
fn leave_group_is_kafkas() {
    check::<LeaveGroupRequest>();
}

#[test]
fn offset_commit_is_kafkas() {
    check::<OffsetCommitRequest>();
}

#[test]
fn offset_fetch_is_kafkas() {
    check::<OffsetFetchRequest>();
}

#[test]
fn offset_delete_is_kafkas() {
    check::<OffsetDeleteRequest>();
}

#[test]
fn describe_groups_is_kafkas() {
    check::<DescribeGroupsRequest>();
}

#[test]
fn list_groups_is_kafkas() {
    check::<ListGroupsRequest>();
}

#[test]
fn delete_groups_is_kafkas() {
    check::<DeleteGroupsRequest>();
}

#[test]
fn what_consumers_tell_each_other_is_kafkas() {
    check_data::<ConsumerProtocolSubscription>();
    check_data::<ConsumerProtocolAssignment>();
}

#[test]
fn control_records_are_kafkas() {
    check_data::<EndTxnMarker>();
    check_data::<LeaderChangeMessage>();
    check_data::<SnapshotHeaderRecord>();
    check_data::<SnapshotFooterRecord>();
    check_data::<KRaftVersionRecord>();
    check_data::<VotersRecord>();
}
