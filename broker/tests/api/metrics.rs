//! What `/metrics` tells is what docs/metrics.md says, and Prometheus's own tool finds no fault.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use protocol::messages::{
    DeleteTopicsRequest, OffsetCommitRequest,
    delete_topics::DeleteTopicState,
    offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::*;

const DOCUMENT: &str = include_str!("../../../docs/metrics.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_in_the_document_with_its_meaning_type_and_labels() {
    let text = busy_brokers_metrics().await;
    let told: Vec<String> = rows(&text).into_values().collect();
    let written: Vec<&str> = DOCUMENT.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(written, told, "docs/metrics.md should hold:\n{}", told.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_finds_no_fault_with_the_metrics() {
    let text = busy_brokers_metrics().await;
    let tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    // Only where Prometheus is installed.
    let Ok(mut tool) = tool else { return };
    tool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = tool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    // What is named after Kafka's metrics keeps their units.
    let faults: Vec<&str> = said.lines().filter(|line| !line.starts_with("kafka_")).collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert!(!said.contains("error while linting"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_api_counts_the_errors_that_it_answers_with() {
    let running = start().await;
    let mut peer = running.connect().await;
    let unknown = |name: &str| DeleteTopicState { name: Some(name.into()), ..Default::default() };
    let topics = vec![unknown("one"), unknown("two")];
    let request = DeleteTopicsRequest { topics, timeout_ms: 9000, ..Default::default() };
    peer.ask(&request, 6).await;
    let text = metrics(&running).await;
    let expected = "kafka_network_requestmetrics_errors_total\
         {error=\"UnknownTopicOrPartition\",request=\"DeleteTopics\"} 2";
    assert!(text.lines().any(|line| line == expected), "{text}");
    assert!(!text.contains("error=\"None\""), "{text}");
}

/// The metrics of a broker that something happened to.
async fn busy_brokers_metrics() -> String {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 2).await;
    peer.ask(&produce("chat", id, 0, 1, batch(&["a"])), 13).await;
    peer.ask(&produce("chat", id, 7, 1, batch(&["a"])), 13).await;
    commit(&mut peer, "readers", "chat").await;
    metrics(&running).await
}

/// Has a group commit an offset; the topic of groups is created at the first attempt.
async fn commit(peer: &mut Peer, group: &str, topic: &str) {
    let partition = OffsetCommitRequestPartition { committed_offset: 1, ..Default::default() };
    let topic = OffsetCommitRequestTopic {
        name: topic.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let request =
        OffsetCommitRequest { group_id: group.into(), topics: vec![topic], ..Default::default() };
    let attempts = async {
        while peer.ask(&request, 9).await.topics[0].partitions[0].error_code != 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, attempts).await.expect("the broker takes commits soon");
}

/// What `/metrics` tells.
pub(crate) async fn metrics(running: &Running) -> String {
    let address = running.broker.admin_address().expect("the broker has an admin listener");
    let mut http = TcpStream::connect(address).await.expect("the admin listener is open");
    let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    http.write_all(request).await.expect("the broker reads");
    let mut answer = String::new();
    http.read_to_string(&mut answer).await.expect("the broker answers in text");
    answer.split_once("\r\n\r\n").expect("an answer has a head").1.to_owned()
}

/// A row of the document for each family, by its name.
fn rows(text: &str) -> BTreeMap<&str, String> {
    let mut rows = BTreeMap::new();
    for block in text.split("# HELP ").skip(1) {
        let mut lines = block.lines();
        let help = lines.next().and_then(|line| line.split_once(' '));
        let (name, help) = help.expect("a family has a name and a meaning");
        let kind = lines.next().and_then(|line| line.rsplit(' ').next());
        let kind = kind.expect("a family has a type");
        let labels: BTreeSet<&str> =
            lines.flat_map(labels).filter(|label| *label != "le").collect();
        let labels = labels.into_iter().collect::<Vec<_>>().join(", ");
        let row = format!("| `{name}` | {kind} | {labels} | {help} |");
        assert!(rows.insert(name, row).is_none(), "{name} is told twice");
    }
    rows
}

fn labels(sample: &str) -> Vec<&str> {
    let Some((_, labels)) = sample.split_once('{') else { return Vec::new() };
    let parts: Vec<&str> = labels.split("=\"").collect();
    let names = parts.iter().take(parts.len() - 1);
    names.filter_map(|part| part.rsplit(',').next()).collect()
}
