//! Whole passes over a cluster in a world that only remembers.

use super::*;
use crate::crd::conditions::{READY, STALLED, holds};
use crate::fakes::{self, World};
use crate::world::Phase;
use types::BrokerId;

fn world(spec: &str) -> World {
    let world = World::default();
    world.with(|state| state.clusters.insert("chat".to_owned(), fakes::cluster(spec)));
    world
}

async fn pass_once(world: &World) -> Pass {
    let circumstances = Circumstances { version: "0.1.0", now: Timestamp(0) };
    pass(world.cluster(), world, world, world, &circumstances, fakes::uuids()).await.unwrap()
}

async fn settle(world: &World) -> ClusterStatus {
    for _ in 0..10 {
        let pass = pass_once(world).await;
        if !pass.again {
            return pass.status;
        }
    }
    panic!("ten passes were not enough");
}

#[tokio::test]
async fn a_new_cluster_becomes_ready() {
    let world = world("{}");
    let status = settle(&world).await;
    assert!(!holds(&status.conditions, READY, Some(1)));
    assert_eq!(status.conditions[0].message, "broker 0 is starting");
    world.become_ready();
    let status = settle(&world).await;
    assert!(holds(&status.conditions, READY, Some(1)));
    assert_eq!(status.bootstrap_servers.as_deref(), Some("127.0.0.1:9092"));
    assert!(status.quorum.bootstrapped);
    assert_eq!(status.ready_brokers, 1);
}

#[tokio::test]
async fn the_identity_stands_on_the_volumes_before_it_stands_in_the_object() {
    let world = world("{}");
    settle(&world).await;
    let log = world.log();
    let volumes = log.iter().position(|entry| entry == "identity");
    let object = log.iter().position(|entry| entry == "status of cluster chat");
    assert!(volumes < object, "{log:?}");
    assert!(object < log.iter().position(|entry| entry == "run broker 0"), "{log:?}");
}

#[tokio::test]
async fn a_broker_is_told_the_first_voters_until_the_quorum_lives() {
    let world = world("{}");
    settle(&world).await;
    let told = |world: &World| {
        let properties =
            world.with(|state| state.brokers[&BrokerId(0)].properties.clone().unwrap());
        properties.0.contains_key("klamm.initial.controllers")
    };
    assert!(told(&world));
    world.become_ready();
    settle(&world).await;
    world.with(|state| state.brokers.clear());
    settle(&world).await;
    assert!(!told(&world));
}

#[tokio::test]
async fn a_cluster_as_wanted_causes_no_write() {
    let world = world("{}");
    settle(&world).await;
    world.become_ready();
    settle(&world).await;
    world.log();
    for _ in 0..3 {
        let pass = pass_once(&world).await;
        assert!(pass.plan.is_empty() && !pass.again);
    }
    assert!(world.log().is_empty());
}

#[tokio::test]
async fn a_restart_is_published_before_it_is_done() {
    let world = world("{}");
    settle(&world).await;
    world.become_ready();
    settle(&world).await;
    world.log();
    world.with(|state| {
        let changed = fakes::cluster("{ config: { num.partitions: \"4\" } }");
        state.clusters.get_mut("chat").unwrap().spec = changed.spec;
    });
    let pass = pass_once(&world).await;
    assert_eq!(world.log(), ["status of cluster chat", "run broker 0"]);
    assert!(pass.status.plan.unwrap().steps[0].contains("num.partitions becomes 4"));
}

#[tokio::test]
async fn a_plan_that_waits_for_approval_changes_nothing_and_says_so() {
    let world = world("{ apply: Manual }");
    settle(&world).await;
    world.become_ready();
    settle(&world).await;
    world.with(|state| {
        let changed = fakes::cluster("{ apply: Manual, config: { num.partitions: \"4\" } }");
        state.clusters.get_mut("chat").unwrap().spec = changed.spec;
    });
    world.log();
    let status = settle(&world).await;
    assert_eq!(world.log(), ["status of cluster chat"]);
    assert!(holds(&status.conditions, STALLED, Some(1)));
    settle(&world).await;
    assert!(world.log().is_empty());
}

#[tokio::test]
async fn a_broker_that_ends_again_and_again_is_named_in_the_status() {
    let world = world("{}");
    settle(&world).await;
    world.with(|state| {
        let broker = state.brokers.get_mut(&BrokerId(0)).unwrap();
        broker.phase = Phase::BackingOff { why: "it ended with exit code 1".to_owned() };
    });
    let status = settle(&world).await;
    assert_eq!(
        status.conditions[0].message,
        "broker 0 is started again: it ended with exit code 1"
    );
}

async fn ready_world(spec: &str) -> World {
    let world = world(spec);
    settle(&world).await;
    world.become_ready();
    settle(&world).await;
    world
}

#[tokio::test]
async fn all_brokers_are_told_before_the_cluster_is_ready_and_then_nothing_is_written() {
    let world = ready_world("{ config: { log.retention.ms: \"5\" } }").await;
    assert_eq!(world.with(|state| state.all_brokers["log.retention.ms"].clone()), "5");
    let status = settle(&world).await;
    assert!(holds(&status.conditions, READY, Some(1)));
    world.log();
    settle(&world).await;
    assert!(world.log().is_empty());
}

#[tokio::test]
async fn a_key_that_leaves_the_manifest_leaves_the_cluster_without_a_restart() {
    let world = ready_world("{ config: { log.retention.ms: \"5\" } }").await;
    world.log();
    world.with(|state| {
        state.clusters.get_mut("chat").unwrap().spec = fakes::cluster("{}").spec;
    });
    let status = settle(&world).await;
    assert!(holds(&status.conditions, READY, Some(1)));
    assert!(world.with(|state| state.all_brokers.is_empty()));
    assert!(!world.log().iter().any(|entry| entry.starts_with("run broker")));
}

#[tokio::test]
async fn what_the_brokers_refuse_is_said_and_nothing_is_restarted() {
    let world = ready_world("{}").await;
    let no = AdminError::Refused { code: "INVALID_CONFIG".to_owned(), sentence: "no".to_owned() };
    world.with(|state| {
        state.refuse = Some(no);
        let changed =
            fakes::cluster("{ config: { log.retention.ms: \"5\", num.partitions: \"4\" } }");
        state.clusters.get_mut("chat").unwrap().spec = changed.spec;
    });
    world.log();
    let status = settle(&world).await;
    assert!(holds(&status.conditions, STALLED, Some(1)));
    assert!(!world.log().iter().any(|entry| entry.starts_with("run broker")));
}
