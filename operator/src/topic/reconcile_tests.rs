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
    assert_eq!(
        world.log(),
        ["status of topic messages", "create messages", "status of topic messages"]
    );
    // What the first write said is all that a crash after the second step leaves.
    world.with(|state| {
        let topic = state.topics.get_mut("messages").unwrap();
        let config = Some(topic.spec.config.clone());
        topic.status = Some(TopicStatus { config, ..TopicStatus::default() });
    });
    let next = pass(world.topic(), Reach::At("here"), &world, &world, Timestamp(0)).await.unwrap();
    assert_eq!(next.taken, None, "it is not taken over as if it were someone else's");
    assert!(holds(&next.status.conditions, READY, Some(1)));
}

#[tokio::test]
async fn a_new_topic_costs_one_write_to_its_object() {
    let world = world("{ cluster: chat, partitions: 3 }");
    let first = pass(world.topic(), Reach::At("here"), &world, &world, Timestamp(0)).await.unwrap();
    assert!(!first.again && holds(&first.status.conditions, READY, Some(1)));
    assert_eq!(world.log(), ["create messages", "status of topic messages"]);
}

#[tokio::test]
async fn a_topic_that_goes_with_its_object_is_made_in_one_pass_too() {
    let world = world("{ cluster: chat, deletionPolicy: Delete }");
    let first = pass(world.topic(), Reach::At("here"), &world, &world, Timestamp(0)).await.unwrap();
    assert!(!first.again && holds(&first.status.conditions, READY, Some(1)));
    assert_eq!(world.log(), ["hold topic messages", "create messages", "status of topic messages"]);
    change_config(&world, "{ cluster: chat }");
    settle(&world).await;
    assert_eq!(world.log(), ["let go topic messages"]);
}

#[tokio::test]
async fn of_two_changes_none_is_done_when_one_would_be_refused() {
    let world = world("{ cluster: chat }");
    settle(&world).await;
    world.log();
    let no =
        AdminError::Refused { code: "INVALID_PARTITIONS".to_owned(), sentence: "no".to_owned() };
    world.with(|state| state.refuse_growth = Some(no));
    change_config(&world, "{ cluster: chat, partitions: 5, config: { retention.ms: \"5\" } }");
    let status = settle(&world).await.status;
    assert!(holds(&status.conditions, STALLED, Some(1)));
    assert!(set_on(&world).is_empty(), "the config was not changed either");
    assert_eq!(world.log(), ["validate messages", "status of topic messages"]);
}

#[tokio::test]
async fn a_topic_that_someone_deleted_is_made_again_with_its_new_id() {
    let world = world("{ cluster: chat }");
    settle(&world).await;
    world.with(|state| {
        state.kafka.clear();
        state.topics.get_mut("messages").unwrap().status.as_mut().unwrap().topic_id =
            Some("id-0".to_owned());
    });
    let status = settle(&world).await.status;
    assert_eq!(status.topic_id.as_deref(), Some("id-1"));
    assert!(holds(&status.conditions, READY, Some(1)));
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

fn change_config(world: &World, spec: &str) {
    let changed = fakes::topic(spec);
    world.with(|state| state.topics.get_mut("messages").unwrap().spec = changed.spec);
}

fn set_on(world: &World) -> Vec<String> {
    let set = world.with(|state| state.kafka["messages"].config.set.clone());
    set.iter().map(|(key, value)| format!("{key}={value}")).collect()
}

#[tokio::test]
async fn a_changed_config_reaches_the_topic_and_a_removed_key_goes() {
    let world = world("{ cluster: chat, config: { retention.ms: \"5\", flush.ms: \"1\" } }");
    settle(&world).await;
    world.with(|state| {
        let config = &mut state.kafka.get_mut("messages").unwrap().config.set;
        config.insert("segment.ms".to_owned(), "someone else's".to_owned());
    });
    change_config(&world, "{ cluster: chat, config: { retention.ms: \"6\" } }");
    let status = settle(&world).await.status;
    assert!(holds(&status.conditions, READY, Some(1)));
    assert_eq!(set_on(&world), ["retention.ms=6", "segment.ms=someone else's"]);
    world.log();
    settle(&world).await;
    assert!(world.log().is_empty(), "as wanted it causes no write");
}

#[tokio::test]
async fn keys_set_just_before_a_crash_are_known_as_ours() {
    let world = world("{ cluster: chat }");
    settle(&world).await;
    world.log();
    change_config(&world, "{ cluster: chat, config: { retention.ms: \"5\" } }");
    let first = pass(world.topic(), Reach::At("here"), &world, &world, Timestamp(0)).await.unwrap();
    assert!(matches!(first.taken, Some(Step::AlterConfig { .. })));
    assert_eq!(world.log(), ["status of topic messages", "alter messages"]);
    change_config(&world, "{ cluster: chat }");
    settle(&world).await;
    assert!(set_on(&world).is_empty());
}

#[tokio::test]
async fn a_config_that_the_cluster_refuses_is_said_and_asked_again() {
    let world = world("{ cluster: chat }");
    settle(&world).await;
    let no = AdminError::Refused { code: "INVALID_CONFIG".to_owned(), sentence: "no".to_owned() };
    world.with(|state| state.refuse = Some(no));
    change_config(&world, "{ cluster: chat, config: { retention.ms: \"x\" } }");
    let status = settle(&world).await.status;
    assert_eq!(find(&status.conditions, READY).unwrap().reason, "INVALID_CONFIG");
    assert!(holds(&status.conditions, STALLED, Some(1)));
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
