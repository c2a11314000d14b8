//! Objects that the API server has stored and the operator cannot read: others go on, and a sentence
//! says what to do.

use anyhow::Result;
use kubernetes_tests::{Cluster, Level, Place};
use std::time::Duration;
use workshop::wait;

const PATIENCE: Duration = Duration::from_secs(30);

/// A definition that allows everything, as that of another version may allow other things.
const LAX: &str = r#"[{
    "op": "replace",
    "path": "/spec/versions/0/schema/openAPIV3Schema",
    "value": { "type": "object", "x-kubernetes-preserve-unknown-fields": true }
}]"#;

const MALFORMED: &str = "
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: odd }
spec: { pools: [{ name: brokers, replica: 1 }] }
---
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: wide }
spec: { controllers: 3 }
---
apiVersion: klamm.dev/v1alpha1
kind: Topic
metadata: { name: odd }
spec: { cluster: chat, partitions: many }
";

const SOUND: &str = "
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: chat }
spec: {}
";

#[test]
#[ignore = "needs a test cluster"]
fn what_cannot_be_read_is_said_so_and_others_go_on() -> Result<()> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    cluster.install_definitions()?;
    let place = Place::new(cluster, PATIENCE)?;
    for kind in ["crd/clusters.klamm.dev", "crd/topics.klamm.dev"] {
        cluster.kubectl(&["patch", kind, "--type=json", "--patch", LAX])?;
    }
    let stored = || place.apply(MALFORMED);
    wait::until(PATIENCE, "the definitions allow everything", || Ok(stored().ok()))?;
    let _operator = place.operator()?;
    place.apply(SOUND)?;
    place.until("the sound one is made", || {
        place.field("statefulset/chat-brokers", ".metadata.uid").map(|_| true)
    })?;
    stuck(&place, "cluster/odd", "spec.pools[0].replica: ", "did you mean `replicas`?")?;
    stuck(&place, "cluster/wide", "spec.controllers: ", "controllers must be 1")?;
    stuck(&place, "topic/odd", "spec.partitions: ", "many")?;
    let events = place.kubectl(&["get", "events", "--field-selector=reason=Malformed"])?;
    assert!(events.contains("cluster/odd") && events.contains("topic/odd"), "{events}");

    let mended = r#"{"spec":{"pools":[{"name":"brokers","replicas":1}]}}"#;
    place.kubectl(&["patch", "cluster/odd", "--type=merge", "--patch", mended])?;
    place.until("it goes on once it is mended", || {
        Some(place.condition("cluster/odd", "Ready", "reason")? == "BrokersNotReady")
    })
}

/// Waits until an object is stuck for what its manifest says.
fn stuck(place: &Place, object: &str, path: &str, hint: &str) -> Result<()> {
    place.until(&format!("{object} says what is wrong"), || {
        let said = place.condition(object, "Ready", "message")?;
        let is_why = said.starts_with(path) && said.contains(hint);
        Some(is_why && place.condition(object, "Stalled", "status")? == "True")
    })?;
    assert_eq!(place.known(object, ".status.observedGeneration")?, "1");
    Ok(())
}
