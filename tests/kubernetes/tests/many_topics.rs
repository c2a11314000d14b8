//! A thousand Topics at once: all are made, and then nothing is written any more.

use anyhow::{Context, Result};
use futures::TryStreamExt;
use kube::Api;
use kube::api::{DynamicObject, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, watcher};
use kubernetes_tests::requests::Request;
use kubernetes_tests::{Cluster, Level, Place};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use workshop::process::{self, Owned};
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
    let place = Place::new(cluster, PATIENCE)?;
    let operator = place.operator()?;
    place.apply(CHAT)?;
    place.ready("cluster/chat")?;

    let mut requests = cluster.requests()?;
    let begun = wait::now();
    let (made, most) = cluster.block_on(async {
        let made = async {
            make(&place).await?;
            Ok(begun.elapsed())
        };
        tokio::try_join!(made, all_ready(&place, &operator))
    })?;
    let (took, written) = (begun.elapsed(), by_kind(requests.writes(&place.namespace)?));
    eprintln!(
        "{TOPICS} topics were applied in {:.1} s and ready after {:.1} s; the operator held at most \
         {} MiB; writes: {written:?}",
        made.as_secs_f32(),
        took.as_secs_f32(),
        most / 1_024,
    );
    let refused: usize = written.iter().filter(|(it, _)| it.ends_with("409")).map(|it| it.1).sum();
    assert!(refused <= TOPICS / 20, "{refused} writes were planned from what was no longer so");

    // Notes about them are written last, and nobody waits for those.
    cluster.wait_for(PATIENCE, "the last note is written", || {
        wait::pause(Duration::from_secs(3));
        Ok(requests.writes(&place.namespace)?.is_empty().then_some(()))
    })?;
    wait::pause(QUIET);
    let writes = requests.writes(&place.namespace)?;
    assert!(writes.is_empty(), "{writes:#?}");
    let resident = resident_kib(&operator)?;
    assert!(resident <= RESIDENT_KIB_MAX, "the operator holds {resident} KiB");
    Ok(())
}

async fn topics(place: &Place) -> Result<Api<DynamicObject>> {
    Ok(Api::namespaced_with(place.cluster.client().await?, &place.namespace, &resource()))
}

async fn make(place: &Place) -> Result<()> {
    let topics = Arc::new(topics(place).await?);
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

/// Waits until all are ready, and says how much memory the operator held meanwhile. They are watched:
/// an API server that lists a thousand objects again and again does nothing else.
async fn all_ready(place: &Place, operator: &Owned) -> Result<u64> {
    let topics = topics(place).await?;
    let (mut ready, mut most) = (BTreeSet::new(), 0);
    let mut watched = pin!(watcher(topics, watcher::Config::default()).touched_objects());
    let watch = async {
        while ready.len() < TOPICS {
            let topic = watched.try_next().await?.context("a watch does not end")?;
            if is_ready(&topic) {
                ready.insert(topic.metadata.name);
                most = most.max(resident_kib(operator)?);
            }
        }
        Ok(most)
    };
    tokio::time::timeout(PATIENCE, watch).await.context("not all topics are ready in time")?
}

fn is_ready(topic: &DynamicObject) -> bool {
    let conditions = topic.data["status"]["conditions"].as_array().into_iter().flatten();
    conditions.into_iter().any(|it| it["type"] == "Ready" && it["status"] == "True")
}

/// How many of them there are of each kind, with their answers.
fn by_kind(requests: Vec<Request>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for Request { verb, resource, subresource, code, .. } in requests {
        *counts.entry(format!("{verb} {resource} {subresource} {code}")).or_default() += 1;
    }
    counts
}

fn resident_kib(operator: &Owned) -> Result<u64> {
    Ok(process::resident_bytes(operator.pid())? / 1_024)
}

fn resource() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("klamm.dev", "v1alpha1", "Topic"))
}
