//! What passed through topics, one by one and all together.
//!
//! What is counted for all of them is kept when a topic is deleted; its own figures go with it.

use std::collections::BTreeMap;

use node::{LogFigures, TrafficFigures};
use types::TopicName;

use crate::{
    exposition::{Kind, family, label, sample},
    telemetry::TopicMetrics,
};

/// Name, meaning, the figure of all topics, and that of one partition.
type Row = (&'static str, &'static str, fn(&TopicMetrics) -> u64, fn(&TrafficFigures) -> u64);

const ROWS: [Row; 7] = [
    ("messagesin", "Records appended", |all| all.messages_in.get(), |one| one.messages_in),
    ("bytesin", "Bytes of batches appended", |all| all.bytes_in.get(), |one| one.bytes_in),
    ("bytesout", "Bytes of batches fetched", |all| all.bytes_out.get(), |one| one.bytes_out),
    (
        "totalproducerequests",
        "Produce requests; by topic, batches for its partitions",
        |all| all.produce_requests.get(),
        |one| one.produces,
    ),
    (
        "totalfetchrequests",
        "Fetch requests; by topic, reads of its partitions, those after a wait included",
        |all| all.fetch_requests.get(),
        |one| one.fetches,
    ),
    (
        "failedproducerequests",
        "Batches that were refused",
        |all| all.failed_produce.get(),
        |one| one.produces_failed,
    ),
    (
        "failedfetchrequests",
        "Reads of partitions that were refused",
        |all| all.failed_fetch.get(),
        |one| one.fetches_failed,
    ),
];

pub(super) fn write(text: &mut String, all: &TopicMetrics, logs: &[LogFigures]) {
    let mut topics: BTreeMap<&TopicName, Vec<&TrafficFigures>> = BTreeMap::new();
    for log in logs {
        topics.entry(&log.partition.topic).or_default().push(&log.traffic);
    }
    for (name, help, of_all, of_one) in ROWS {
        let name = format!("kafka_server_brokertopicmetrics_{name}_total");
        family(text, &name, Kind::Counter, help);
        sample(text, &name, "", of_all(all));
        for (topic, partitions) in &topics {
            let sum: u64 = partitions.iter().map(|one| of_one(one)).sum();
            sample(text, &name, &label("topic", topic.as_str()), sum);
        }
    }
}
