//! Configuration as an operator changes and reads it, with Kafka's own command.

use client_tests::server::Server;
use client_tests::wait;
use std::time::Duration;

/// Kafka's brokers answer a change before they go by it.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
#[ignore = "needs Java and Maven"]
fn topics_are_configured_and_described() {
    let server = Server::start().unwrap();
    create(&server, "chat", "flush.messages=5");
    let added = "retention.ms=100000,max.message.bytes=2000";
    alter(&server, &["--entity-type", "topics", "--entity-name", "chat"], "--add-config", added);
    let described = configs(&server, &["--entity-type", "topics", "--entity-name", "chat"]);
    let expected = "Dynamic configs for topic chat are:
  flush.messages=5 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:flush.messages=5, \
                    DEFAULT_CONFIG:log.flush.interval.messages=9223372036854775807}
  max.message.bytes=2000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=2000, \
                    DEFAULT_CONFIG:message.max.bytes=1048588}
  retention.ms=100000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=100000}
";
    assert_eq!(described, expected);

    let chat = ["--entity-type", "topics", "--entity-name", "chat", "--all"];
    let all = configs(&server, &chat);
    assert_eq!(all.lines().count(), 34, "{all}");
    let policy =
        "cleanup.policy=delete sensitive=false synonyms={DEFAULT_CONFIG:log.cleanup.policy";
    assert!(all.contains(policy), "{all}");
    alter(&server, &chat[..4], "--delete-config", "retention.ms,flush.messages");
    let left = configs(&server, &chat[..4]);
    assert_eq!(left.lines().count(), 2, "{left}");

    let mut refused = vec!["--alter", "--add-config", "no.such.key=1"];
    refused.extend(&chat[..4]);
    let said = command(&server, &refused);
    let expected = "InvalidConfigurationException: Unknown topic config name: no.such.key";
    assert!(said.contains(expected), "{said}");
}

#[test]
#[ignore = "needs Java and Maven"]
fn brokers_are_configured_while_they_run_and_topics_follow() {
    let server = Server::start().unwrap();
    create(&server, "chat", "flush.messages=5");
    let id = broker_id(&server);
    let all = ["--entity-type", "brokers", "--entity-default"];
    let own = ["--entity-type", "brokers", "--entity-name", &id];
    alter(&server, &all, "--add-config", "log.retention.ms=5000,log.segment.bytes=3000000");
    alter(&server, &own, "--add-config", "log.segment.bytes=2000000");

    let chat = ["--entity-type", "topics", "--entity-name", "chat", "--all"];
    let followed = |lines: &[&str]| {
        wait::until(PATIENCE, "the topic follows its brokers", || {
            let found = configs(&server, &chat);
            Ok(lines.iter().all(|line| found.contains(line)).then_some(()))
        })
        .unwrap();
    };
    followed(&[
        "  retention.ms=5000 sensitive=false \
         synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=5000, ",
        "  segment.bytes=2000000 sensitive=false \
         synonyms={DYNAMIC_BROKER_CONFIG:log.segment.bytes=2000000, \
         DYNAMIC_DEFAULT_BROKER_CONFIG:log.segment.bytes=3000000, \
         DEFAULT_CONFIG:log.segment.bytes=1073741824}",
    ]);
    let described = configs(&server, &own);
    let set = "log.segment.bytes=2000000 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:";
    assert!(described.contains(set), "{described}");
    let everything = configs(&server, &[&own[..], &["--all"]].concat());
    assert!(everything.lines().count() > 340, "{everything}");
    assert!(everything.contains("  ssl.key.password=null sensitive=true"), "{everything}");

    alter(&server, &own, "--delete-config", "log.segment.bytes");
    alter(&server, &all, "--delete-config", "log.retention.ms,log.segment.bytes");
    followed(&["  segment.bytes=1073741824 sensitive=false "]);

    let mut refused = vec!["--alter", "--add-config", "num.partitions=3"];
    refused.extend(own);
    let said = command(&server, &refused);
    let expected = "Cannot update these configs dynamically: [num.partitions]";
    assert!(said.contains(expected), "{said}");
}

/// What the command says to a description.
fn configs(server: &Server, of: &[&str]) -> String {
    command(server, &[&["--describe"], of].concat())
}

fn alter(server: &Server, entity: &[&str], option: &str, value: &str) {
    let said = command(server, &[&["--alter", option, value], entity].concat());
    assert!(said.starts_with("Completed updating "), "{said}");
}

fn command(server: &Server, arguments: &[&str]) -> String {
    let all = [&["--bootstrap-server", server.bootstrap()], arguments].concat();
    kafka_jars::text(&kafka_jars::tool("kafka.admin.ConfigCommand", all))
}

fn create(server: &Server, topic: &str, config: &str) {
    let arguments = [
        "--bootstrap-server",
        server.bootstrap(),
        "--create",
        "--topic",
        topic,
        "--config",
        config,
    ];
    let output = kafka_jars::tool("org.apache.kafka.tools.TopicCommand", arguments);
    assert!(output.status.success(), "{}", kafka_jars::text(&output));
}

/// The only broker's id, as the command names it.
fn broker_id(server: &Server) -> String {
    let said = configs(server, &["--entity-type", "brokers"]);
    let named = said
        .lines()
        .find_map(|line| line.strip_prefix("Dynamic configs for broker ")?.strip_suffix(" are:"));
    named.unwrap_or_else(|| panic!("{said}")).to_owned()
}
