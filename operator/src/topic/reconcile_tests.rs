//! Whole passes over a topic in a world that only remembers.

use super::*;
use crate::crd::conditions::{READY, STALLED, find, holds};
use crate::fakes::{self, World};

fn world(spec: &str) -> World {
    let world = World::default();
    world.with(|state| state.topics.insert("messages".to_owned(), fakes::topic(spec)));
    world
}

async fn settle(world: &World) -> Pass {
    for _ in 0..10 {
        let pass =
            pass(world.topic(), Reach::At("here"), world, world, Timestamp(0)).await.unwrap();
        if pass.taken.is_none() {
            return pass;
        }
    }
    panic!("ten passes were not enough");
}

#[tokio::test]
async fn a_topic_is_made_and_becomes_ready() {
    let world = world("{ cluster: chat, partitions: 10, config: { retention.ms: \"5\" } }");
    let status = settle(&world).await.status;
    assert!(holds(&status.conditions, READY, Some(1)));
    assert_eq!(status.topic_id.as_deref(), Some("id-1"));
    assert_eq!((status.partitions, status.replicas), (Some(10), Some(1)));
}

#[tokio::test]
async fn a_topic_as_wanted_causes_no_write() {
    let world = world("{ cluster: chat }");
    settle(&world).await;
    world.log();
    settle(&world).await;
    settle(&world).await;
    assert!(world.log().is_empty());
}

#[tokio::test]
async fn a_topic_made_just_before_a_crash_is_known_as_ours() {
    let world = world("{ cluster: chat, config: { retention.ms: \"5\" } }");
    let first = pass(world.topic(), Reach::At("here"), &world, &world, Timestamp(0)).await.unwrap();
    assert!(matches!(first.taken, Some(Step::Create(_))));
    assert_eq!(world.log(), ["status of topic messages", "create messages"]);
    assert!(holds(&settle(&world).await.status.conditions, READY, Some(1)));
}

#[tokio::test]
async fn what_the_cluster_refuses_is_said_and_asked_again() {
    let world = world("{ cluster: chat, config: { retention.ms: \"x\" } }");
    let no = AdminError::Refused {
        code: "INVALID_CONFIG".to_owned(),
        sentence: "x is no number".to_owned(),
    };
    world.with(|state| state.refuse = Some(no));
    let status = settle(&world).await.status;
    let ready = find(&status.conditions, READY).unwrap();
    assert_eq!(
        (ready.reason.as_str(), ready.message.as_str()),
        ("INVALID_CONFIG", "x is no number")
    );
    assert!(holds(&status.conditions, STALLED, Some(1)));
    assert!(status.config.is_some());
    world.with(|state| state.refuse = None);
    assert!(holds(&settle(&world).await.status.conditions, READY, Some(1)));
}

#[tokio::test]
async fn a_topic_deleted_by_someone_else_is_made_again() {
    let world = world("{ cluster: chat }");
    settle(&world).await;
    world.with(|state| state.kafka.clear());
    assert!(holds(&settle(&world).await.status.conditions, READY, Some(1)));
}

#[tokio::test]
async fn a_topic_waits_for_its_cluster() {
    let world = world("{ cluster: chat }");
    let pass = pass(world.topic(), Reach::NotReady, &world, &world, Timestamp(0)).await.unwrap();
    assert_eq!(find(&pass.status.conditions, READY).unwrap().message, "the cluster is not ready");
    assert_eq!(world.log(), ["status of topic messages"]);
}
