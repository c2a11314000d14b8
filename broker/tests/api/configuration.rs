//! Configuration as clients describe and change it.

use protocol::{
    ErrorCode,
    messages::{
        AlterConfigsRequest, CreateTopicsRequest, DescribeConfigsRequest, DescribeConfigsResponse,
        IncrementalAlterConfigsRequest, ListConfigResourcesRequest, ProduceResponse, alter_configs,
        create_topics,
        describe_configs::{
            DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResult,
        },
        incremental_alter_configs as incremental,
    },
};

use crate::{code, support::*};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const BROKER_LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

const FROM_TOPIC: i8 = 1;
const FROM_BROKER: i8 = 2;
const FROM_ALL_BROKERS: i8 = 3;
const FROM_FILE: i8 = 4;
const FROM_DEFAULT: i8 = 5;

fn asking(kind: i8, name: &str, keys: Option<&[&str]>) -> DescribeConfigsRequest {
    let keys = keys.map(|keys| keys.iter().map(|key| (*key).into()).collect());
    DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: kind,
            resource_name: name.into(),
            configuration_keys: keys,
        }],
        include_synonyms: true,
        include_documentation: true,
    }
}

async fn describe(peer: &mut Peer, kind: i8, name: &str) -> DescribeConfigsResult {
    let mut answer: DescribeConfigsResponse = peer.ask(&asking(kind, name, None), 4).await;
    answer.results.remove(0)
}

fn entry<'a>(result: &'a DescribeConfigsResult, key: &str) -> &'a DescribeConfigsResourceResult {
    result.configs.iter().find(|config| config.name == key).expect("all keys are there")
}

/// A key's value and where it comes from.
async fn value(peer: &mut Peer, kind: i8, name: &str, key: &str) -> (String, i8) {
    let result = describe(peer, kind, name).await;
    let entry = entry(&result, key);
    (entry.value.as_deref().unwrap_or("nothing").to_owned(), entry.config_source)
}

type Change<'a> = (&'a str, i8, Option<&'a str>);

fn altering(kind: i8, name: &str, changes: &[Change]) -> IncrementalAlterConfigsRequest {
    let configs = changes.iter().map(|(key, operation, value)| incremental::AlterableConfig {
        name: (*key).into(),
        config_operation: *operation,
        value: value.map(Into::into),
    });
    IncrementalAlterConfigsRequest {
        resources: vec![incremental::AlterConfigsResource {
            resource_type: kind,
            resource_name: name.into(),
            configs: configs.collect(),
        }],
        validate_only: false,
    }
}

/// Changes keys; the error's number and sentence.
async fn alter(peer: &mut Peer, kind: i8, name: &str, changes: &[Change<'_>]) -> (i16, String) {
    let mut answer = peer.ask(&altering(kind, name, changes), 1).await;
    let response = answer.responses.remove(0);
    assert_eq!((response.resource_type, &*response.resource_name), (kind, name));
    (response.error_code, response.error_message.map(|text| text.to_string()).unwrap_or_default())
}

async fn set(peer: &mut Peer, kind: i8, name: &str, key: &str, value: &str) -> (i16, String) {
    alter(peer, kind, name, &[(key, SET, Some(value))]).await
}

fn refusal(error: ErrorCode, text: &str) -> (i16, String) {
    (code(error), text.to_owned())
}

fn done() -> (i16, String) {
    (0, String::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_all_keys_are_described_with_source_kind_and_synonyms() {
    let running = start_with("log.segment.bytes=104857600\n").await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    for version in 1..=4 {
        let with_more = version >= 3;
        let request = DescribeConfigsRequest {
            include_documentation: with_more,
            ..asking(TOPIC, "chat", None)
        };
        let answer = peer.ask(&request, version).await;
        let result = &answer.results[0];
        assert_eq!((result.error_code, result.configs.len()), (0, 33), "version {version}");
        let segment = entry(result, "segment.bytes");
        assert_eq!((segment.value.as_deref(), segment.config_source), (Some("104857600"), 4));
        let synonyms: Vec<_> =
            segment.synonyms.iter().map(|one| (&*one.name, one.source)).collect();
        assert_eq!(synonyms, [("log.segment.bytes", 4), ("log.segment.bytes", 5)]);
        assert_eq!(segment.config_type, if with_more { 3 } else { 0 });
        let documentation = segment.documentation.as_deref().unwrap_or_default();
        assert_eq!(documentation.starts_with("At which size"), with_more);
    }
    let broker = describe(&mut peer, BROKER, "1").await;
    let id = entry(&broker, "node.id");
    assert!((broker.configs.len() > 340) && id.read_only && !id.is_sensitive);
    assert_eq!((id.value.as_deref(), id.config_source), (Some("1"), FROM_FILE));
    let secret = entry(&broker, "ssl.key.password");
    assert!(secret.is_sensitive && secret.value.is_none() && secret.config_type == 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_unknown_and_bad_values_are_refused_with_their_sentence() {
    let running = start().await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    let found = set(&mut peer, TOPIC, "chat", "no.such.key", "1").await;
    let expected = "Unknown topic config name: no.such.key";
    assert_eq!(found, refusal(ErrorCode::InvalidConfig, expected));
    let found = set(&mut peer, TOPIC, "chat", "retention.ms", "week").await;
    let expected = "Invalid value week for configuration retention.ms: Not a number of type LONG";
    assert_eq!(found, refusal(ErrorCode::InvalidConfig, expected));
    let found = set(&mut peer, TOPIC, "chat", "preallocate", "true").await;
    assert_eq!(found.0, code(ErrorCode::InvalidConfig));
    assert!(found.1.starts_with("'preallocate' has no effect in Klamm"), "{}", found.1);
    assert_eq!(set(&mut peer, TOPIC, "chat", "preallocate", "false").await, done());
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_lists_are_added_to_and_taken_from() {
    let running = start().await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    let policy = |operation, value| [("cleanup.policy", operation, Some(value))];
    for (operation, given, expected) in [
        (SUBTRACT, "delete", ""),
        (APPEND, "delete", "delete"),
        (APPEND, "delete,delete", "delete"),
    ] {
        assert_eq!(alter(&mut peer, TOPIC, "chat", &policy(operation, given)).await, done());
        let found = value(&mut peer, TOPIC, "chat", "cleanup.policy").await;
        assert_eq!(found, (expected.to_owned(), FROM_TOPIC));
    }
    let added = [("retention.ms", APPEND, Some("1"))];
    let found = alter(&mut peer, TOPIC, "chat", &added).await;
    let expected = "Can't APPEND to key retention.ms because its type is not LIST.";
    assert_eq!(found, refusal(ErrorCode::InvalidConfig, expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn pitfall_33_created_topics_say_their_configuration() {
    let running = start_with("log.retention.hours=2\n").await;
    let mut peer = running.connect().await;
    for (version, validate_only) in [(5, true), (6, false), (7, true)] {
        let config = create_topics::CreatableTopicConfig {
            name: "flush.messages".into(),
            value: Some("5".into()),
        };
        let topic = create_topics::CreatableTopic {
            name: format!("topic-{version}").into(),
            num_partitions: -1,
            replication_factor: -1,
            configs: vec![config],
            ..create_topics::CreatableTopic::default()
        };
        let request = CreateTopicsRequest {
            topics: vec![topic],
            validate_only,
            ..CreateTopicsRequest::default()
        };
        let answer = peer.ask(&request, version).await;
        let created = &answer.topics[0];
        assert_eq!((created.error_code, created.num_partitions), (0, 1));
        let configs = created.configs.as_ref().unwrap();
        assert_eq!(configs.len(), 33);
        let found = |key: &str| {
            let config = configs.iter().find(|config| config.name == key).unwrap();
            (config.value.as_deref().unwrap().to_owned(), config.config_source)
        };
        assert_eq!(found("flush.messages"), ("5".into(), FROM_TOPIC));
        assert_eq!(found("retention.ms"), ("7200000".into(), FROM_FILE));
        assert_eq!(found("segment.bytes"), ("1073741824".into(), FROM_DEFAULT));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_keys_that_are_asked_for_are_described() {
    let running = start().await;
    let mut peer = running.connect().await;
    let request = asking(BROKER, "1", Some(&["num.io.threads", "no.such.key"]));
    let answer = peer.ask(&request, 4).await;
    let names: Vec<_> = answer.results[0].configs.iter().map(|config| &*config.name).collect();
    assert_eq!(names, ["num.io.threads"]);
    let plain =
        DescribeConfigsRequest { include_synonyms: false, include_documentation: false, ..request };
    let answer = peer.ask(&plain, 4).await;
    let config = &answer.results[0].configs[0];
    assert!(config.synonyms.is_empty() && config.documentation.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_described_is_refused_as_in_kafka() {
    let running = start().await;
    let mut peer = running.connect().await;
    for (kind, name, error, text) in [
        (TOPIC, "none", ErrorCode::UnknownTopicOrPartition, ""),
        (TOPIC, "a/b", ErrorCode::InvalidTopicException, "Topic name is invalid: "),
        (
            BROKER,
            "2",
            ErrorCode::InvalidRequest,
            "Unexpected broker id, expected 1 or empty string",
        ),
        (BROKER, "x", ErrorCode::InvalidRequest, "Broker id must be an integer, but it is: x"),
        (BROKER_LOGGER, "", ErrorCode::InvalidRequest, "Broker id must not be empty"),
        (GROUP, "", ErrorCode::InvalidRequest, "Group name must not be empty"),
        (CLIENT_METRICS, "", ErrorCode::InvalidRequest, "Client metrics subscription name must"),
        (7, "x", ErrorCode::InvalidRequest, "Unexpected resource type 7"),
    ] {
        let result = describe(&mut peer, kind, name).await;
        assert_eq!(result.error_code, code(error), "{kind} {name}");
        let said = result.error_message.unwrap_or_default();
        assert!(said.starts_with(text), "{kind} {name}: {said}");
        assert!(result.configs.is_empty());
    }
    assert!(describe(&mut peer, BROKER_LOGGER, "1").await.configs.is_empty());
    assert_eq!(describe(&mut peer, GROUP, "readers").await.configs.len(), 17);
    assert_eq!(describe(&mut peer, CLIENT_METRICS, "all").await.configs.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_cannot_ask_for_an_answer_without_end() {
    let running = start().await;
    let mut peer = running.connect().await;
    let mut request = asking(GROUP, "g", Some(&["no.such.key"]));
    let one = request.resources[0].clone();
    request.resources = vec![one; 30_000];
    request.include_synonyms = false;
    request.include_documentation = false;
    let answer = peer.ask(&request, 4).await;
    assert_eq!(answer.results[0].error_code, 0);
    let last = answer.results.last().unwrap();
    assert_eq!(last.error_code, code(ErrorCode::InvalidRequest));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_made_in_every_version_or_only_checked() {
    let running = start().await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    for version in 0..=1 {
        let text = format!("100{version}");
        let mut request = altering(TOPIC, "chat", &[("retention.ms", SET, Some(&text))]);
        request.validate_only = true;
        assert_eq!(peer.ask(&request, version).await.responses[0].error_code, 0);
        let before = value(&mut peer, TOPIC, "chat", "retention.ms").await;
        assert_eq!(before, ("604800000".into(), FROM_DEFAULT));
        request.validate_only = false;
        assert_eq!(peer.ask(&request, version).await.responses[0].error_code, 0);
        let after = value(&mut peer, TOPIC, "chat", "retention.ms").await;
        assert_eq!(after, (text, FROM_TOPIC));
        let deleted = [("retention.ms", DELETE, None)];
        assert_eq!(alter(&mut peer, TOPIC, "chat", &deleted).await, done());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_way_replaces_the_whole_set() {
    let running = start().await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    let values = |values: &[(&str, Option<&str>)]| {
        let configs = values.iter().map(|(key, value)| alter_configs::AlterableConfig {
            name: (*key).into(),
            value: value.map(Into::into),
        });
        AlterConfigsRequest {
            resources: vec![alter_configs::AlterConfigsResource {
                resource_type: TOPIC,
                resource_name: "chat".into(),
                configs: configs.collect(),
            }],
            validate_only: false,
        }
    };
    for version in 0..=2 {
        let both = values(&[("retention.ms", Some("5")), ("flush.messages", Some("7"))]);
        assert_eq!(peer.ask(&both, version).await.responses[0].error_code, 0);
        let one = values(&[("flush.messages", Some("8"))]);
        assert_eq!(peer.ask(&one, version).await.responses[0].error_code, 0);
        let retention = value(&mut peer, TOPIC, "chat", "retention.ms").await;
        assert_eq!(retention, ("604800000".into(), FROM_DEFAULT));
        let flush = value(&mut peer, TOPIC, "chat", "flush.messages").await;
        assert_eq!(flush, ("8".into(), FROM_TOPIC));
    }
    let nothing = values(&[("flush.messages", None)]);
    let answer = peer.ask(&nothing, 2).await;
    let text = answer.responses[0].error_message.as_deref();
    assert_eq!(text, Some("Null value not supported for : flush.messages"));
}

/// What Kafka calls most of what a broker cannot do.
const BAD: ErrorCode = ErrorCode::InvalidRequest;

/// A kind, a name, a key and a value that are refused, with what Kafka says to them.
const REFUSED: [(i8, &str, &str, &str, ErrorCode, &str); 14] = [
    (TOPIC, "none", "retention.ms", "1", ErrorCode::UnknownTopicOrPartition, "The topic 'none' d"),
    (
        TOPIC,
        "",
        "retention.ms",
        "1",
        ErrorCode::InvalidRequest,
        "Default topic resources are not allowed.",
    ),
    (BROKER, "1", "num.partitions", "3", BAD, "Cannot update these configs dynamically: [num.p"),
    (BROKER, "2", "log.retention.ms", "1", BAD, "Unexpected broker id, expected 1, but received"),
    (
        BROKER,
        "x",
        "log.retention.ms",
        "1",
        ErrorCode::InvalidRequest,
        "Node id must be an integer, but it is: x",
    ),
    (BROKER, "", "listeners", "A://:1", BAD, "Cannot update these configs at default cluster l"),
    (BROKER, "1", "log.retention.ms", "week", BAD, "Invalid value week for configuration log.re"),
    (
        BROKER,
        "1",
        "log.roll.ms",
        "0",
        ErrorCode::InvalidRequest,
        "requirement failed: log.roll.ms must be greater",
    ),
    (BROKER, "", "num.io.threads", "2", ErrorCode::InvalidConfig, "'num.io.threads' is read when"),
    (BROKER, "", "no.such.key", "2", ErrorCode::InvalidConfig, "Unknown broker config name: no.s"),
    (BROKER_LOGGER, "1", "root", "INFO", ErrorCode::InvalidConfig, "Logger root does not exist!"),
    (GROUP, "g", "no.such.key", "1", ErrorCode::InvalidConfig, "Unknown group config name: no.su"),
    (CLIENT_METRICS, "m", "no.such.key", "1", BAD, "Unknown client metrics configuration: no.su"),
    (7, "x", "a", "b", ErrorCode::InvalidRequest, "Unknown resource type 7"),
];

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_cannot_be_are_refused_as_in_kafka() {
    let running = start().await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    for (kind, name, key, given, error, text) in REFUSED {
        let (found, said) = set(&mut peer, kind, name, key, given).await;
        assert_eq!(found, code(error), "{kind} {name} {key}: {said}");
        assert!(said.starts_with(text), "{kind} {name} {key}: {said}");
    }
    let twice = [("retention.ms", SET, Some("1")), ("retention.ms", SET, Some("2"))];
    let found = alter(&mut peer, TOPIC, "chat", &twice).await;
    assert_eq!(found, refusal(ErrorCode::InvalidRequest, "Error due to duplicate config keys"));
    let found = alter(&mut peer, TOPIC, "chat", &[("retention.ms", SET, None)]).await;
    assert_eq!(
        found,
        refusal(ErrorCode::InvalidRequest, "Null value not supported for : retention.ms")
    );
    let found = alter(&mut peer, TOPIC, "chat", &[("retention.ms", 9, Some("1"))]).await;
    assert_eq!(found, refusal(ErrorCode::InvalidRequest, "Unknown operations type 9"));
    let mut repeated = altering(TOPIC, "chat", &[("retention.ms", SET, Some("1"))]);
    repeated.resources.push(repeated.resources[0].clone());
    for response in peer.ask(&repeated, 1).await.responses {
        let text = response.error_message.as_deref();
        assert_eq!(text, Some("Each resource must appear at most once."));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topics_new_limit_holds_for_the_next_batch() {
    let running = start().await;
    let mut peer = running.connect().await;
    let id = peer.create("chat", 1).await;
    let produce = produce("chat", id, 0, 1, batch(&["hello"]));
    let error = |answer: ProduceResponse| answer.responses[0].partition_responses[0].error_code;
    assert_eq!(error(peer.ask(&produce, 12).await), 0);
    assert_eq!(set(&mut peer, TOPIC, "chat", "max.message.bytes", "40").await, done());
    assert_eq!(error(peer.ask(&produce, 12).await), code(ErrorCode::MessageTooLarge));
    let deleted = [("max.message.bytes", DELETE, None)];
    assert_eq!(alter(&mut peer, TOPIC, "chat", &deleted).await, done());
    assert_eq!(set(&mut peer, BROKER, "", "message.max.bytes", "41").await, done());
    assert_eq!(error(peer.ask(&produce, 12).await), code(ErrorCode::MessageTooLarge));
    assert_eq!(set(&mut peer, BROKER, "1", "message.max.bytes", "1000").await, done());
    assert_eq!(error(peer.ask(&produce, 12).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_named_broker_wins_over_all_brokers_and_these_over_the_file() {
    let running = start_with("log.retention.ms=7\n").await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    let found = value(&mut peer, TOPIC, "chat", "retention.ms").await;
    assert_eq!(found, ("7".into(), FROM_FILE));
    assert_eq!(set(&mut peer, BROKER, "", "log.retention.ms", "5").await, done());
    let found = value(&mut peer, TOPIC, "chat", "retention.ms").await;
    assert_eq!(found, ("5".into(), FROM_ALL_BROKERS));
    assert_eq!(set(&mut peer, BROKER, "1", "log.retention.ms", "3").await, done());
    let found = value(&mut peer, TOPIC, "chat", "retention.ms").await;
    assert_eq!(found, ("3".into(), FROM_BROKER));
    let all = describe(&mut peer, BROKER, "").await;
    assert_eq!(all.configs.len(), 1);
    assert_eq!(entry(&all, "log.retention.ms").value.as_deref(), Some("5"));
    let deleted = [("log.retention.ms", DELETE, None)];
    assert_eq!(alter(&mut peer, BROKER, "1", &deleted).await, done());
    let found = value(&mut peer, BROKER, "1", "log.retention.ms").await;
    assert_eq!(found, ("5".into(), FROM_ALL_BROKERS));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_for_brokers_survives_a_restart() {
    let Running { broker, folder } = start().await;
    let mut peer = connect(&broker).await;
    peer.create("chat", 1).await;
    assert_eq!(set(&mut peer, BROKER, "", "log.retention.ms", "5").await, done());
    assert_eq!(set(&mut peer, BROKER, "1", "log.segment.bytes", "2000000").await, done());
    drop(peer);
    broker.stop().await.unwrap();
    let broker = start_in(folder.path(), "").await;
    let mut peer = connect(&broker).await;
    let found = value(&mut peer, TOPIC, "chat", "retention.ms").await;
    assert_eq!(found, ("5".into(), FROM_ALL_BROKERS));
    let found = value(&mut peer, BROKER, "1", "log.segment.bytes").await;
    assert_eq!(found, ("2000000".into(), FROM_BROKER));
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_connections_may_be_allowed_while_the_broker_runs() {
    let running = start().await;
    let mut peer = running.connect().await;
    assert_eq!(set(&mut peer, BROKER, "", "max.connections.per.ip", "1").await, done());
    let mut second = running.connect().await;
    assert!(second.is_closed().await);
    assert_eq!(set(&mut peer, BROKER, "", "max.connections.per.ip", "2").await, done());
    let mut second = running.connect().await;
    assert_eq!(describe(&mut second, BROKER, "").await.configs.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_are_listed_by_type() {
    let running = start().await;
    let mut peer = running.connect().await;
    peer.create("chat", 1).await;
    let mut list = async |types: &[i8], version| {
        let request = ListConfigResourcesRequest { resource_types: types.to_vec() };
        let answer = peer.ask(&request, version).await;
        let found = answer.config_resources.iter();
        let found: Vec<_> =
            found.map(|one| (one.resource_type, one.resource_name.to_string())).collect();
        (answer.error_code, found)
    };
    let named = |kind: i8, name: &str| (kind, name.to_owned());
    let expected = vec![named(BROKER_LOGGER, "1"), named(BROKER, "1"), named(TOPIC, "chat")];
    assert_eq!(list(&[], 1).await, (0, expected));
    assert_eq!(list(&[TOPIC], 1).await, (0, vec![named(TOPIC, "chat")]));
    assert_eq!(list(&[], 0).await, (0, vec![]));
    assert_eq!(list(&[7], 1).await, (code(ErrorCode::UnsupportedVersion), vec![]));
}
