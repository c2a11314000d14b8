//! What a broker tells about itself: logs and metrics.
//!
//! Everything on the road of a request is a counter that was looked up once, at the start.

mod logs;
mod network;
mod process;
mod requests;

use std::fmt;

pub use logs::log_to_stderr;
pub use network::NetworkMetrics;
use node::RecoveryView;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge, Registry, TextEncoder};
use protocol::ApiKey;
pub use requests::{RequestMetrics, TopicMetrics};

/// Figures that are looked up when somebody asks, such as the sizes of logs.
pub trait Figures: Send + Sync {
    /// Appends them as Prometheus's text.
    fn write(&self, text: &mut String);

    /// How far the recovery of the logs has come that were there at the start.
    fn recovery(&self) -> Option<RecoveryView>;
}

/// All metrics of a broker.
pub struct Telemetry {
    registry: Registry,
    /// What is counted at the sockets.
    pub network: NetworkMetrics,
    /// What is counted about requests.
    pub requests: RequestMetrics,
    /// How long flushes of partitions' logs took, in milliseconds.
    pub flushes: Histogram,
}

impl Telemetry {
    /// Metrics at zero, with a counter for each of these APIs.
    #[must_use]
    pub fn new(apis: &[ApiKey]) -> Telemetry {
        let registry = Registry::new();
        let network = NetworkMetrics::new(&registry);
        let requests = RequestMetrics::new(&registry, apis);
        let options = HistogramOpts::new(
            "kafka_log_logflushstats_logflushrateandtimems",
            "Milliseconds that flushes of partitions' logs took",
        );
        let buckets = vec![0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 100.0, 250.0, 1000.0, 10_000.0];
        let flushes = Histogram::with_opts(options.buckets(buckets));
        let flushes = flushes.expect("the name follows Prometheus's rules");
        registry.register(Box::new(flushes.clone())).expect("the name is registered once");
        Telemetry { registry, network, requests, flushes }
    }

    /// Everything in Prometheus's text format.
    #[must_use]
    pub fn text(&self, figures: &dyn Figures) -> String {
        let mut text = String::new();
        let families = self.registry.gather();
        if let Err(error) = TextEncoder::new().encode_utf8(&families, &mut text) {
            tracing::error!(%error, "failed to write the metrics as text");
        }
        process::write_process(&mut text);
        figures.write(&mut text);
        text
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Telemetry")
    }
}

fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    let counter = IntCounter::new(name, help).expect("the name follows Prometheus's rules");
    registry.register(Box::new(counter.clone())).expect("the name is registered once");
    counter
}

fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    let gauge = IntGauge::new(name, help).expect("the name follows Prometheus's rules");
    registry.register(Box::new(gauge.clone())).expect("the name is registered once");
    gauge
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Nothing;

    impl Figures for Nothing {
        fn write(&self, _text: &mut String) {}

        fn recovery(&self) -> Option<RecoveryView> {
            None
        }
    }

    #[test]
    fn the_text_holds_requests_connections_and_the_process() {
        let telemetry = Telemetry::new(&[ApiKey::Produce]);
        telemetry.network.connections.inc();
        telemetry.requests.answered(ApiKey::Produce, Duration::from_millis(1));
        let text = telemetry.text(&Nothing);
        for line in [
            "kafka_network_requestmetrics_requests_total{request=\"Produce\"} 1",
            "kafka_network_requestmetrics_totaltimems_bucket{request=\"Produce\",le=\"1\"} 1",
            "kafka_server_socket_server_metrics_connection_count 1",
            "process_open_fds ",
        ] {
            assert!(text.contains(line), "{line} is missing in {text}");
        }
    }
}
