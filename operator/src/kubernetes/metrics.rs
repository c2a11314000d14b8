//! What the operator counts about itself.
//!
//! No label is one that a scrape puts on its target, such as `namespace`: Prometheus would move ours
//! out of its way, and a query would take the place of the operator for that of its objects.

use std::time::{Duration, SystemTime};

use prometheus::{
    GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

/// Where objects are; `namespace` itself is where the operator runs.
const NAMESPACE: &str = "object_namespace";

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

impl Outcome {
    /// Of a turn that says whether it changed something.
    pub(crate) fn of<E>(changed: Result<bool, E>) -> Self {
        match changed {
            Ok(true) => Self::Changed,
            Ok(false) => Self::Unchanged,
            Err(_) => Self::Error,
        }
    }
}

/// How many objects are how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Those that are ready.
    pub ready: i64,
    /// Those that are not.
    pub waiting: i64,
    /// Those of them that have not been for long.
    pub stuck: i64,
}

/// The operator's own metrics.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    reconciles: IntCounterVec,
    durations: HistogramVec,
    writes: IntCounterVec,
    objects: IntGaugeVec,
    stuck: IntGaugeVec,
    last_success: GaugeVec,
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
        let reconciles = name("reconciles_total", "Turns of objects, by how they ended");
        let reconciles = IntCounterVec::new(reconciles, &["kind", "outcome"]);
        let durations = HistogramOpts::from(name(
            "reconcile_duration_seconds",
            "Seconds that turns of objects took",
        ));
        let durations = HistogramVec::new(durations, &["kind"]);
        let writes = name("writes_total", "Writes sent to the API server");
        let writes = IntCounterVec::new(writes, &["kind", "verb"]);
        let objects = name("objects", "Objects that are looked after, by whether they are ready");
        let objects = IntGaugeVec::new(objects, &["kind", NAMESPACE, "ready"]);
        let stuck = name("stuck_objects", "Objects that have not been ready for ten minutes");
        let stuck = IntGaugeVec::new(stuck, &["kind", NAMESPACE]);
        let last_success = name(
            "last_success_timestamp_seconds",
            "When the last turn that did not fail ended, in seconds since 1970",
        );
        let last_success = GaugeVec::new(last_success, &["kind"]);
        let is_leader = name("is_leader", "1 when this process holds the lease and acts");
        let is_leader = IntGauge::with_opts(is_leader);
        let metrics = Self {
            registry: Registry::new(),
            reconciles: reconciles.expect("the names follow Prometheus's rules"),
            durations: durations.expect("the names follow Prometheus's rules"),
            writes: writes.expect("the names follow Prometheus's rules"),
            objects: objects.expect("the names follow Prometheus's rules"),
            stuck: stuck.expect("the names follow Prometheus's rules"),
            last_success: last_success.expect("the names follow Prometheus's rules"),
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
            .and_then(|()| registry.register(Box::new(self.objects.clone())))
            .and_then(|()| registry.register(Box::new(self.stuck.clone())))
            .and_then(|()| registry.register(Box::new(self.last_success.clone())))
            .and_then(|()| registry.register(Box::new(self.is_leader.clone())));
        registered.expect("each name is registered once");
    }

    /// An object had its turn.
    pub fn reconciled(&self, kind: &str, outcome: Outcome, duration: Duration) {
        if outcome != Outcome::Error {
            let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            self.last_success.with_label_values(&[kind]).set(now.as_secs_f64());
        }
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

    /// How many objects of a kind there are in a namespace.
    pub fn objects(&self, kind: &str, namespace: &str, census: Census) {
        let set = |ready, count| {
            self.objects.with_label_values(&[kind, namespace, ready]).set(count);
        };
        set("true", census.ready);
        set("false", census.waiting);
        self.stuck.with_label_values(&[kind, namespace]).set(census.stuck);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/metrics.md");

    fn busy() -> Metrics {
        let metrics = Metrics::new();
        metrics.reconciled("Cluster", Outcome::Changed, Duration::from_millis(5));
        metrics.reconciled("Cluster", Outcome::Error, Duration::from_millis(5));
        metrics.wrote("StatefulSet", "apply");
        metrics.objects("Cluster", "chat", Census { ready: 2, waiting: 1, stuck: 1 });
        metrics.leads(true);
        metrics
    }

    #[test]
    fn turns_writes_and_objects_are_counted_by_kind() {
        let text = busy().text();
        for line in [
            "klamm_operator_reconciles_total{kind=\"Cluster\",outcome=\"changed\"} 1",
            "klamm_operator_reconciles_total{kind=\"Cluster\",outcome=\"error\"} 1",
            "klamm_operator_reconcile_duration_seconds_count{kind=\"Cluster\"} 2",
            "klamm_operator_writes_total{kind=\"StatefulSet\",verb=\"apply\"} 1",
            "klamm_operator_objects{kind=\"Cluster\",object_namespace=\"chat\",ready=\"true\"} 2",
            "klamm_operator_objects{kind=\"Cluster\",object_namespace=\"chat\",ready=\"false\"} 1",
            "klamm_operator_stuck_objects{kind=\"Cluster\",object_namespace=\"chat\"} 1",
            "klamm_operator_is_leader 1",
        ] {
            assert!(text.contains(line), "{line} is missing in {text}");
        }
    }

    #[test]
    fn no_label_is_one_of_what_is_scraped() {
        const OF_TARGETS: [&str; 9] = [
            "cluster",
            "container",
            "endpoint",
            "instance",
            "job",
            "namespace",
            "node",
            "pod",
            "service",
        ];
        for family in busy().registry.gather() {
            for pair in family.get_metric().iter().flat_map(|metric| metric.get_label()) {
                assert!(!OF_TARGETS.contains(&pair.name()), "{}: {}", family.name(), pair.name());
            }
        }
    }

    #[test]
    fn a_turn_that_failed_is_no_sign_of_life() {
        let metrics = Metrics::new();
        metrics.reconciled("Topic", Outcome::Error, Duration::ZERO);
        assert!(!metrics.text().contains("last_success_timestamp_seconds{"));
        metrics.reconciled("Topic", Outcome::Unchanged, Duration::ZERO);
        assert!(metrics.text().contains("last_success_timestamp_seconds{kind=\"Topic\"}"));
    }

    #[test]
    fn every_metric_is_in_the_document_with_its_meaning_and_type() {
        let text = busy().text();
        let mut told = BTreeMap::new();
        for block in text.split("# HELP ").skip(1) {
            let mut lines = block.lines();
            let (name, help) = lines.next().and_then(|line| line.split_once(' ')).unwrap();
            let kind = lines.next().and_then(|line| line.rsplit(' ').next()).unwrap();
            told.insert(name, (kind, help));
        }
        let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("- `klamm_operator_"));
        let written: Vec<_> = rows.map(|row| format!("- `klamm_operator_{row}")).collect();
        let told: Vec<_> = told
            .iter()
            .map(|(name, (kind, help))| format!("- `{name}` ({kind}): {help}"))
            .collect();
        assert_eq!(written, told, "docs/metrics.md should hold:\n{}", told.join("\n"));
    }
}
