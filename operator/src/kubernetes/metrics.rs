//! What the operator counts about itself.

use std::time::Duration;

use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

/// How a reconcile ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something was written.
    Changed,
    /// All was as wanted.
    Unchanged,
    /// It failed and is tried again.
    Error,
}

/// The operator's own metrics.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    reconciles: IntCounterVec,
    durations: HistogramVec,
    writes: IntCounterVec,
    is_leader: IntGauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Everything at zero.
    #[must_use]
    pub fn new() -> Self {
        let name = |name: &str, help: &str| Opts::new(format!("klamm_operator_{name}"), help);
        let reconciles = name("reconciles_total", "Reconciles by kind and outcome");
        let reconciles = IntCounterVec::new(reconciles, &["kind", "outcome"]);
        let durations = HistogramOpts::from(name("reconcile_duration_seconds", "Their duration"));
        let durations = HistogramVec::new(durations, &["kind"]);
        let writes = name("writes_total", "Writes to the API server by kind and verb");
        let writes = IntCounterVec::new(writes, &["kind", "verb"]);
        let is_leader = IntGauge::with_opts(name("is_leader", "Whether this process leads"));
        let metrics = Self {
            registry: Registry::new(),
            reconciles: reconciles.expect("the names follow Prometheus's rules"),
            durations: durations.expect("the names follow Prometheus's rules"),
            writes: writes.expect("the names follow Prometheus's rules"),
            is_leader: is_leader.expect("the names follow Prometheus's rules"),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let registry = &self.registry;
        let registered = registry
            .register(Box::new(self.reconciles.clone()))
            .and_then(|()| registry.register(Box::new(self.durations.clone())))
            .and_then(|()| registry.register(Box::new(self.writes.clone())))
            .and_then(|()| registry.register(Box::new(self.is_leader.clone())));
        registered.expect("each name is registered once");
    }

    /// An object had its turn.
    pub fn reconciled(&self, kind: &str, outcome: Outcome, duration: Duration) {
        let outcome = match outcome {
            Outcome::Changed => "changed",
            Outcome::Unchanged => "unchanged",
            Outcome::Error => "error",
        };
        self.reconciles.with_label_values(&[kind, outcome]).inc();
        self.durations.with_label_values(&[kind]).observe(duration.as_secs_f64());
    }

    /// The API server was asked to change something.
    pub fn wrote(&self, kind: &str, verb: &str) {
        self.writes.with_label_values(&[kind, verb]).inc();
    }

    /// Whether this process is the one that acts.
    pub fn leads(&self, leads: bool) {
        self.is_leader.set(i64::from(leads));
    }

    /// Everything in Prometheus's text format.
    #[must_use]
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}
