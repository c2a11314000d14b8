//! What is configured changes, or is refused.

use super::*;

fn change(key: &str, operation: ConfigOperation) -> ConfigChange {
    ConfigChange { key: key.into(), operation }
}

fn set(key: &str, value: &str) -> ConfigChange {
    change(key, ConfigOperation::Set(value.into()))
}

fn decide(
    cluster: &Cluster,
    resource: &ConfigResource,
    wanted: Wanted,
) -> (Vec<MetadataRecord>, Result<(), AlterConfigError>) {
    let alterations = [Alteration { resource: resource.clone(), wanted }];
    let mut decision = alter_configs(cluster.image(), &CLEAN, &alterations, false).unwrap();
    (decision.records, decision.answer.remove(0))
}

fn refusal(cluster: &Cluster, resource: &ConfigResource, changes: &[ConfigChange]) -> String {
    let (records, outcome) = decide(cluster, resource, Wanted::Changes(changes.to_vec()));
    assert!(records.is_empty());
    outcome.unwrap_err().to_string()
}

fn serving_with(topic_name: &str) -> (Cluster, ConfigResource) {
    let mut cluster = Cluster::serving([1]);
    cluster.create(topic(topic_name, counts(1, 1))).unwrap();
    (cluster, ConfigResource::topic(topic_name))
}

#[test]
fn values_are_added_to_a_list_and_taken_off_it() {
    let (mut cluster, resource) = serving_with("chat");
    let key = "cleanup.policy";
    let mut alter = |operation| {
        let changes = Wanted::Changes(vec![change(key, operation)]);
        let (records, answer) = decide(&cluster, &resource, changes);
        let written = records.len();
        cluster.write(Decision { records, answer: () });
        let value = cluster.image().configs.value(&resource, key).map(str::to_owned);
        answer.map(|()| (written, value))
    };
    let added = alter(ConfigOperation::Append("compact,delete".into()));
    assert_eq!(added, Ok((1, Some("delete,compact".into()))));
    let taken = alter(ConfigOperation::Subtract("delete".into()));
    assert_eq!(taken, Ok((1, Some("compact".into()))));
    assert_eq!(alter(ConfigOperation::Set("compact".into())), Ok((0, Some("compact".into()))));
    assert_eq!(alter(ConfigOperation::Delete), Ok((1, None)));
    let emptied = alter(ConfigOperation::Subtract("delete".into()));
    assert_eq!(emptied, Ok((1, Some(String::new()))));
}

#[test]
fn a_value_is_added_letter_for_letter_and_taken_off_once() {
    let (mut cluster, resource) = serving_with("chat");
    let mut value = |operation| {
        let changes = Wanted::Changes(vec![change("cleanup.policy", operation)]);
        let (records, answer) = decide(&cluster, &resource, changes);
        answer.unwrap();
        cluster.write(Decision { records, answer: () });
        cluster.image().configs.value(&resource, "cleanup.policy").map(str::to_owned).unwrap()
    };
    value(ConfigOperation::Set("a,b,a".into()));
    assert_eq!(value(ConfigOperation::Append(" a".into())), "a,b,a, a");
    assert_eq!(value(ConfigOperation::Subtract("a,c".into())), "b,a, a");
}

#[test]
fn only_lists_can_be_added_to() {
    let (cluster, resource) = serving_with("chat");
    let append = [change("retention.ms", ConfigOperation::Append("1".into()))];
    let expected = "Can't APPEND to key retention.ms because its type is not LIST.";
    assert_eq!(refusal(&cluster, &resource, &append), expected);
    let subtract = [change("retention.ms", ConfigOperation::Subtract("1".into()))];
    let expected = "Config value subtract is not allowed for config key: retention.ms";
    assert_eq!(refusal(&cluster, &ConfigResource::all_brokers(), &subtract), expected);
}

#[test]
fn a_key_that_does_not_exist_can_be_taken_away() {
    let (cluster, resource) = serving_with("chat");
    let changes = Wanted::Changes(vec![change("no.such.key", ConfigOperation::Delete)]);
    assert_eq!(decide(&cluster, &resource, changes), (vec![], Ok(())));
}

#[test]
fn keys_that_contradict_each_other_are_refused_together() {
    let mut cluster = Cluster::serving([1]);
    let both = [("cleanup.policy", "compact"), ("retention.ms", "1")];
    let configs = both.map(|(key, value)| (key.to_owned(), Some(value.to_owned())));
    let refused = CreateTopic { configs: configs.to_vec(), ..topic("table", counts(1, 1)) };
    assert!(matches!(cluster.create(refused), Err(CreateTopicError::Config(_))));

    let resource = ConfigResource::topic("table");
    let compact = [("cleanup.policy".to_owned(), Some("compact".to_owned()))];
    let table = CreateTopic { configs: compact.to_vec(), ..topic("table", counts(1, 1)) };
    cluster.create(table).unwrap();
    let retention = set("retention.ms", "1");
    let alter = |changes: Vec<ConfigChange>| {
        let (_, outcome) = decide(&cluster, &resource, Wanted::Changes(changes));
        outcome
    };
    assert!(matches!(alter(vec![retention.clone()]), Err(AlterConfigError::Invalid(_))));
    let both = vec![retention, change("cleanup.policy", ConfigOperation::Delete)];
    assert_eq!(alter(both), Ok(()));
}

#[test]
fn what_is_replaced_as_a_whole_loses_the_keys_that_are_not_named() {
    let (mut cluster, resource) = serving_with("chat");
    let changes = vec![set("retention.ms", "1"), set("cleanup.policy", "delete")];
    let (records, _) = decide(&cluster, &resource, Wanted::Changes(changes));
    cluster.write(Decision { records, answer: () });
    let exactly = Wanted::Exactly(vec![("retention.ms".into(), "2".into())]);
    let (records, outcome) = decide(&cluster, &resource, exactly);
    assert_eq!((records.len(), outcome), (2, Ok(())));
    cluster.write(Decision { records, answer: () });
    let left: Vec<_> = cluster.image().configs.of(&resource).collect();
    assert_eq!(left, [("retention.ms", "2")]);
}

#[test]
fn one_resource_that_is_refused_does_not_hold_up_the_others() {
    let (cluster, resource) = serving_with("chat");
    let alteration = |resource: &ConfigResource, key| Alteration {
        resource: resource.clone(),
        wanted: Wanted::Changes(vec![set(key, "1"), set("cleanup.policy", "delete")]),
    };
    let alterations = [alteration(&resource, "no.such.key"), alteration(&resource, "retention.ms")];
    let decision = alter_configs(cluster.image(), &CLEAN, &alterations, false).unwrap();
    assert!(decision.answer[0].is_err() && decision.answer[1].is_ok());
    assert_eq!(decision.records.len(), 2);
    let validated = alter_configs(cluster.image(), &CLEAN, &alterations, true).unwrap();
    assert_eq!((validated.records.len(), validated.answer), (0, decision.answer));
}

#[test]
fn resources_that_cannot_be_are_refused_as_in_kafka() {
    let (cluster, _) = serving_with("chat");
    let changes = [set("retention.ms", "1")];
    let refusal =
        |kind, name: &str| refusal(&cluster, &ConfigResource { kind, name: name.into() }, &changes);
    let expected = "The topic 'none' does not exist.";
    assert_eq!(refusal(ResourceKind::Topic, "none"), expected);
    assert_eq!(refusal(ResourceKind::Topic, ""), "Default topic resources are not allowed.");
    assert!(refusal(ResourceKind::Topic, "a/b").starts_with("Topic name is invalid: "));
    assert_eq!(refusal(ResourceKind::Broker, "-1"), "Invalid negative broker ID.");
    let expected = "Unable to parse broker name as a base 10 number.";
    assert_eq!(refusal(ResourceKind::Broker, "x"), expected);
    assert_eq!(refusal(ResourceKind::Group, ""), "Default group resources are not allowed.");
    assert_eq!(refusal(ResourceKind::ClientMetrics, ""), "Subscription name can't be empty");
}

#[test]
fn a_key_is_changed_once_in_a_request() {
    let (cluster, resource) = serving_with("chat");
    let twice = [set("retention.ms", "1"), set("retention.ms", "2")];
    assert_eq!(refusal(&cluster, &resource, &twice), "Error due to duplicate config keys");
}

#[test]
fn a_request_that_names_too_many_keys_is_refused_before_it_is_looked_at() {
    let (cluster, resource) = serving_with("chat");
    let gone = change("no.such.key", ConfigOperation::Delete);
    let wanted = Wanted::Changes(vec![gone; RECORDS_MAX + 1]);
    let alterations = [Alteration { resource, wanted }];
    let decided = alter_configs(cluster.image(), &CLEAN, &alterations, false);
    assert_eq!(decided, Err(TooManyRecords));
}

#[test]
fn a_value_that_fits_into_no_record_is_refused() {
    let (cluster, resource) = serving_with("chat");
    let long = "a,".repeat(20_000);
    for operation in [ConfigOperation::Set(long.clone()), ConfigOperation::Append(long)] {
        let text = refusal(&cluster, &resource, &[change("cleanup.policy", operation)]);
        assert!(text.contains("exceeds the limit of 32767"), "{text}");
    }
}
