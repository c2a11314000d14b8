//! Tables of what the plan of a cluster is.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::*;
use crate::cluster::observe;
use crate::crd::Cluster;
use crate::fakes::{self, World};

fn identity() -> Identity {
    let voters = [FirstVoter { id: 0, endpoint: "127.0.0.1:29092".to_owned() }];
    Identity::draw(&voters, fakes::uuids()).bootstrapped()
}

fn known(mut cluster: Cluster) -> Cluster {
    let mut status = cluster.status_or_default();
    status.cluster_id = Some(identity().cluster_id);
    status.quorum = identity().quorum;
    cluster.status = Some(status);
    cluster
}

fn observation(cluster: Cluster) -> Observation {
    let wanted = observe::wanted(&cluster, &World::default());
    let config = FoundConfig::NotAsked;
    Observation {
        cluster,
        on_volumes: None,
        wanted,
        refusal: None,
        found: Default::default(),
        config,
        held_alone: Default::default(),
    }
}

/// An observation in which broker 0 runs as `running` wants it.
fn running(running: &Cluster, wanted: Cluster) -> Observation {
    let before = observation(running.clone());
    let site = &before.wanted[&BrokerId(0)].site;
    let properties = properties::wanted(&running.spec, &identity(), BrokerId(0), site);
    let mut seen = observation(wanted);
    seen.found.insert(
        BrokerId(0),
        ObservedBroker {
            phase: Phase::Ready,
            properties: Some(properties),
            template: BTreeMap::new(),
            rack: None,
        },
    );
    seen
}

fn sentences(seen: &Observation) -> Vec<String> {
    plan(seen).steps.iter().map(ToString::to_string).collect()
}

#[test]
fn a_new_cluster_draws_its_ids_and_starts_its_broker() {
    let seen = observation(fakes::cluster("{}"));
    assert_eq!(
        sentences(&seen),
        ["draw the ids of a new cluster", "start broker 0 on 127.0.0.1:9092"]
    );
    assert!(!plan(&seen).is_disruptive());
}

#[test]
fn volumes_that_hold_a_cluster_are_taken_over() {
    let mut seen = observation(fakes::cluster("{}"));
    seen.on_volumes = Some(identity());
    let first = format!("take over the data of cluster id {}", identity().cluster_id);
    assert_eq!(sentences(&seen), [first.as_str(), "start broker 0 on 127.0.0.1:9092"]);
}

#[test]
fn a_known_cluster_only_starts_what_does_not_run() {
    let seen = observation(known(fakes::cluster("{}")));
    assert_eq!(sentences(&seen), ["start broker 0 on 127.0.0.1:9092"]);
}

#[test]
fn broker_ids_come_from_the_range_of_the_pool() {
    let seen = observation(known(fakes::cluster("{ pools: [{ name: a, ids: { first: 40 } }] }")));
    assert_eq!(sentences(&seen), ["start broker 40 on 127.0.0.1:9092"]);
}

#[test]
fn a_cluster_as_wanted_has_an_empty_plan() {
    let cluster = known(fakes::cluster("{ config: { num.partitions: \"3\" } }"));
    assert!(plan(&running(&cluster, cluster.clone())).is_empty());
}

#[test]
fn a_changed_key_restarts_the_broker_and_says_why() {
    let old =
        known(fakes::cluster("{ config: { num.partitions: \"3\", log.retention.hours: \"1\" } }"));
    let new = known(fakes::cluster("{ config: { num.partitions: \"4\" } }"));
    let seen = running(&old, new);
    assert_eq!(
        sentences(&seen),
        ["restart broker 0: log.retention.hours 1 becomes the default, num.partitions 3 becomes 4"]
    );
    assert!(plan(&seen).is_disruptive());
}

#[test]
fn another_port_restarts_the_broker() {
    let old = known(fakes::cluster("{}"));
    let new = known(fakes::cluster("{ listeners: [{ name: plain, port: 9095 }] }"));
    let found = sentences(&running(&old, new));
    assert!(
        found[0].contains("PLAIN://127.0.0.1:9092 becomes PLAIN://127.0.0.1:9095"),
        "{found:?}"
    );
}

#[test]
fn a_quorum_that_lives_is_written_down() {
    let mut cluster = known(fakes::cluster("{}"));
    cluster.status.as_mut().unwrap().quorum.bootstrapped = false;
    let seen = running(&cluster, cluster.clone());
    assert_eq!(sentences(&seen), ["note that the metadata quorum lives"]);
}

#[test]
fn a_manual_plan_waits_until_exactly_its_hash_is_approved() {
    let old = known(fakes::cluster("{ apply: Manual }"));
    let mut new = known(fakes::cluster("{ apply: Manual, config: { num.partitions: \"4\" } }"));
    let waiting = plan(&running(&old, new.clone()));
    assert!(waiting.waits_for_approval);
    let annotations = [(APPROVED_PLAN.to_owned(), waiting.hash())];
    new.metadata.annotations = Some(annotations.into());
    assert!(!plan(&running(&old, new.clone())).waits_for_approval);
    new.spec.config.get_mut("num.partitions").unwrap().0 = "5".to_owned();
    assert!(plan(&running(&old, new)).waits_for_approval);
}

#[test]
fn starting_what_does_not_run_needs_no_approval() {
    let seen = observation(known(fakes::cluster("{ apply: Manual }")));
    assert!(!plan(&seen).waits_for_approval);
}

fn deleted(spec: &str) -> Cluster {
    let mut cluster = known(fakes::cluster(spec));
    cluster.metadata.deletion_timestamp = Some(Time(Default::default()));
    cluster
}

#[test]
fn a_deleted_cluster_stops_and_keeps_its_data() {
    let cluster = deleted("{}");
    assert_eq!(
        sentences(&running(&cluster, cluster.clone())),
        ["stop broker 0", "remove the object"]
    );
}

#[test]
fn data_goes_with_the_cluster_only_when_asked_for() {
    let cluster = deleted("{ pools: [{ name: a, storage: { deletionPolicy: Delete } }] }");
    assert_eq!(
        sentences(&running(&cluster, cluster.clone())),
        ["stop broker 0", "remove the data of broker 0", "remove the object"]
    );
}

#[test]
fn a_plan_is_plain_data() {
    let seen = observation(fakes::cluster("{}"));
    let value = serde_json::to_value(plan(&seen)).unwrap();
    assert_eq!(value["steps"][1]["step"], "StartBroker");
    assert_eq!(value["steps"][1]["address"], "127.0.0.1:9092");
}

/// What all brokers were told before.
fn told(mut seen: Observation, set: &[(&str, &str)], owned: &[(&str, &str)]) -> Observation {
    let found = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let found = config::Found { set: found.collect(), ..config::Found::default() };
    seen.config = FoundConfig::Known(found);
    let owned = owned.iter().map(|(key, value)| {
        ((*key).to_owned(), crate::crd::cluster::ConfigValue((*value).to_owned()))
    });
    let status = seen.cluster.status_or_default();
    seen.cluster.status =
        Some(crate::crd::ClusterStatus { config: Some(owned.collect()), ..status });
    seen
}

#[test]
fn keys_that_running_brokers_take_need_no_restart() {
    let before = known(fakes::cluster("{}"));
    let after =
        known(fakes::cluster("{ config: { log.retention.ms: \"5\", num.partitions: \"4\" } }"));
    let seen = told(running(&before, after), &[], &[]);
    assert_eq!(
        sentences(&seen),
        [
            "tell all brokers: log.retention.ms becomes 5",
            "restart broker 0: num.partitions becomes 4"
        ]
    );
}

#[test]
fn a_key_that_all_brokers_were_told_goes_back_to_its_default_unless_it_is_someone_elses() {
    let cluster = known(fakes::cluster("{}"));
    let set = [("log.retention.ms", "5"), ("log.retention.bytes", "6")];
    let seen = told(running(&cluster, cluster.clone()), &set, &set[..1]);
    assert_eq!(sentences(&seen), ["tell all brokers: log.retention.ms 5 becomes the default"]);
}

#[test]
fn what_is_set_already_is_only_noted() {
    let cluster = known(fakes::cluster("{ config: { log.retention.ms: \"5\" } }"));
    let set = [("log.retention.ms", "5")];
    let seen = told(running(&cluster, cluster.clone()), &set, &[]);
    assert!(plan(&seen).steps.iter().all(Step::is_bookkeeping));
    let seen = told(running(&cluster, cluster.clone()), &set, &set);
    assert!(plan(&seen).is_empty());
}
