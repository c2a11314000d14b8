//! Tables of what the plan of a topic is.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::*;
use crate::crd::Topic;
use crate::fakes;

fn found(id: &str, partitions: i32, replicas: i32) -> Found {
    Found::Topic(KafkaTopic { id: id.to_owned(), partitions, replicas })
}

fn known(mut topic: Topic) -> Topic {
    let mut status = topic.status_or_default();
    status.topic_id = Some("id-1".to_owned());
    status.config = Some(topic.spec.config.clone());
    topic.status = Some(status);
    topic
}

fn planned(topic: Topic, found: Found) -> Plan {
    plan(&Observation { topic, found })
}

fn refusal(plan: Plan) -> (String, String) {
    let Plan::Refuse(refusal) = plan else { panic!("{plan} is no refusal") };
    (refusal.path, refusal.sentence)
}

#[test]
fn a_missing_topic_is_made() {
    let plan = planned(fakes::topic("{ cluster: chat, partitions: 10 }"), Found::Nothing);
    assert_eq!(plan.to_string(), "create it with 10 partitions, 1 replica");
}

#[test]
fn a_topic_as_wanted_needs_nothing() {
    let plan =
        planned(known(fakes::topic("{ cluster: chat, partitions: 10 }")), found("id-1", 10, 1));
    assert!(plan.is_nothing());
}

#[test]
fn a_topic_grows() {
    let plan =
        planned(known(fakes::topic("{ cluster: chat, partitions: 12 }")), found("id-1", 10, 1));
    assert_eq!(plan.to_string(), "grow it from 10 to 12 partitions");
}

#[test]
fn a_topic_never_shrinks() {
    let plan =
        planned(known(fakes::topic("{ cluster: chat, partitions: 4 }")), found("id-1", 10, 1));
    let (path, sentence) = refusal(plan);
    assert_eq!(path, "spec.partitions");
    assert_eq!(sentence, "partitions can only grow: the topic has 10, and 4 would lose records");
}

#[test]
fn a_topic_that_is_there_already_is_taken_over() {
    let plan = planned(fakes::topic("{ cluster: chat, partitions: 4 }"), found("id-7", 4, 1));
    assert_eq!(plan.to_string(), "take over the existing topic with 4 partitions");
}

#[test]
fn a_topic_with_unknown_config_is_not_taken_over_by_one_that_names_keys() {
    let topic = fakes::topic("{ cluster: chat, config: { retention.ms: \"1\" } }");
    let (path, sentence) = refusal(planned(topic, found("id-7", 1, 1)));
    assert_eq!(path, "spec.config");
    assert!(sentence.contains("leave config out"), "{sentence}");
}

#[test]
fn the_config_of_an_existing_topic_stays() {
    let mut topic = known(fakes::topic("{ cluster: chat, config: { retention.ms: \"1\" } }"));
    topic.spec.config.insert("cleanup.policy".to_owned(), ConfigValue("compact".to_owned()));
    topic.spec.config.remove("retention.ms");
    let (path, sentence) = refusal(planned(topic, found("id-1", 1, 1)));
    assert_eq!(path, "spec.config");
    assert_eq!(
        sentence,
        "this version cannot change the config of a topic that exists: cleanup.policy was to become compact, retention.ms is 1 and was to become the default"
    );
}

#[test]
fn a_topic_that_someone_made_again_is_left_alone() {
    let (path, sentence) =
        refusal(planned(known(fakes::topic("{ cluster: chat }")), found("id-2", 1, 1)));
    assert_eq!(path, "spec.name");
    assert!(sentence.contains("its id was id-1 and is id-2"), "{sentence}");
}

#[test]
fn replicas_of_another_number_are_refused() {
    let (path, _) = refusal(planned(known(fakes::topic("{ cluster: chat }")), found("id-1", 1, 3)));
    assert_eq!(path, "spec.replicas");
}

#[test]
fn nothing_is_done_while_the_cluster_cannot_be_asked() {
    let plan = planned(fakes::topic("{ cluster: chat }"), Found::Unknown("it is away".to_owned()));
    assert_eq!(plan, Plan::Wait("it is away".to_owned()));
}

fn deleted(spec: &str) -> Topic {
    let mut topic = known(fakes::topic(spec));
    topic.metadata.deletion_timestamp = Some(Time(Default::default()));
    topic
}

#[test]
fn a_deleted_object_leaves_its_topic_unless_asked_otherwise() {
    assert_eq!(
        planned(deleted("{ cluster: chat }"), found("id-1", 1, 1)),
        Plan::Take(Step::Release)
    );
    let wanted = "{ cluster: chat, deletionPolicy: Delete }";
    assert_eq!(planned(deleted(wanted), found("id-1", 1, 1)), Plan::Take(Step::Delete));
    assert_eq!(planned(deleted(wanted), Found::Nothing), Plan::Take(Step::Release));
    assert_eq!(planned(deleted(wanted), Found::NoCluster), Plan::Take(Step::Release));
    let away = Found::Unknown("it is away".to_owned());
    assert_eq!(planned(deleted(wanted), away), Plan::Wait("it is away".to_owned()));
}

#[test]
fn a_topic_that_someone_made_again_is_not_deleted() {
    let wanted = "{ cluster: chat, deletionPolicy: Delete }";
    assert_eq!(planned(deleted(wanted), found("id-2", 1, 1)), Plan::Take(Step::Release));
}
