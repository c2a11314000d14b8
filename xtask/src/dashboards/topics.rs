//! What each topic takes in, gives out and holds.

use super::dashboard::{Dashboard, Row, Variable, of, places};
use super::panel::{Panel, Unit};

/// The topics that were chosen; not the sum of all.
const TOPIC: &str = "topic=~\"$topic\",topic!=\"\"";

pub(super) fn dashboard() -> Dashboard {
    let mut variables = places("klamm_build_info");
    let topics = of("kafka_log_log_size", "");
    variables.push(Variable { label: "topic", title: "Topic", of: topics });
    let traffic = Row { title: "Traffic", height: 9, panels: traffic() };
    let contents = Row { title: "Contents", height: 9, panels: contents() };
    let trouble = Row { title: "Refused", height: 8, panels: refused() };
    Dashboard {
        name: "topics",
        title: "Topics",
        description: "What each topic takes in, gives out and holds.",
        variables,
        rows: vec![traffic, contents, trouble],
    }
}

fn rate(metric: &str) -> String {
    format!("sum by (topic) (rate({}[$__rate_interval]))", of(metric, TOPIC))
}

fn traffic() -> Vec<Panel> {
    vec![
        Panel::areas("Records in", "Records appended each second.", Unit::PerSecond)
            .line(rate("kafka_server_brokertopicmetrics_messagesin_total"), "{{topic}}"),
        Panel::areas("Bytes in", "Bytes of batches appended, as compressed.", Unit::BytesPerSecond)
            .line(rate("kafka_server_brokertopicmetrics_bytesin_total"), "{{topic}}"),
        Panel::areas("Bytes out", "Bytes of batches that were fetched.", Unit::BytesPerSecond)
            .line(rate("kafka_server_brokertopicmetrics_bytesout_total"), "{{topic}}"),
    ]
}

fn contents() -> Vec<Panel> {
    let sum = |metric: &str| format!("sum by (topic) ({})", of(metric, TOPIC));
    let end = of("kafka_log_log_logendoffset", TOPIC);
    let start = of("kafka_log_log_logstartoffset", TOPIC);
    vec![
        Panel::areas("Size", "Bytes on disk.", Unit::Bytes)
            .line(sum("kafka_log_log_size"), "{{topic}}"),
        Panel::lines(
            "Offsets held",
            "From the first to the end of each partition; compaction leaves gaps between them.",
            Unit::Count,
        )
        .line(format!("sum by (topic) ({end} - {start})"), "{{topic}}"),
        Panel::lines("Segments", "Segment files.", Unit::Count)
            .line(sum("kafka_log_log_numlogsegments"), "{{topic}}"),
        Panel::table("Partitions", "Partitions of each topic, now.", Unit::Count).line(
            format!("count by (topic) ({})", of("kafka_cluster_partition_replicascount", TOPIC)),
            "{{topic}}",
        ),
    ]
}

fn refused() -> Vec<Panel> {
    vec![
        Panel::lines("Batches refused", "Batches refused each second.", Unit::PerSecond)
            .line(rate("kafka_server_brokertopicmetrics_failedproducerequests_total"), "{{topic}}"),
        Panel::lines("Reads refused", "Reads of partitions refused each second.", Unit::PerSecond)
            .line(rate("kafka_server_brokertopicmetrics_failedfetchrequests_total"), "{{topic}}"),
    ]
}
