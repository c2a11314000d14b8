//! What a broker tells about itself: logs and metrics.
//!
//! Everything on the road of a request is a counter that was looked up once, at the start.

mod logs;
mod network;

pub use logs::log_to_stderr;
pub use network::NetworkMetrics;
use prometheus::{IntCounter, IntGauge, Registry};

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
