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
use protocol::{Message, messages::*};

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
