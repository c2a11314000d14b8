//! Tables of what the plan of a topic is.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::*;
use crate::crd::Topic;
use crate::crd::cluster::ConfigValue;
use crate::fakes;

fn found(id: &str, partitions: i32, replicas: i32) -> Found {
    with_config(id, partitions, replicas, &[])
}

fn with_config(id: &str, partitions: i32, replicas: i32, set: &[(&str, &str)]) -> Found {
    let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let inherited = [("retention.ms".to_owned(), "604800000".to_owned())].into();
    let config = config::Found { set: set.collect(), inherited };
    Found::Topic(KafkaTopic { id: id.to_owned(), partitions, replicas, config })
}

fn known(mut topic: Topic) -> Topic {
    let mut status = topic.status_or_default();
    status.topic_id = Some("id-1".to_owned());
    status.config = Some(topic.spec.config.clone());
    topic.status = Some(status);
    topic
}

fn planned(topic: Topic, found: Found) -> Plan {
    plan(&Observation { topic, found, rival: None })
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
fn a_topic_that_is_taken_over_gets_the_keys_that_the_manifest_names() {
    let topic = fakes::topic("{ cluster: chat, config: { retention.ms: \"1\" } }");
    let plan = planned(topic, with_config("id-7", 1, 1, &[("flush.ms", "9")]));
    assert_eq!(
        plan.sentences(),
        [
            "take over the existing topic with 1 partitions",
            "change its config: retention.ms 604800000 becomes 1"
        ]
    );
}

#[test]
fn a_changed_config_is_planned_with_its_old_and_new_values() {
    let mut topic = known(fakes::topic("{ cluster: chat, config: { retention.ms: \"1\" } }"));
    topic.spec.config.insert("cleanup.policy".to_owned(), ConfigValue("compact".to_owned()));
    topic.spec.config.remove("retention.ms");
    let plan = planned(topic, with_config("id-1", 1, 1, &[("retention.ms", "1")]));
    assert_eq!(
        plan.sentences(),
        ["change its config: cleanup.policy becomes compact, retention.ms 1 becomes the default"]
    );
}

#[test]
fn a_key_that_someone_else_changed_is_changed_back() {
    let topic = known(fakes::topic("{ cluster: chat, config: { retention.ms: \"1\" } }"));
    let plan = planned(topic, with_config("id-1", 1, 1, &[("retention.ms", "2")]));
    assert_eq!(plan.sentences(), ["change its config: retention.ms 2 becomes 1"]);
}

#[test]
fn a_key_that_someone_else_set_stays() {
    let plan = planned(
        known(fakes::topic("{ cluster: chat }")),
        with_config("id-1", 1, 1, &[("retention.ms", "2")]),
    );
    assert!(plan.is_nothing());
}

#[test]
fn a_topic_that_grows_and_changes_shows_both_steps() {
    let mut topic = known(fakes::topic("{ cluster: chat, partitions: 2 }"));
    topic.spec.config.insert("flush.ms".to_owned(), ConfigValue("5".to_owned()));
    let plan = planned(topic, found("id-1", 1, 1));
    assert_eq!(
        plan.sentences(),
        ["change its config: flush.ms becomes 5", "grow it from 1 to 2 partitions"]
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
        Plan::Take(vec![Step::Release])
    );
    let wanted = "{ cluster: chat, deletionPolicy: Delete }";
    assert_eq!(planned(deleted(wanted), found("id-1", 1, 1)), Plan::Take(vec![Step::Delete]));
    assert_eq!(planned(deleted(wanted), Found::Nothing), Plan::Take(vec![Step::Release]));
    assert_eq!(planned(deleted(wanted), Found::NoCluster), Plan::Take(vec![Step::Release]));
    let away = Found::Unknown("it is away".to_owned());
    assert_eq!(
        planned(deleted(wanted), away).to_string(),
        "wait: it is away, so the topic cannot be deleted yet; to let go of it, set deletionPolicy to Retain"
    );
}

fn annotated(mut topic: Topic, key: &str, value: &str) -> Topic {
    topic.metadata.annotations = Some([(key.to_owned(), value.to_owned())].into());
    topic
}

fn second_to(rival: &str, topic: Topic) -> Plan {
    plan(&Observation { topic, found: Found::Nothing, rival: Some(rival.to_owned()) })
}

#[test]
fn an_object_that_came_second_is_told_who_was_first() {
    let (path, sentence) = refusal(second_to("older", fakes::topic("{ cluster: chat }")));
    assert_eq!(path, "metadata.name");
    assert_eq!(
        sentence,
        "the topic object older is older and stands for the Kafka topic `messages` already; delete one of the two"
    );
}

#[test]
fn an_object_that_came_second_takes_no_topic_with_it() {
    let topic = deleted("{ cluster: chat, deletionPolicy: Delete }");
    assert_eq!(second_to("older", topic), Plan::Take(vec![Step::Release]));
}

#[test]
fn an_unmanaged_topic_is_neither_changed_nor_deleted() {
    let wanted = "{ cluster: chat, partitions: 9, deletionPolicy: Delete }";
    let unmanaged = annotated(known(fakes::topic(wanted)), MANAGED, "false");
    assert_eq!(planned(unmanaged, found("id-1", 1, 1)), Plan::Leave(Leave::Unmanaged));
    let gone = annotated(deleted(wanted), MANAGED, "false");
    assert_eq!(planned(gone, found("id-1", 1, 1)), Plan::Take(vec![Step::Release]));
}

#[test]
fn a_paused_object_is_left_as_it_is_also_when_it_is_deleted() {
    let paused = annotated(deleted("{ cluster: chat }"), PAUSED, "true");
    assert_eq!(planned(paused, found("id-1", 1, 1)), Plan::Leave(Leave::Paused));
}

#[test]
fn only_an_object_whose_topic_goes_with_it_waits_for_that() {
    let mut topic = known(fakes::topic("{ cluster: chat, deletionPolicy: Delete }"));
    topic.metadata.finalizers = None;
    assert_eq!(planned(topic.clone(), found("id-1", 1, 1)), Plan::Take(vec![Step::Hold]));
    topic.metadata.finalizers = Some(vec![crate::crd::TOPIC_FINALIZER.to_owned()]);
    assert!(planned(topic.clone(), found("id-1", 1, 1)).is_nothing());
    topic.spec.deletion_policy = DeletionPolicy::Retain;
    assert_eq!(planned(topic, found("id-1", 1, 1)), Plan::Take(vec![Step::LetGo]));
}

#[test]
fn a_topic_that_someone_made_again_is_not_deleted() {
    let wanted = "{ cluster: chat, deletionPolicy: Delete }";
    assert_eq!(planned(deleted(wanted), found("id-2", 1, 1)), Plan::Take(vec![Step::Release]));
}
