//! The operator and a Cluster, up to where nodes are needed: what it makes, mends and leaves alone.

use anyhow::{Context, Result, bail};
use kubernetes_tests::{Cluster, Level};
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

/// A cluster that knows our kinds, a namespace of our own, and an operator for it.
fn begin() -> Result<(&'static Cluster, String, Owned)> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    cluster.install_definitions()?;
    let namespace = cluster.namespace()?;
    let operator = cluster.operator(&namespace)?;
    Ok((cluster, namespace, operator))
}

/// A field of an object; nothing while there is no such object or field.
fn field(cluster: &Cluster, namespace: &str, object: &str, path: &str) -> Option<String> {
    let path = format!("jsonpath={{{path}}}");
    let words = ["get", object, "--namespace", namespace, "--output", &path];
    cluster.kubectl(&words).ok().filter(|text| !text.is_empty())
}

fn until(cluster: &Cluster, what: &str, mut holds: impl FnMut() -> Option<bool>) -> Result<()> {
    cluster.wait_for(PATIENCE, what, || Ok(holds().filter(|holds| *holds).map(|_| ())))
}

/// Applies the cluster and waits until everything before its Pods is there.
fn apply(cluster: &Cluster, namespace: &str, manifest: &str) -> Result<()> {
    cluster.apply(namespace, manifest)?;
    until(cluster, "the workload is there and the status says so", || {
        field(cluster, namespace, "statefulset/chat-brokers", ".metadata.uid")?;
        let reason = field(cluster, namespace, "cluster/chat", ".status.conditions[0].reason")?;
        Some(reason == "BrokersNotReady")
    })
}

#[test]
#[ignore = "needs a test cluster"]
fn applied_cluster_has_all_it_stands_on_and_its_identity_on_the_volume() -> Result<()> {
    let (cluster, namespace, _operator) = begin()?;
    apply(cluster, &namespace, CHAT)?;
    for object in [
        "service/chat-brokers",
        "service/chat-bootstrap",
        "serviceaccount/chat",
        "poddisruptionbudget/chat",
        "networkpolicy/chat",
    ] {
        let owner = field(cluster, &namespace, object, ".metadata.ownerReferences[0].kind");
        assert_eq!(owner.as_deref(), Some("Cluster"), "{object}");
    }
    let claim = "persistentvolumeclaim/data-chat-brokers-0";
    let identity = field(cluster, &namespace, claim, r".metadata.annotations.klamm\.dev/identity");
    let id = field(cluster, &namespace, "cluster/chat", ".status.clusterId").context("an id")?;
    assert!(identity.context("an identity")?.contains(&id));
    assert_eq!(field(cluster, &namespace, claim, ".metadata.ownerReferences"), None);
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn cluster_that_is_as_far_as_it_can_be_costs_the_api_server_no_write() -> Result<()> {
    let (cluster, namespace, _operator) = begin()?;
    apply(cluster, &namespace, CHAT)?;
    wait::pause(Duration::from_secs(3));
    let mut requests = cluster.requests()?;
    wait::pause(QUIET);
    let writes = requests.take()?.into_iter().filter(|request| {
        request.namespace == namespace && request.is_write() && request.resource != "leases"
    });
    let writes: Vec<_> = writes.collect();
    assert!(writes.is_empty(), "{writes:#?}");
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn what_somebody_changed_is_changed_back_unless_the_cluster_is_paused() -> Result<()> {
    let (cluster, namespace, _operator) = begin()?;
    apply(cluster, &namespace, CHAT)?;
    let (kubectl, at) = (|words: &[&str]| cluster.kubectl(words), namespace.as_str());
    kubectl(&["delete", "service/chat-bootstrap", "--namespace", at])?;
    until(cluster, "the Service is back", || {
        field(cluster, at, "service/chat-bootstrap", ".metadata.uid").map(|_| true)
    })?;
    kubectl(&["annotate", "cluster/chat", "klamm.dev/paused=true", "--namespace", at])?;
    wait::pause(Duration::from_secs(1));
    kubectl(&["delete", "service/chat-bootstrap", "--namespace", at])?;
    wait::pause(Duration::from_secs(6));
    if field(cluster, at, "service/chat-bootstrap", ".metadata.uid").is_some() {
        bail!("a paused cluster was mended");
    }
    kubectl(&["annotate", "cluster/chat", "klamm.dev/paused-", "--namespace", at])?;
    until(cluster, "the Service is back", || {
        field(cluster, at, "service/chat-bootstrap", ".metadata.uid").map(|_| true)
    })
}

#[test]
#[ignore = "needs a test cluster"]
fn service_of_a_listener_that_is_gone_goes_too() -> Result<()> {
    let (cluster, namespace, _operator) = begin()?;
    let out = "  - { name: out, port: 9094, type: LoadBalancer, insecure: true }\n  pools:";
    let outside = CHAT.replace("  pools:", out);
    cluster.apply(&namespace, &outside)?;
    until(cluster, "the status waits for the load balancer", || {
        let message = field(cluster, &namespace, "cluster/chat", ".status.conditions[0].message")?;
        Some(message.contains("the load balancer of the Service chat-out-0 has no address yet"))
    })?;
    apply(cluster, &namespace, CHAT)?;
    until(cluster, "its Service is gone", || {
        Some(field(cluster, &namespace, "service/chat-out-0", ".metadata.uid").is_none())
    })
}

#[test]
#[ignore = "needs a test cluster"]
fn operator_that_was_killed_goes_on_with_the_same_cluster() -> Result<()> {
    let (cluster, namespace, first) = begin()?;
    cluster.apply(&namespace, CHAT)?;
    drop(first);
    let _second = cluster.operator(&namespace)?;
    apply(cluster, &namespace, CHAT)?;
    let id = field(cluster, &namespace, "cluster/chat", ".status.clusterId").context("an id")?;
    let claim = "persistentvolumeclaim/data-chat-brokers-0";
    let identity = field(cluster, &namespace, claim, r".metadata.annotations.klamm\.dev/identity");
    assert!(identity.context("an identity")?.contains(&id));
    Ok(())
}
