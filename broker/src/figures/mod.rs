//! The figures that are looked up when Prometheus asks, under the names that Kafka's have there.

mod cleaner;
mod cluster;
mod groups;
mod host;
mod logs;
mod partitions;
mod topics;

use std::sync::Arc;

use node::RecoveryView;

use crate::{
    admin::{Readiness, State},
    exposition::gauge,
    shell::Shell,
    telemetry::Figures,
};

/// Writes what the node tells of itself.
pub(crate) struct NodeFigures {
    pub(crate) shell: Arc<Shell>,
    pub(crate) readiness: Readiness,
}

impl Figures for NodeFigures {
    fn write(&self, text: &mut String) {
        let (node, now) = (&self.shell.node, self.shell.clock.now());
        let logs = node.log_figures();
        let folder = node.config().folder.display().to_string();
        topics::write(text, &self.shell.desk.telemetry.requests.topics, &logs);
        cluster::write(text, node, now);
        gauge(
            text,
            "kafka_server_kafkaserver_brokerstate",
            "0 not running, 1 starting, 2 recovering logs, 3 running, 7 shutting down",
            self.broker_state(),
        );
        gauge(
            text,
            "klamm_data_pool_waiting",
            "Pieces of disk work that wait for a thread",
            self.shell.lanes.data.waiting(),
        );
        gauge(
            text,
            "klamm_fetch_sessions",
            "Fetch sessions that are remembered",
            self.shell.desk.fetch_sessions(),
        );
        logs::write(text, node, &folder);
        host::write(text, node, &folder);
        cleaner::write(text, &node.cleaner_figures(now), &folder, now.instant);
        partitions::write(text, node, &logs);
        groups::write(text, node, &logs);
    }

    fn recovery(&self) -> Option<RecoveryView> {
        self.shell.node.recovery()
    }
}

impl NodeFigures {
    /// Kafka's number for where a broker is in its life.
    fn broker_state(&self) -> u8 {
        let is_recovering = || {
            let view = self.shell.node.recovery();
            view.is_some_and(|view| view.recovered < view.of)
        };
        match self.readiness.state() {
            State::Starting(_) if is_recovering() => 2,
            State::Starting(_) => 1,
            State::Serving => 3,
            State::Stopping => 7,
        }
    }
}
