//! Pitfalls 1 to 7: the wire and the connection.

use std::collections::BTreeSet;

use protocol::{
    ApiKey, Message, Request,
    messages::{api_versions::ApiVersion, describe_cluster::DescribeClusterRequest, *},
};

use crate::support::*;

fn api_versions() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: "test".into(),
        client_software_version: "1.0".into(),
    }
}

/// A frame with its size in front.
fn framed(content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap();
    [&size.to_be_bytes()[..], content].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_1_a_future_version_of_api_versions_is_answered_in_version_0() {
    let running = start().await;
    let mut peer = running.connect().await;
    let frame = [&header(ApiKey::ApiVersions, 5)[..], b"\0whatever comes then"].concat();
    peer.send_bytes(&framed(&frame)).await;
    let answer = peer.receive_bytes().await.unwrap();
    assert_eq!(&answer[..], b"\0\0\0\x07\0\x23\0\0\0\x01\0\x12\0\0\0\x04");
    let answer = peer.ask(&api_versions(), 4).await;
    assert_eq!(answer.error_code, 0);
}

/// A client must be able to read the answer before it knows what the broker speaks.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_1_the_answers_header_has_no_tagged_fields_in_any_version() {
    let running = start().await;
    let mut peer = running.connect().await;
    let cluster = DescribeClusterRequest::default();
    for version in 0..=4 {
        peer.send(&api_versions(), version).await;
        let answer = peer.receive_bytes().await.unwrap();
        assert_eq!(answer[4..6], [0, 0], "the error follows the correlation id");
    }
    peer.send(&cluster, 0).await;
    let answer = peer.receive_bytes().await.unwrap();
    assert_eq!(answer[4], 0, "elsewhere the tagged fields follow it");
    assert_eq!(answer[5..9], [0; 4], "and then the throttle time");
}

/// librdkafka takes a broker whose Produce does not begin at 0 for one without compression.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_2_produce_is_advertised_from_version_0_and_refused_there() {
    let running = start().await;
    let mut peer = running.connect().await;
    let answer = peer.ask(&api_versions(), 4).await;
    assert_eq!((answer.api_keys[0].api_key, answer.api_keys[0].min_version), (0, 0));
    let body = b"\0\x01\0\0\0\x64\0\0\0\x01\0\x04chat\0\0\0\x01\0\0\0\x07\0\0\0\x03abc";
    peer.send_bytes(&framed(&[&header(ApiKey::Produce, 0)[..], body].concat())).await;
    let answer = peer.receive_bytes().await.unwrap();
    let unsupported = b"\0\0\0\x01\0\x04chat\0\0\0\x01\0\0\0\x07\0\x23";
    assert_eq!(&answer[4..4 + unsupported.len()], unsupported);
}

/// Every API that is advertised answers in every version that is, and no other is.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_3_what_is_advertised_is_answered() {
    let running = start().await;
    let mut peer = running.connect().await;
    let advertised = peer.ask(&api_versions(), 4).await.api_keys;
    let mut asked = Asked { peer, versions: Vec::new() };
    asked.in_every_version(&ProduceRequest { acks: 1, ..Default::default() }).await;
    asked.in_every_version(&FetchRequest::default()).await;
    asked.in_every_version(&ListOffsetsRequest::default()).await;
    asked.in_every_version(&MetadataRequest::default()).await;
    asked.in_every_version(&FindCoordinatorRequest::default()).await;
    asked.in_every_version(&OffsetCommitRequest::default()).await;
    asked.in_every_version(&OffsetFetchRequest::default()).await;
    asked.in_every_version(&JoinGroupRequest::default()).await;
    asked.in_every_version(&HeartbeatRequest::default()).await;
    asked.in_every_version(&LeaveGroupRequest::default()).await;
    asked.in_every_version(&SyncGroupRequest::default()).await;
    asked.in_every_version(&DescribeGroupsRequest::default()).await;
    asked.in_every_version(&ListGroupsRequest::default()).await;
    asked.in_every_version(&DeleteGroupsRequest::default()).await;
    asked.in_every_version(&OffsetDeleteRequest::default()).await;
    asked.in_every_version(&api_versions()).await;
    asked.in_every_version(&CreateTopicsRequest::default()).await;
    asked.in_every_version(&DeleteTopicsRequest::default()).await;
    asked.in_every_version(&DeleteRecordsRequest::default()).await;
    asked.in_every_version(&InitProducerIdRequest::default()).await;
    asked.in_every_version(&OffsetForLeaderEpochRequest::default()).await;
    asked.in_every_version(&DescribeConfigsRequest::default()).await;
    asked.in_every_version(&AlterConfigsRequest::default()).await;
    asked.in_every_version(&DescribeLogDirsRequest::default()).await;
    asked.in_every_version(&CreatePartitionsRequest::default()).await;
    asked.in_every_version(&IncrementalAlterConfigsRequest::default()).await;
    asked.in_every_version(&ListConfigResourcesRequest::default()).await;
    asked.in_every_version(&DescribeQuorumRequest::default()).await;
    asked.in_every_version(&UpdateFeaturesRequest::default()).await;
    asked.in_every_version(&DescribeClusterRequest::default()).await;
    asked.in_every_version(&DescribeProducersRequest::default()).await;
    asked.in_every_version(&DescribeTopicPartitionsRequest::default()).await;
    let of = |api: &ApiVersion| (api.api_key, api.min_version, api.max_version);
    let advertised: BTreeSet<_> = advertised.iter().map(of).collect();
    assert_eq!(asked.versions.into_iter().collect::<BTreeSet<_>>(), advertised);
}

struct Asked {
    peer: Peer,
    versions: Vec<(i16, i16, i16)>,
}

impl Asked {
    async fn in_every_version<R: Request>(&mut self, request: &R) {
        let known = <R as Message>::SCHEMA.versions;
        for version in R::ADVERTISED.iter().filter(|version| known.contains(*version)) {
            self.peer.ask(request, version).await;
        }
        let first = R::ADVERTISED.iter().next().unwrap();
        self.versions.push((R::KEY.code(), first, R::ADVERTISED.last()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_4_a_fetch_that_waits_holds_up_what_was_asked_after_it() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.send(&fetch("chat", id, 0, 0, 300), 16).await;
    peer.send(&api_versions(), 4).await;
    let order = [peer.receive_bytes().await.unwrap(), peer.receive_bytes().await.unwrap()];
    assert_eq!(order.map(|answer| answer[3]), [2, 3], "correlation ids in the order of requests");
}

/// Five batches in flight are what an idempotent producer relies on.
#[tokio::test(flavor = "multi_thread")]
async fn pitfall_4_batches_sent_in_one_go_are_appended_and_answered_in_order() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    for sequence in 0..5 {
        let batch = crate::idempotent(7, 0, sequence, &["x"]);
        peer.send(&produce("chat", id, 0, -1, batch), 13).await;
    }
    for expected in 2..7 {
        let answer = peer.receive_bytes().await.unwrap();
        assert_eq!(answer[3], expected);
    }
    let answer = peer.ask(&fetch("chat", id, 0, 0, 0), 16).await;
    assert_eq!(values(&answer).len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_5_acks_0_gets_no_answer_and_an_error_closes_the_connection() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    peer.send(&produce("chat", id, 0, 0, batch(&["quiet"])), 13).await;
    let answer = peer.ask(&fetch("chat", id, 0, 0, 1000), 16).await;
    assert_eq!(values(&answer), ["quiet"], "the next answer is the fetch's");
    peer.send(&produce("chat", id, 9, 0, batch(&["lost"])), 13).await;
    assert!(peer.is_closed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_7_lengths_that_lie_end_their_own_connection_only() {
    let running = start_with("socket.request.max.bytes=1048576\n").await;
    let mut honest = running.connect().await;
    let frames = [
        // A frame of 2 GiB, one just above the limit, and one of less than nothing.
        vec![0x7f, 0xff, 0xff, 0xff],
        (1_048_577_u32).to_be_bytes().to_vec(),
        vec![0xff, 0xff, 0xff, 0xff],
        // Millions of topics, a text of 32767 bytes, and a compact length of 2^32 in small frames.
        framed(&[&header(ApiKey::Metadata, 1)[..], &[0x7f, 0xff, 0xff, 0xff]].concat()),
        framed(&[&header(ApiKey::Metadata, 1)[..], &[0, 0, 0, 1, 0x7f, 0xff]].concat()),
        framed(&[&header(ApiKey::Metadata, 9)[..], &[0, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat()),
    ];
    for frame in frames {
        let mut hostile = running.connect().await;
        hostile.send_bytes(&frame).await;
        assert!(hostile.is_closed().await, "{frame:?}");
    }
    assert_eq!(honest.ask(&api_versions(), 4).await.error_code, 0);
}
