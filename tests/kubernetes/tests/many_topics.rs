//! A thousand Topics at once: all are made, and then nothing is written any more.

use anyhow::{Context, Result, ensure};
use kube::Api;
use kube::api::{DynamicObject, ListParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kubernetes_tests::requests::Request;
use kubernetes_tests::{Cluster, Level};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use workshop::process::Owned;
use workshop::wait;

const TOPICS: usize = 1_000;
/// Hands at work when a folder of manifests is applied.
const HANDS: usize = 16;
/// What the operator gets on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longer than the operator lets an object be that is not as it should be.
const QUIET: Duration = Duration::from_secs(12);
/// What the operator may hold in memory.
const RESIDENT_KIB_MAX: u64 = 50 * 1_024;

const CHAT: &str = "
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: chat }
spec:
  pools:
  - { name: brokers, storage: { size: 4096Mi } }
";

#[test]
#[ignore = "needs a test cluster"]
fn thousand_topics_at_once_are_ready_and_then_cost_the_api_server_no_write() -> Result<()> {
    let cluster = Cluster::shared(Level::Node, 1)?;
    cluster.install_definitions()?;
    cluster.import_klamm()?;
    let namespace = cluster.namespace()?;
    let operator = cluster.operator(&namespace)?;
    cluster.apply(&namespace, CHAT)?;
    let ready = ["wait", "--for=condition=Ready", "--timeout=90s", "--namespace", &namespace];
    cluster.kubectl(&[&ready[..], &["cluster/chat"]].concat())?;

    let begun = wait::now();
    let mut requests = cluster.requests()?;
    cluster.block_on(make(cluster, &namespace))?;
    let made = begun.elapsed();
    let mut most = 0;
    cluster.wait_for(PATIENCE, "all topics are ready", || {
        wait::pause(Duration::from_millis(250));
        most = most.max(resident_kib(&operator)?);
        let ready = cluster.block_on(ready_topics(cluster, &namespace))?;
        Ok((ready == TOPICS).then_some(()))
    })?;
    let (took, written) = (begun.elapsed(), by_kind(writes(requests.take()?, &namespace)));
    eprintln!(
        "{TOPICS} topics were applied in {:.1} s and ready after {:.1} s; the operator held at most \
         {} MiB; writes: {written:?}",
        made.as_secs_f32(),
        took.as_secs_f32(),
        most / 1_024,
    );
    let refused: usize = written.iter().filter(|(it, _)| it.ends_with("409")).map(|it| it.1).sum();
    assert!(refused <= TOPICS / 20, "{refused} writes were planned from what was no longer so");

    wait::pause(Duration::from_secs(3));
    requests.take()?;
    wait::pause(QUIET);
    let writes = writes(requests.take()?, &namespace);
    assert!(writes.is_empty(), "{writes:#?}");
    let resident = resident_kib(&operator)?;
    assert!(resident <= RESIDENT_KIB_MAX, "the operator holds {resident} KiB");
    Ok(())
}

async fn topics(cluster: &Cluster, namespace: &str) -> Result<Api<DynamicObject>> {
    Ok(Api::namespaced_with(cluster.client().await?, namespace, &resource()))
}

async fn make(cluster: &Cluster, namespace: &str) -> Result<()> {
    let topics = Arc::new(topics(cluster, namespace).await?);
    let mut hands = JoinSet::new();
    for hand in 0..HANDS {
        let topics = Arc::clone(&topics);
        hands.spawn(async move {
            for number in (hand..TOPICS).step_by(HANDS) {
                let mut topic = DynamicObject::new(&format!("topic-{number}"), &resource());
                topic.data = json!({ "spec": { "cluster": "chat", "deletionPolicy": "Delete" } });
                topics.create(&PostParams::default(), &topic).await?;
            }
            Ok::<_, kube::Error>(())
        });
    }
    hands.join_all().await.into_iter().collect::<Result<(), _>>().context("a topic is refused")
}

async fn ready_topics(cluster: &Cluster, namespace: &str) -> Result<usize> {
    let topics = topics(cluster, namespace).await?.list(&ListParams::default()).await?;
    let is_ready = |topic: &&DynamicObject| {
        let conditions = topic.data["status"]["conditions"].as_array().into_iter().flatten();
        conditions.into_iter().any(|it| it["type"] == "Ready" && it["status"] == "True")
    };
    Ok(topics.items.iter().filter(is_ready).count())
}

fn writes(requests: Vec<Request>, namespace: &str) -> Vec<Request> {
    let ours = |request: &Request| {
        request.is_write() && request.namespace == namespace && request.resource != "leases"
    };
    requests.into_iter().filter(ours).collect()
}

/// How many of them there are of each kind, with their answers.
fn by_kind(requests: Vec<Request>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for Request { verb, resource, subresource, code, .. } in requests {
        *counts.entry(format!("{verb} {resource} {subresource} {code}")).or_default() += 1;
    }
    counts
}

fn resident_kib(process: &Owned) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.0.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number =
        line.and_then(|line| line.split_whitespace().next()).context("a running process")?;
    let resident = number.parse()?;
    ensure!(resident > 0, "the process has ended");
    Ok(resident)
}

fn resource() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("klamm.dev", "v1alpha1", "Topic"))
}
