//! What is counted about requests, each API by itself.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
};
use protocol::ApiKey;

use super::counter;

/// From a quarter of a millisecond to ten seconds.
const BUCKETS: [f64; 12] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1.0, 10.0];

/// The counters of all APIs.
#[derive(Debug, Clone)]
pub struct RequestMetrics {
    by_api: Vec<(ApiKey, ApiMetrics)>,
    /// Requests that were no requests.
    pub malformed: IntCounter,
    /// What passed through topics.
    pub topics: TopicMetrics,
}

#[derive(Debug, Clone)]
struct ApiMetrics {
    requests: IntCounter,
    seconds: Histogram,
}

/// What was produced and fetched, all topics together.
#[derive(Debug, Clone)]
pub struct TopicMetrics {
    /// Records appended.
    pub messages_in: IntCounter,
    /// Bytes of record batches appended.
    pub bytes_in: IntCounter,
    /// Bytes of record batches fetched.
    pub bytes_out: IntCounter,
    /// Produce requests.
    pub produce_requests: IntCounter,
    /// Fetch requests.
    pub fetch_requests: IntCounter,
    /// Partitions of produce requests that were answered with an error.
    pub failed_produce: IntCounter,
    /// Partitions of fetch requests that were answered with an error.
    pub failed_fetch: IntCounter,
}

impl RequestMetrics {
    /// Registers the metrics of these APIs.
    ///
    /// # Panics
    /// When the registry has metrics of these names already.
    #[must_use]
    pub fn new(registry: &Registry, apis: &[ApiKey]) -> RequestMetrics {
        let requests = IntCounterVec::new(
            Opts::new("kafka_network_requestmetrics_requests_total", "Requests received"),
            &["request"],
        );
        let requests = requests.expect("the name follows Prometheus's rules");
        let options = HistogramOpts::new(
            "klamm_request_seconds",
            "From the whole request to its answer, waits included",
        );
        let seconds = HistogramVec::new(options.buckets(BUCKETS.to_vec()), &["request"]);
        let seconds = seconds.expect("the name follows Prometheus's rules");
        registry.register(Box::new(requests.clone())).expect("the name is registered once");
        registry.register(Box::new(seconds.clone())).expect("the name is registered once");
        let of_api = |key: &ApiKey| {
            let name = format!("{key:?}");
            let requests = requests.with_label_values(&[name.as_str()]);
            let seconds = seconds.with_label_values(&[name.as_str()]);
            (*key, ApiMetrics { requests, seconds })
        };
        RequestMetrics {
            by_api: apis.iter().map(of_api).collect(),
            malformed: counter(
                registry,
                "klamm_requests_malformed_total",
                "Requests that could not be read; their connections were closed",
            ),
            topics: TopicMetrics::new(registry),
        }
    }

    /// Counts a request that was answered after this time.
    pub fn answered(&self, api: ApiKey, after: Duration) {
        if let Some((_, metrics)) = self.by_api.iter().find(|(key, _)| *key == api) {
            metrics.requests.inc();
            metrics.seconds.observe(after.as_secs_f64());
        }
    }
}

impl TopicMetrics {
    fn new(registry: &Registry) -> TopicMetrics {
        let topic = |name: &str, help: &str| {
            counter(registry, &format!("kafka_server_brokertopicmetrics_{name}_total"), help)
        };
        TopicMetrics {
            messages_in: topic("messagesin", "Records appended"),
            bytes_in: topic("bytesin", "Bytes of record batches appended"),
            bytes_out: topic("bytesout", "Bytes of record batches fetched"),
            produce_requests: topic("totalproducerequests", "Produce requests"),
            fetch_requests: topic("totalfetchrequests", "Fetch requests"),
            failed_produce: topic("failedproducerequests", "Partitions that refused a batch"),
            failed_fetch: topic("failedfetchrequests", "Partitions that refused a fetch"),
        }
    }
}
