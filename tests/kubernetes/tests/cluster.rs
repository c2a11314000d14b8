//! The operator and a Cluster, up to where nodes are needed: what it makes, mends and leaves alone.

use anyhow::{Result, bail};
use kubernetes_tests::{Cluster, Level, Place};
use std::time::Duration;
use workshop::process::Owned;
use workshop::wait;

/// What the operator gets for a few writes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// An operator looks at what is not ready every five seconds; this is more than one look.
const QUIET: Duration = Duration::from_secs(12);

const CHAT: &str = "
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: chat }
spec:
  listeners:
  - { name: plain, port: 9092 }
  pools:
  - { name: brokers, storage: { size: 1024Mi }, resources: { requests: { cpu: '0.5' } } }
";

/// What goes with the cluster.
const OWNED: [&str; 5] = [
    "service/chat-brokers",
    "service/chat-bootstrap",
    "serviceaccount/chat",
    "poddisruptionbudget/chat",
    "networkpolicy/chat",
];
const CLAIM: &str = "persistentvolumeclaim/data-chat-brokers-0";

/// A cluster that knows our kinds, a namespace of our own, and an operator for it.
fn begin() -> Result<(Place, Owned)> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    cluster.install_definitions()?;
    let place = Place::new(cluster, PATIENCE)?;
    let operator = place.operator()?;
    Ok((place, operator))
}

/// Applies the cluster and waits until everything before its Pods is there.
fn apply(place: &Place, manifest: &str) -> Result<()> {
    place.apply(manifest)?;
    place.until("the cluster waits for its brokers", || {
        place.field("statefulset/chat-brokers", ".metadata.uid")?;
        Some(place.condition("cluster/chat", "Ready", "reason")? == "BrokersNotReady")
    })
}

#[test]
#[ignore = "needs a test cluster"]
fn applied_cluster_has_all_it_stands_on_and_its_identity_on_the_volume() -> Result<()> {
    let (place, _operator) = begin()?;
    apply(&place, CHAT)?;
    for object in OWNED {
        let owner = place.field(object, ".metadata.ownerReferences[0].kind");
        assert_eq!(owner.as_deref(), Some("Cluster"), "{object}");
    }
    assert!(identity(&place)?.contains(&place.known("cluster/chat", ".status.clusterId")?));
    assert_eq!(place.field(CLAIM, ".metadata.ownerReferences"), None);
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn cluster_that_is_under_way_says_so_as_kstatus_reads_it() -> Result<()> {
    let (place, _operator) = begin()?;
    apply(&place, CHAT)?;
    let said = |type_| place.condition("cluster/chat", type_, "status");
    assert_eq!(said("Reconciling").as_deref(), Some("True"));
    assert_eq!(said("Stalled").as_deref(), Some("False"));
    let generation = place.known("cluster/chat", ".metadata.generation")?;
    assert_eq!(place.known("cluster/chat", ".status.observedGeneration")?, generation);
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn cluster_that_is_as_far_as_it_can_be_costs_the_api_server_no_write() -> Result<()> {
    let (place, _operator) = begin()?;
    apply(&place, CHAT)?;
    assert_at_rest(&place)
}

#[test]
#[ignore = "needs a test cluster"]
fn what_somebody_changed_is_changed_back_unless_the_cluster_is_paused() -> Result<()> {
    let (place, _operator) = begin()?;
    apply(&place, CHAT)?;
    place.kubectl(&["delete", "service/chat-bootstrap"])?;
    let is_back = || place.field("service/chat-bootstrap", ".metadata.uid").map(|_| true);
    place.until("the Service is back", is_back)?;
    place.kubectl(&["annotate", "cluster/chat", "klamm.dev/paused=true"])?;
    place.until("the cluster says that it is paused", || {
        Some(place.condition("cluster/chat", "Reconciling", "reason")? == "Paused")
    })?;
    place.kubectl(&["delete", "service/chat-bootstrap"])?;
    wait::pause(Duration::from_secs(6));
    if is_back().is_some() {
        bail!("a paused cluster was mended");
    }
    place.kubectl(&["annotate", "cluster/chat", "klamm.dev/paused-"])?;
    place.until("the Service is back", is_back)
}

#[test]
#[ignore = "needs a test cluster"]
fn service_of_a_listener_that_is_gone_goes_too() -> Result<()> {
    let (place, _operator) = begin()?;
    let out = "  - { name: out, port: 9094, type: LoadBalancer, insecure: true }\n  pools:";
    place.apply(&CHAT.replace("  pools:", out))?;
    place.until("the status waits for the load balancer", || {
        let message = place.condition("cluster/chat", "Ready", "message")?;
        Some(message.contains("the load balancer of the Service chat-out-0 has no address yet"))
    })?;
    apply(&place, CHAT)?;
    place.until("its Service is gone", || {
        Some(place.field("service/chat-out-0", ".metadata.uid").is_none())
    })
}

#[test]
#[ignore = "needs a test cluster"]
fn operator_that_was_killed_goes_on_with_the_same_cluster() -> Result<()> {
    let (place, first) = begin()?;
    place.apply(CHAT)?;
    drop(first);
    let _second = place.operator()?;
    apply(&place, CHAT)?;
    assert!(identity(&place)?.contains(&place.known("cluster/chat", ".status.clusterId")?));
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn clusters_side_by_side_leave_each_other_alone() -> Result<()> {
    let (place, _operator) = begin()?;
    apply(&place, CHAT)?;
    let versions = || OWNED.map(|object| place.field(object, ".metadata.resourceVersion"));
    let before = versions();
    place.apply(&CHAT.replace("name: chat", "name: mail"))?;
    place.until("the other is there", || {
        place.field("statefulset/mail-brokers", ".metadata.uid").map(|_| true)
    })?;
    let [chat, mail] =
        ["chat", "mail"].map(|name| place.known(&format!("cluster/{name}"), ".status.clusterId"));
    assert_ne!(chat?, mail?);
    place.kubectl(&[
        "patch",
        "cluster/mail",
        "--type=merge",
        "--patch",
        r#"{"spec":{"image":"x"}}"#,
    ])?;
    place.until("the change arrives", || {
        let image = ".spec.template.spec.containers[0].image";
        Some(place.field("statefulset/mail-brokers", image)? == "x")
    })?;
    place.kubectl(&["delete", "cluster/mail"])?;
    assert_at_rest(&place)?;
    assert_eq!(versions(), before);
    Ok(())
}

/// What is wrong with the Pods, and what is said of it.
const UNFIT: [(&str, &str); 7] = [
    (
        "template: { env: [{ name: A, value: b }, { name: A, value: c }] }",
        "spec.pools[0].template.env[1].name: `A` stands there a second time",
    ),
    (
        "template: { volumeMounts: [{ name: tmp, mountPath: /tmp }] }",
        "spec.pools[0].template.volumeMounts[0].name: there is no volume `tmp`",
    ),
    (
        "template: { affinity: { nodeAfinity: { x: 1 } } }",
        "spec.pools[0].template.affinity.nodeAfinity: Kubernetes knows no such field",
    ),
    (
        "template: { tolerations: [{ operator: Sometimes }] }",
        "template.spec.tolerations[0].operator: Unsupported value: \"Sometimes\"",
    ),
    (
        "template: { volumes: [{ name: tmp }, { name: Tmp, emptyDir: {} }] }",
        "template.spec.volumes[2].name: Invalid value: \"Tmp\"",
    ),
    ("template: { labels: { 'a b': c } }", "template.labels: Invalid value: \"a b\""),
    (
        "resources: { requests: { cpu: '2' }, limits: { cpu: '1' } }",
        "requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
    ),
];

#[test]
#[ignore = "needs a test cluster"]
fn pods_that_there_cannot_be_are_refused_before_anything_is_made() -> Result<()> {
    let (place, _operator) = begin()?;
    for (unfit, sentence) in UNFIT {
        place.apply(&CHAT.replace("resources: { requests: { cpu: '0.5' } }", unfit))?;
        refused(&place, "InvalidTemplate", sentence)?;
    }
    place.apply(&CHAT.replace("  pools:", "  config: { num.partitions: many }\n  pools:"))?;
    refused(&place, "InvalidConfig", "spec.config.num.partitions: ")?;
    for object in OWNED {
        assert_eq!(place.field(object, ".metadata.uid"), None, "{object}");
    }
    apply(&place, CHAT)
}

/// Waits until a cluster is stuck with this sentence.
fn refused(place: &Place, reason: &str, sentence: &str) -> Result<()> {
    place.until(sentence, || {
        let generation = place.field("cluster/chat", ".metadata.generation")?;
        let is_current =
            place.condition("cluster/chat", "Stalled", "observedGeneration")? == generation;
        let said = place.condition("cluster/chat", "Stalled", "message")?;
        let is_stuck = place.condition("cluster/chat", "Stalled", "status")? == "True";
        let is_why = place.condition("cluster/chat", "Ready", "reason")? == reason;
        Some(is_current && is_stuck && is_why && said.contains(sentence))
    })
}

/// A few seconds from now on nothing is written any more.
fn assert_at_rest(place: &Place) -> Result<()> {
    wait::pause(Duration::from_secs(3));
    let mut requests = place.cluster.requests()?;
    wait::pause(QUIET);
    let writes = requests.writes(&place.namespace)?;
    assert!(writes.is_empty(), "{writes:#?}");
    Ok(())
}

/// Which cluster the volume belongs to.
fn identity(place: &Place) -> Result<String> {
    place.known(CLAIM, r".metadata.annotations.klamm\.dev/identity")
}
