//! The operator's dashboard in front of a real Prometheus that scrapes a real operator.

use anyhow::Result;
use kubernetes_tests::{Cluster, Level, Place};
use std::path::Path;
use std::time::Duration;
use workshop::prometheus::{self, Prometheus};

const PATIENCE: Duration = Duration::from_secs(60);
const DASHBOARD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dashboards/operator.json");
/// In the network of the test cluster, which is its own.
const OPERATOR: &str = "127.0.0.1:8080";
const PROMETHEUS: u16 = 9090;

const CHAT: &str = "
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: chat }
spec: {}
---
apiVersion: klamm.dev/v1alpha1
kind: Topic
metadata: { name: messages }
spec: { cluster: chat }
";

#[test]
#[ignore = "needs a test cluster and Prometheus"]
fn every_panel_shows_something_of_an_operator_at_work_and_finds_its_namespaces() -> Result<()> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    cluster.install_definitions()?;
    let place = Place::new(cluster, PATIENCE)?;
    let _operator = cluster.operator_told_at(&place.namespace, OPERATOR)?;
    place.apply(CHAT)?;
    // As when Pods are scraped: the namespace is that of the operator.
    let prometheus = Prometheus::start(PROMETHEUS, OPERATOR, "{ namespace: klamm }")?;
    let chosen = [("namespace", "klamm"), ("object_namespace", place.namespace.as_str())];
    for query in prometheus::queries(Path::new(DASHBOARD), &chosen)? {
        let mut changes = 0;
        place.until(&format!("`{query}` shows something"), || {
            changes += 1;
            let label = format!("turn={changes}");
            place
                .kubectl(&["label", "cluster/chat", "topic/messages", "--overwrite", &label])
                .ok()?;
            let found = prometheus.query(&query).ok()?;
            Some(found.first().is_some_and(|line| !line.contains("NaN")))
        })?;
    }
    Ok(())
}
