//! The figures of the logs, looked up when Prometheus asks.

use std::{
    fmt::{Display, Write},
    sync::Arc,
};

use node::{LogFigures, RecoveryView};

use crate::{cleaner_metrics::write_cleaner, shell::Shell, telemetry::Figures};

/// Writes what the node tells of its logs.
pub(crate) struct LogMetrics(pub(crate) Arc<Shell>);

impl Figures for LogMetrics {
    fn write(&self, text: &mut String) {
        let logs = self.0.node.log_figures();
        let led = logs.iter().filter(|log| log.is_led).count();
        write_one(text, "kafka_server_replicamanager_partitioncount", logs.len());
        write_one(text, "kafka_server_replicamanager_leadercount", led);
        write_one(text, "klamm_data_pool_waiting", self.0.lanes.data.waiting());
        write_one(text, "klamm_fetch_sessions", self.0.desk.fetch_sessions());
        let (node, now) = (&self.0.node, self.0.clock.now());
        let folder = node.config().folder.display().to_string();
        write_cleaner(text, &node.cleaner_figures(now), &folder, now.instant);
        write_all(text, "kafka_log_log_size", &logs, |log| log.size_bytes);
        write_all(text, "kafka_log_log_numlogsegments", &logs, |log| log.segments);
        write_all(text, "kafka_log_log_logstartoffset", &logs, |log| log.start);
        write_all(text, "kafka_log_log_logendoffset", &logs, |log| log.end);
    }

    fn recovery(&self) -> Option<RecoveryView> {
        self.0.node.recovery()
    }
}

fn write_one(text: &mut String, name: &str, value: impl Display) {
    writeln!(text, "# TYPE {name} gauge\n{name} {value}").expect("a text takes what is written");
}

fn write_all<T: Display>(
    text: &mut String,
    name: &str,
    logs: &[LogFigures],
    value: impl Fn(&LogFigures) -> T,
) {
    writeln!(text, "# TYPE {name} gauge").expect("a text takes what is written");
    for log in logs {
        let (topic, partition) = (&log.partition.topic, log.partition.partition);
        let value = value(log);
        writeln!(text, "{name}{{topic=\"{topic}\",partition=\"{partition}\"}} {value}")
            .expect("a text takes what is written");
    }
}
