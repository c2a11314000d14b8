//! Pitfall 9: Metadata.

use broker::{Broker, config::Config};
use protocol::{
    ErrorCode,
    messages::{DescribeClusterRequest, MetadataRequest, metadata::MetadataRequestTopic},
};
use tokio::net::TcpStream;
use types::Uuid;

use crate::{code, support::*};

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_9_metadata_lists_topics_as_each_version_asks_for_them() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 2).await;
    for version in 0..=13 {
        let all = if version == 0 { Some(Vec::new()) } else { None };
        let request = MetadataRequest { topics: all, ..Default::default() };
        let answer = peer.ask(&request, version).await;
        assert_eq!(answer.brokers[0].port, i32::from(running.broker.addresses()[0].port()));
        assert_eq!(answer.topics.len(), 1, "version {version}");
        assert_eq!(answer.topics[0].partitions.len(), 2);
        assert_eq!(answer.topics[0].partitions[0].leader_id, 1);
    }
    let none = MetadataRequest { topics: Some(Vec::new()), ..Default::default() };
    assert!(peer.ask(&none, 1).await.topics.is_empty());
    let by_id = MetadataRequestTopic { topic_id: id, name: None };
    let wrong = MetadataRequestTopic { topic_id: Uuid::from_u128(77), name: None };
    let request = MetadataRequest { topics: Some(vec![by_id, wrong]), ..Default::default() };
    let answer = peer.ask(&request, 12).await;
    assert_eq!(answer.topics[0].name.as_deref(), Some("chat"));
    assert_eq!(answer.topics[1].error_code, code(ErrorCode::UnknownTopicId));
}

fn named(name: &str) -> MetadataRequest {
    let topic = MetadataRequestTopic { name: Some(name.into()), ..Default::default() };
    MetadataRequest { topics: Some(vec![topic]), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_9_asking_for_an_unknown_topic_creates_it_unless_forbidden() {
    let running = start().await;
    let mut peer = running.connect().await;
    let forbidden = MetadataRequest { allow_auto_topic_creation: false, ..named("chat") };
    let answer = peer.ask(&forbidden, 12).await;
    assert_eq!(answer.topics[0].error_code, code(ErrorCode::UnknownTopicOrPartition));
    let answer = peer.ask(&named("chat"), 12).await;
    assert_eq!((answer.topics[0].error_code, answer.topics[0].partitions.len()), (0, 1));
    let answer = peer.ask(&named("no/topic"), 12).await;
    assert_eq!(answer.topics[0].error_code, code(ErrorCode::InvalidTopicException));
    let answer = peer.ask(&named("__consumer_offsets"), 12).await;
    assert_eq!(answer.topics[0].error_code, code(ErrorCode::UnknownTopicOrPartition));

    let strict = start_with("auto.create.topics.enable=false\n").await;
    let answer = strict.connect().await.ask(&named("chat"), 12).await;
    assert_eq!(answer.topics[0].error_code, code(ErrorCode::UnknownTopicOrPartition));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_9_what_one_may_do_is_told_when_asked_also_of_topics_that_do_not_exist() {
    let running = start_with("auto.create.topics.enable=false\n").await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    for (name, error) in [("chat", 0), ("gone", code(ErrorCode::UnknownTopicOrPartition))] {
        let mut request = named(name);
        let answer = peer.ask(&request, 12).await;
        assert_eq!(answer.topics[0].topic_authorized_operations, i32::MIN);
        request.include_topic_authorized_operations = true;
        let answer = peer.ask(&request, 12).await;
        let topic = &answer.topics[0];
        assert_eq!((topic.error_code, topic.topic_authorized_operations), (error, 0xdf8));
    }
    let mut request = named("chat");
    request.include_cluster_authorized_operations = true;
    let answer = peer.ask(&request, 8).await;
    assert_eq!(answer.cluster_authorized_operations, 0x1fa0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_9_every_listener_tells_its_own_address() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\nlog.dirs={}\n\
         klamm.cluster.id=AAAAAAAAAAAAAAAAAAAAZw\ncontroller.listener.names=CONTROLLER\n\
         listeners=IN://127.0.0.1:0,OUT://127.0.0.1:0,CONTROLLER://127.0.0.1:29099\n\
         advertised.listeners=IN://inside:9092,OUT://outside:9093\n\
         listener.security.protocol.map=IN:PLAINTEXT,OUT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         inter.broker.listener.name=IN\nklamm.admin.listener=127.0.0.1:0\n\
         klamm.initial.controllers=1@127.0.0.1:29099:AAAAAAAAAAAAAAAAAAAAaA\n",
        folder.path().display()
    );
    let mut broker = Broker::start(Config::parse(&text).unwrap()).await.unwrap();
    tokio::time::timeout(PATIENCE, broker.serving()).await.unwrap().unwrap();
    for (listener, host, port) in [(0, "inside", 9092), (1, "outside", 9093)] {
        let stream = TcpStream::connect(broker.addresses()[listener]).await.unwrap();
        let mut peer = Peer::new(stream);
        let answer = peer.ask(&MetadataRequest { topics: None, ..Default::default() }, 13).await;
        assert_eq!((&*answer.brokers[0].host, answer.brokers[0].port), (host, port));
        let answer = peer.ask(&DescribeClusterRequest::default(), 2).await;
        assert_eq!((&*answer.brokers[0].host, answer.brokers[0].port), (host, port));
    }
}
