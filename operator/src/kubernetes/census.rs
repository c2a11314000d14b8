//! Counts the objects that are looked after, for the metrics: how many are ready, how many are not,
//! and how many have not been for long.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, ObjectMeta};
use k8s_openapi::jiff::Timestamp;

use super::cache::Cache;
use super::metrics::{self, Metrics};
use super::names;
use crate::crd::conditions::{self, READY};

/// How often they are counted.
const PERIOD: Duration = Duration::from_secs(5);
/// An object that has not been ready for longer is stuck.
const STUCK_AFTER_SECONDS: i64 = 600;

/// The counts of one kind, by namespace.
type Counts = BTreeMap<String, metrics::Census>;

/// Counts until it is dropped. A namespace that has no objects left is told as 0.
pub(crate) async fn run(cache: Cache, metrics: Metrics) {
    let (mut clusters, mut topics) = (Counts::new(), Counts::new());
    loop {
        let now = Timestamp::now();
        let found = cache.clusters.state();
        let found = found.iter().map(|cluster| match &cluster.0 {
            Ok(cluster) => {
                let status = cluster.status.as_ref();
                (&cluster.metadata, status.map_or(&[][..], |status| &status.conditions))
            }
            Err(invalid) => (&invalid.metadata, &[][..]),
        });
        tell("Cluster", &mut clusters, count(found, now), &metrics);
        let found = cache.topics.state();
        let found = found.iter().map(|topic| match &topic.0 {
            Ok(topic) => {
                let status = topic.status.as_ref();
                (&topic.metadata, status.map_or(&[][..], |status| &status.conditions))
            }
            Err(invalid) => (&invalid.metadata, &[][..]),
        });
        tell("Topic", &mut topics, count(found, now), &metrics);
        tokio::time::sleep(PERIOD).await;
    }
}

fn tell(kind: &str, told: &mut Counts, counts: Counts, metrics: &Metrics) {
    for census in told.values_mut() {
        *census = metrics::Census::default();
    }
    told.extend(counts);
    for (namespace, census) in told {
        metrics.objects(kind, namespace, *census);
    }
}

/// A paused object is left as it is on purpose, so it never counts as stuck.
fn count<'a>(
    objects: impl Iterator<Item = (&'a ObjectMeta, &'a [Condition])>,
    now: Timestamp,
) -> Counts {
    let mut counts = Counts::new();
    for (meta, conditions) in objects {
        let census = counts.entry(names::namespace(meta).to_owned()).or_default();
        if conditions::holds(conditions, READY, meta.generation) {
            census.ready += 1;
            continue;
        }
        census.waiting += 1;
        let has_waited = now.as_second().saturating_sub(waiting_since(meta, conditions));
        if has_waited > STUCK_AFTER_SECONDS && !names::is_paused(meta) {
            census.stuck += 1;
        }
    }
    counts
}

/// Since when an object is not ready, as far as it is known. One that is ready for an older
/// generation of its manifest has just been changed.
fn waiting_since(meta: &ObjectMeta, conditions: &[Condition]) -> i64 {
    let ready = conditions::find(conditions, READY);
    let is_ready = ready.is_some_and(|ready| ready.status == "True");
    let since = match ready {
        Some(_) if is_ready => None,
        Some(ready) => Some(&ready.last_transition_time),
        None => meta.creation_timestamp.as_ref(),
    };
    since.map_or(i64::MAX, |since| since.0.as_second())
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;
    use crate::kubernetes::metrics::Census;

    const NOW: i64 = 1_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn object(ready: Option<&str>, since: i64) -> (ObjectMeta, Vec<Condition>) {
        let meta = ObjectMeta {
            namespace: Some("chat".to_owned()),
            generation: Some(1),
            creation_timestamp: Some(Time(at(since))),
            ..ObjectMeta::default()
        };
        let condition = |status: &str| Condition {
            type_: READY.to_owned(),
            status: status.to_owned(),
            reason: "Because".to_owned(),
            message: String::new(),
            observed_generation: Some(1),
            last_transition_time: Time(at(since)),
        };
        (meta, ready.map(condition).into_iter().collect())
    }

    fn counted(objects: &[(ObjectMeta, Vec<Condition>)]) -> Census {
        let objects = objects.iter().map(|(meta, conditions)| (meta, conditions.as_slice()));
        count(objects, at(NOW)).remove("chat").unwrap_or_default()
    }

    #[test]
    fn an_object_is_stuck_when_it_has_not_been_ready_for_long() {
        let (old, young) = (NOW - 601, NOW - 60);
        let objects = [
            object(Some("True"), old),
            object(Some("False"), young),
            object(Some("False"), old),
            object(None, old),
            object(None, young),
        ];
        assert_eq!(counted(&objects), Census { ready: 1, waiting: 4, stuck: 2 });
    }

    #[test]
    fn an_object_that_was_just_changed_waits_and_is_not_stuck() {
        let (mut meta, conditions) = object(Some("True"), NOW - 5_000);
        meta.generation = Some(2);
        assert_eq!(counted(&[(meta, conditions)]), Census { ready: 0, waiting: 1, stuck: 0 });
    }

    #[test]
    fn a_paused_object_is_never_stuck() {
        let (mut meta, conditions) = object(Some("False"), NOW - 5_000);
        let paused = (crate::crd::PAUSED.to_owned(), "true".to_owned());
        meta.annotations = Some([paused].into());
        assert_eq!(counted(&[(meta, conditions)]), Census { ready: 0, waiting: 1, stuck: 0 });
    }

    #[test]
    fn a_namespace_without_objects_left_is_told_as_none() {
        let metrics = Metrics::new();
        let mut told = Counts::new();
        let one = Census { ready: 1, ..Census::default() };
        tell("Topic", &mut told, Counts::from([("chat".to_owned(), one)]), &metrics);
        tell("Topic", &mut told, Counts::new(), &metrics);
        let line =
            "klamm_operator_objects{kind=\"Topic\",object_namespace=\"chat\",ready=\"true\"} 0";
        assert!(metrics.text().contains(line), "{}", metrics.text());
    }
}
