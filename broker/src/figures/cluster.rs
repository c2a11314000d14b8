//! What the cluster's metadata say: of the controller, of this broker's replicas, of the quorum.

use node::{Node, PaceFigures, QuorumView, metadata::Image};
use types::{BrokerId, Now};

use crate::exposition::{Kind, counter, family, gauge, label, sample};

pub(super) fn write(text: &mut String, node: &Node, now: Now) {
    let image = node.image();
    write_replicas(text, node, &image);
    write_controller(text, node, &image);
    if let Some(quorum) = node.quorum() {
        write_quorum(text, node.config().broker, &quorum);
        write_pace(text, node.quorum_pace(now));
    }
}

/// The replicas of this broker.
struct Replicas {
    hosted: usize,
    led: usize,
    under_replicated: usize,
}

impl Replicas {
    fn count(image: &Image, own: BrokerId) -> Replicas {
        let mut replicas = Replicas { hosted: 0, led: 0, under_replicated: 0 };
        for (_, partition) in image.topics.iter().flat_map(|topic| topic.partitions()) {
            if !partition.replicas.contains(&own) {
                continue;
            }
            replicas.hosted += 1;
            if partition.leader == Some(own) {
                replicas.led += 1;
                let is_short = partition.isr.len() < partition.replicas.len();
                replicas.under_replicated += usize::from(is_short);
            }
        }
        replicas
    }
}

fn write_replicas(text: &mut String, node: &Node, image: &Image) {
    let replicas = Replicas::count(image, node.config().broker);
    let mut write = |name: &str, help: &str, value: usize| {
        gauge(text, &format!("kafka_server_replicamanager_{name}"), help, value);
    };
    write("partitioncount", "Partitions with a replica on this broker", replicas.hosted);
    write("leadercount", "Partitions that this broker leads", replicas.led);
    write(
        "underreplicatedpartitions",
        "Partitions led here with a replica that is not in sync",
        replicas.under_replicated,
    );
    write(
        "offlinereplicacount",
        "Replicas on this broker whose log could not be opened or was closed by a disk error",
        node.offline_logs(),
    );
}

fn write_controller(text: &mut String, node: &Node, image: &Image) {
    let is_active = node.quorum().is_some_and(|quorum| quorum.leading.is_some());
    let partitions = || image.topics.iter().flat_map(|topic| topic.partitions());
    let (fenced, active): (Vec<_>, Vec<_>) = image.brokers.iter().partition(|broker| broker.fenced);
    let mut write = |name: &str, help: &str, value: usize| {
        gauge(text, &format!("kafka_controller_kafkacontroller_{name}"), help, value);
    };
    write(
        "activecontrollercount",
        "1 where the active controller is, so that the sum over all nodes is 1",
        usize::from(is_active),
    );
    write("activebrokercount", "Brokers that are not fenced", active.len());
    write("fencedbrokercount", "Brokers that are fenced", fenced.len());
    write("globaltopiccount", "Topics of the cluster", image.topics.iter().count());
    write("globalpartitioncount", "Partitions of the cluster", partitions().count());
    write(
        "offlinepartitionscount",
        "Partitions without a leader",
        partitions().filter(|(_, one)| one.leader.is_none()).count(),
    );
    write(
        "preferredreplicaimbalancecount",
        "Partitions that another broker than their first replica leads",
        partitions().filter(|(_, one)| one.leader != one.replicas.first().copied()).count(),
    );
    counter(
        text,
        "kafka_controller_controllerstats_uncleanleaderelections_total",
        "Leaders elected from outside the in-sync set; this version elects none",
        0,
    );
}

fn write_quorum(text: &mut String, own: BrokerId, quorum: &QuorumView) {
    let mut write = |name: &str, help: &str, value: i64| {
        gauge(text, &format!("kafka_server_raftmetrics_{name}"), help, value);
    };
    let leader = quorum.leading.map_or(-1, |_| i64::from(own.0));
    let voted = quorum.voted.map_or(-1, |voted| i64::from(voted.0));
    write("current_vote", "Whom this node has voted for in this epoch; -1 when nobody", voted);
    write(
        "current_leader",
        "The leader of the metadata quorum, when it is this node; else -1",
        leader,
    );
    write("current_epoch", "The epoch of the metadata quorum", i64::from(quorum.epoch.0));
    write(
        "high_watermark",
        "The end of what is committed of the metadata log; -1 when it is not known",
        quorum.high_watermark.map_or(-1, |offset| offset.0),
    );
    write("log_end_offset", "The end of the metadata log", quorum.log_end.0);
    let name = "kafka_server_raftmetrics_current_state";
    family(text, name, Kind::Gauge, "Always 1; what this node is in the quorum is in the label");
    sample(text, name, &label("current_state", quorum.state), 1);
}

fn write_pace(text: &mut String, pace: PaceFigures) {
    let mut write = |name: &str, help: &str, value: f64| {
        gauge(text, &format!("kafka_server_raftmetrics_{name}"), help, value);
    };
    write(
        "append_records_rate",
        "Records that this node appended each second as the leader of the metadata quorum, lately",
        pace.records_per_second,
    );
    write(
        "commit_latency_avg",
        "Milliseconds until what it appended was committed, on average; NaN when nothing was, lately",
        pace.commit_ms_average.unwrap_or(f64::NAN),
    );
    write(
        "commit_latency_max",
        "Milliseconds until what it appended was committed, at most; NaN when nothing was, lately",
        pace.commit_ms_max.unwrap_or(f64::NAN),
    );
}
