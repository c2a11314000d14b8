//! Rolls of three brokers, pass by pass, in a world that only remembers.

use types::{BrokerId, Timestamp};

use crate::cluster::reconcile::{Circumstances, Pass, pass};
use crate::crd::APPROVED_PLAN;
use crate::crd::cluster::Apply;
use crate::crd::conditions::{READY, STALLED, find, holds};
use crate::fakes::{self, World};
use crate::world::{HeldAlone, Phase};

async fn pass_once(world: &World) -> Pass {
    let circumstances = Circumstances { version: "0.1.0", now: Timestamp(0) };
    pass(world.cluster(), world, world, world, &circumstances, fakes::uuids()).await.unwrap()
}

async fn settle(world: &World) -> Pass {
    for _ in 0..10 {
        let pass = pass_once(world).await;
        if !pass.again {
            return pass;
        }
    }
    panic!("ten passes were not enough");
}

/// Three brokers that serve clients.
async fn three() -> World {
    let world = World::default();
    let mut cluster = fakes::cluster("{}");
    cluster.spec.pools[0].replicas = 3;
    world.with(|state| {
        state.template.insert("image".to_owned(), "klamm:1".to_owned());
        state.clusters.insert("chat".to_owned(), cluster);
    });
    settle(&world).await;
    world.become_ready();
    settle(&world).await;
    world.log();
    world
}

fn set_image(world: &World, image: &str) {
    world.with(|state| state.template.insert("image".to_owned(), image.to_owned()));
}

fn set_phase(world: &World, broker: i32, phase: Phase) {
    world.with(|state| state.brokers.get_mut(&BrokerId(broker)).unwrap().phase = phase);
}

fn restarted(world: &World) -> Vec<String> {
    let log = world.log().into_iter();
    log.filter_map(|entry| entry.strip_prefix("run ").map(str::to_owned)).collect()
}

#[tokio::test]
async fn one_broker_after_the_other_is_restarted_each_when_all_others_serve() {
    let world = three().await;
    set_image(&world, "klamm:2");
    for broker in 0..3 {
        let pass = settle(&world).await;
        assert_eq!(restarted(&world), [format!("broker {broker}")]);
        let sentence = &pass.status.plan.unwrap().steps[0];
        assert_eq!(*sentence, format!("restart broker {broker}: image klamm:1 becomes klamm:2"));
        assert!(settle(&world).await.taken.is_empty(), "it is not ready yet");
        assert!(restarted(&world).is_empty());
        set_phase(&world, broker, Phase::Ready);
    }
    let status = settle(&world).await.status;
    assert!(holds(&status.conditions, READY, Some(1)));
    assert_eq!((status.plan, status.rollout), (None, None));
}

#[tokio::test]
async fn the_status_says_how_far_a_roll_is_and_what_it_waits_for() {
    let world = three().await;
    set_image(&world, "klamm:2");
    settle(&world).await;
    let rollout = settle(&world).await.status.rollout.unwrap();
    assert_eq!((rollout.total, rollout.done), (3, 0));
    assert_eq!(rollout.current.unwrap(), "restart broker 0: image klamm:1 becomes klamm:2");
    assert_eq!(rollout.blocked_by.unwrap(), "broker 0 is starting");
    set_phase(&world, 0, Phase::Ready);
    settle(&world).await;
    let rollout = settle(&world).await.status.rollout.unwrap();
    assert_eq!((rollout.total, rollout.done), (3, 1));
    assert!(rollout.current.unwrap().starts_with("restart broker 1: "));
}

#[tokio::test]
async fn an_image_that_never_gets_ready_stops_the_roll_and_going_back_recovers() {
    let world = three().await;
    set_image(&world, "broken");
    settle(&world).await;
    assert_eq!(restarted(&world), ["broker 0"]);
    set_phase(&world, 0, Phase::Held { why: "the image broken cannot be pulled".to_owned() });
    for _ in 0..3 {
        settle(&world).await;
    }
    assert!(restarted(&world).is_empty());
    let status = settle(&world).await.status;
    let why = "broker 0 cannot start: the image broken cannot be pulled";
    assert_eq!(find(&status.conditions, READY).unwrap().message, why);
    assert_eq!(status.rollout.unwrap().blocked_by.unwrap(), why);
    assert!(holds(&status.conditions, STALLED, Some(1)));

    set_image(&world, "klamm:1");
    settle(&world).await;
    assert_eq!(restarted(&world), ["broker 0"], "the others run what is wanted");
    set_phase(&world, 0, Phase::Ready);
    let status = settle(&world).await.status;
    assert!(holds(&status.conditions, READY, Some(1)));
    assert!(!holds(&status.conditions, STALLED, Some(1)));
}

#[tokio::test]
async fn the_only_broker_with_an_image_that_never_gets_ready_waits_for_a_person_too() {
    let world = World::default();
    world.with(|state| {
        state.template.insert("image".to_owned(), "klamm:1".to_owned());
        state.clusters.insert("chat".to_owned(), fakes::cluster("{}"));
    });
    settle(&world).await;
    world.become_ready();
    settle(&world).await;
    set_image(&world, "broken");
    settle(&world).await;
    set_phase(&world, 0, Phase::Held { why: "the image broken cannot be pulled".to_owned() });
    let status = settle(&world).await.status;
    assert!(holds(&status.conditions, STALLED, Some(1)));
    assert!(status.rollout.unwrap().current.unwrap().contains("image klamm:1 becomes broken"));
}

#[tokio::test]
async fn a_broker_that_serves_nobody_goes_first() {
    let world = three().await;
    set_phase(&world, 2, Phase::BackingOff { why: "it ended".to_owned() });
    set_image(&world, "klamm:2");
    settle(&world).await;
    assert_eq!(restarted(&world), ["broker 2"]);
}

#[tokio::test]
async fn one_approval_is_enough_for_a_whole_roll_and_for_no_other() {
    let world = three().await;
    let manual = |state: &mut fakes::State| {
        state.clusters.get_mut("chat").unwrap().spec.apply = Apply::Manual;
    };
    world.with(manual);
    set_image(&world, "klamm:2");
    let plan = settle(&world).await.status.plan.unwrap();
    assert!(plan.waits_for_approval && restarted(&world).is_empty());
    world.with(|state| {
        let annotations = [(APPROVED_PLAN.to_owned(), plan.hash.clone())];
        state.clusters.get_mut("chat").unwrap().metadata.annotations =
            Some(annotations.into_iter().collect());
    });
    for broker in 0..3 {
        settle(&world).await;
        assert_eq!(restarted(&world), [format!("broker {broker}")]);
        set_phase(&world, broker, Phase::Ready);
    }
    settle(&world).await;
    set_image(&world, "klamm:3");
    assert!(settle(&world).await.status.plan.unwrap().waits_for_approval);
    assert!(restarted(&world).is_empty());
}

#[tokio::test]
async fn the_plan_says_what_clients_miss_meanwhile() {
    let world = three().await;
    let held = HeldAlone { topics: 2, partitions: 5 };
    world.with(|state| state.held_alone.insert(BrokerId(0), held));
    set_image(&world, "klamm:2");
    let plan = pass_once(&world).await.status.plan.unwrap();
    assert_eq!(
        plan.unavailable,
        [
            "while broker 0 is restarted, 5 partitions in 2 topics cannot be used, having one replica"
        ]
    );
}

#[tokio::test]
async fn a_broker_without_an_address_waits_and_nothing_is_run() {
    let world = World::default();
    world.with(|state| {
        state.waits_for = Some("the load balancer has no address yet".to_owned());
        state.clusters.insert("chat".to_owned(), fakes::cluster("{}"));
    });
    let status = settle(&world).await.status;
    assert!(restarted(&world).is_empty());
    assert_eq!(
        find(&status.conditions, READY).unwrap().message,
        "broker 0 waits: the load balancer has no address yet"
    );
}
