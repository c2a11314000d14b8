//! What is counted about requests, each API by itself.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
};
use protocol::{ApiKey, ErrorCode};

use super::counter;

/// From a quarter of a millisecond to ten seconds.
const BUCKETS: [f64; 12] =
    [0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 100.0, 250.0, 500.0, 1000.0, 10_000.0];

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
    milliseconds: Histogram,
    errors: IntCounterVec,
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
            "kafka_network_requestmetrics_totaltimems",
            "Milliseconds from a whole request to its answer, waits included",
        );
        let times = HistogramVec::new(options.buckets(BUCKETS.to_vec()), &["request"]);
        let times = times.expect("the name follows Prometheus's rules");
        let errors = IntCounterVec::new(
            Opts::new(
                "kafka_network_requestmetrics_errors_total",
                "Errors in answers, one for each thing that was asked for and refused",
            ),
            &["request", "error"],
        );
        let errors = errors.expect("the name follows Prometheus's rules");
        registry.register(Box::new(requests.clone())).expect("the name is registered once");
        registry.register(Box::new(times.clone())).expect("the name is registered once");
        registry.register(Box::new(errors.clone())).expect("the name is registered once");
        let of_api = |key: &ApiKey| {
            let name = format!("{key:?}");
            let requests = requests.with_label_values(&[name.as_str()]);
            let milliseconds = times.with_label_values(&[name.as_str()]);
            (*key, ApiMetrics { requests, milliseconds, errors: errors.clone() })
        };
        RequestMetrics {
            by_api: apis.iter().map(of_api).collect(),
            malformed: counter(
                registry,
                "klamm_requests_malformed_total",
                "Requests that could not be read; their connections were closed",
            ),
            topics: TopicMetrics::new(),
        }
    }

    /// Counts a request that was answered after this time.
    pub fn answered(&self, api: ApiKey, after: Duration) {
        if let Some((_, metrics)) = self.by_api.iter().find(|(key, _)| *key == api) {
            metrics.requests.inc();
            metrics.milliseconds.observe(after.as_secs_f64() * 1000.0);
        }
    }

    /// Counts an error that something was answered with; 0 is none.
    pub fn refused(&self, api: ApiKey, error: i16) {
        if error == ErrorCode::None as i16 {
            return;
        }
        if let Some((_, metrics)) = self.by_api.iter().find(|(key, _)| *key == api)
            && let Some(error) = ErrorCode::from_code(error)
        {
            let labels = [format!("{api:?}"), format!("{error:?}")];
            metrics.errors.with_label_values(&[&labels[0], &labels[1]]).inc();
        }
    }
}

impl TopicMetrics {
    /// Counters that are written together with those of single topics.
    fn new() -> TopicMetrics {
        let counter =
            || IntCounter::new("unnamed", "unnamed").expect("the name follows Prometheus's rules");
        TopicMetrics {
            messages_in: counter(),
            bytes_in: counter(),
            bytes_out: counter(),
            produce_requests: counter(),
            fetch_requests: counter(),
            failed_produce: counter(),
            failed_fetch: counter(),
        }
    }
}
