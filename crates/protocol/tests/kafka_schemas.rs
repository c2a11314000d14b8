//! Every message is what Kafka's own schema of its name says, and goes to and fro unchanged.

use kafka_jars::{assert_round_trips, assert_schema};
use protocol::{
    Message, Request,
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
fn control_records_are_kafkas() {
    fn check<M: Message>() {
        assert_schema::<M>();
        assert_round_trips::<M>();
    }
    check::<EndTxnMarker>();
    check::<LeaderChangeMessage>();
    check::<SnapshotHeaderRecord>();
    check::<SnapshotFooterRecord>();
    check::<KRaftVersionRecord>();
    check::<VotersRecord>();
}
