//! Each partition by itself: few figures, since there may be ten thousand partitions.

use std::fmt::{Display, Write};

use node::{
    LogFigures, Node,
    metadata::{Image, image::ConfigResource},
};
use types::{PartitionIndex, TopicName};

use crate::exposition::{Kind, family, gauge};

const LEAST: &str = "min.insync.replicas";

pub(super) fn write(text: &mut String, node: &Node, logs: &[LogFigures]) {
    let of_logs = |text: &mut String, name, help, value: &dyn Fn(&LogFigures) -> i64| {
        let samples =
            logs.iter().map(|log| (&log.partition.topic, log.partition.partition, value(log)));
        write_all(text, name, help, samples);
    };
    of_logs(text, "kafka_log_log_size", "Bytes of the log's segments", &|log| {
        i64::try_from(log.size_bytes).unwrap_or(i64::MAX)
    });
    of_logs(text, "kafka_log_log_numlogsegments", "Segments of the log", &|log| {
        i64::try_from(log.segments).unwrap_or(i64::MAX)
    });
    of_logs(text, "kafka_log_log_logstartoffset", "The first offset of the log", &|log| {
        log.start.0
    });
    of_logs(text, "kafka_log_log_logendoffset", "The offset that comes next in the log", &|log| {
        log.end.0
    });
    write_replication(text, node);
    write_stable_lags(text, logs);
}

fn write_stable_lags(text: &mut String, logs: &[LogFigures]) {
    let lags = logs.iter().filter_map(|log| {
        let lag = log.high_watermark?.since(log.last_stable?);
        Some((&log.partition.topic, log.partition.partition, lag))
    });
    let help = "Offsets of a partition led here that wait for the end of a transaction";
    write_all(text, "kafka_cluster_partition_laststableoffsetlag", help, lags);
}

/// What the leader of a partition knows of its replicas.
struct Replication<'a> {
    topic: &'a TopicName,
    partition: PartitionIndex,
    replicas: usize,
    in_sync: usize,
    in_sync_min: usize,
}

impl Replication<'_> {
    fn is_under_replicated(&self) -> bool {
        self.in_sync < self.replicas
    }

    fn is_under_min(&self) -> bool {
        self.in_sync < self.in_sync_min
    }

    fn is_at_min(&self) -> bool {
        self.in_sync == self.in_sync_min
    }
}

fn write_replication(text: &mut String, node: &Node) {
    let image = node.image();
    let led = led(node, &image);
    let mut of_each = |name: &str, help: &str, value: fn(&Replication<'_>) -> usize| {
        let samples = led.iter().map(|one| (one.topic, one.partition, value(one)));
        write_all(text, &format!("kafka_cluster_partition_{name}"), help, samples);
    };
    of_each("replicascount", "Replicas of a partition led here", |one| one.replicas);
    of_each("insyncreplicascount", "Replicas in sync of a partition led here", |one| one.in_sync);
    of_each("underreplicated", "1 when a replica of a partition led here is not in sync", |one| {
        usize::from(one.is_under_replicated())
    });
    of_each(
        "underminisr",
        "1 when fewer replicas are in sync than min.insync.replicas asks for",
        |one| usize::from(one.is_under_min()),
    );
    of_each(
        "atminisr",
        "1 when just as many replicas are in sync as min.insync.replicas asks for",
        |one| usize::from(one.is_at_min()),
    );
    gauge(
        text,
        "kafka_server_replicamanager_underminisrpartitioncount",
        "Partitions led here with fewer replicas in sync than min.insync.replicas asks for",
        led.iter().filter(|one| one.is_under_min()).count(),
    );
    gauge(
        text,
        "kafka_server_replicamanager_atminisrpartitioncount",
        "Partitions led here with just as many in sync as min.insync.replicas asks for",
        led.iter().filter(|one| one.is_at_min()).count(),
    );
}

fn led<'a>(node: &Node, image: &'a Image) -> Vec<Replication<'a>> {
    let own = node.config().broker;
    let default = usize::try_from(node.effective().number(LEAST)).unwrap_or_default();
    let mut led = Vec::new();
    for topic in image.topics.iter() {
        let resource = ConfigResource::topic(topic.name.as_str());
        let set = image.configs.of(&resource).find(|(key, _)| *key == LEAST);
        let least = set.and_then(|(_, value)| value.parse().ok()).unwrap_or(default);
        for (partition, one) in topic.partitions().filter(|(_, one)| one.leader == Some(own)) {
            let replicas = one.replicas.len();
            led.push(Replication {
                topic: &topic.name,
                partition,
                replicas,
                in_sync: one.isr.len(),
                // No more can be in sync than there are replicas.
                in_sync_min: least.min(replicas),
            });
        }
    }
    led
}

fn write_all<'a, T: Display>(
    text: &mut String,
    name: &str,
    help: &str,
    samples: impl Iterator<Item = (&'a TopicName, PartitionIndex, T)>,
) {
    family(text, name, Kind::Gauge, help);
    for (topic, partition, value) in samples {
        // Topic names need no escapes.
        writeln!(text, "{name}{{topic=\"{topic}\",partition=\"{partition}\"}} {value}")
            .expect("a text takes what is written");
    }
}
