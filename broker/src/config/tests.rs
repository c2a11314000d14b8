//! What a file means, and the sentences for what is wrong with one.

use std::{sync::Arc, time::Duration};

use configuration::{Layers, keys};
use types::BrokerId;

use super::*;

const MINIMAL: &str = "\
process.roles=broker,controller
node.id=1
klamm.cluster.id=AAAAAAAAAAAAAAAAAAAAZw
listeners=PLAINTEXT://127.0.0.1:9093,CONTROLLER://127.0.0.1:29093
controller.listener.names=CONTROLLER
log.dirs=/tmp/klamm/1
";

fn parse(more: &str) -> Config {
    Config::parse(&format!("{MINIMAL}{more}")).unwrap()
}

/// The only sentence about `more`, with the line relative to `more`.
fn complaint(more: &str) -> (Option<usize>, String) {
    let mut problems = Config::parse(&format!("{MINIMAL}{more}")).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = problems.remove(0);
    (problem.line.map(|line| line - MINIMAL.lines().count()), problem.text)
}

/// What topics get as the value of a key of theirs.
fn topic_default(config: &Config, key: &str) -> String {
    let layers = Layers::of_file(Arc::new(config.file.clone()));
    let (value, _) = layers.topic_default(keys::topic().find(key).unwrap()).unwrap();
    value.to_string()
}

#[test]
fn a_minimal_file_gets_kafkas_defaults() {
    let config = parse("");
    assert_eq!(config.identity.id, BrokerId(1));
    assert_eq!(config.listeners.clients[0].advertised.to_string(), "127.0.0.1:9093");
    assert_eq!(config.listeners.controller.bind.port, 29093);
    assert_eq!(config.listeners.admin, None);
    assert_eq!(config.limits.request_bytes_max, 100 << 20);
    assert_eq!(config.limits.fetch_bytes_max, 55 << 20);
    assert_eq!(config.limits.send_buffer_bytes, Some(102_400));
    assert_eq!(topic_default(&config, "segment.ms"), "604800000");
    assert_eq!(topic_default(&config, "retention.ms"), "604800000");
    assert_eq!(topic_default(&config, "retention.bytes"), "-1");
    assert!(config.topics.auto_create);
}

#[test]
fn a_number_or_a_flag_is_not_empty() {
    let sentence = "Invalid value  for configuration num.partitions: Not a number of type INT";
    assert_eq!(complaint("num.partitions=\n"), (Some(1), sentence.to_owned()));
    let sentence = "Invalid value  for configuration auto.create.topics.enable: Expected value to be either true or false";
    assert_eq!(complaint("auto.create.topics.enable\n"), (Some(1), sentence.to_owned()));
    assert_eq!(parse("broker.rack=\n").identity.rack, None);
}

#[test]
fn two_listeners_cannot_have_one_place() {
    let of = |clients: &str| {
        let controller = MINIMAL.replace("127.0.0.1:9093", clients);
        let advertised = "advertised.listeners=PLAINTEXT://broker-0.example:19092\n";
        Config::parse(&format!("{controller}{advertised}"))
    };
    for place in ["127.0.0.1:29093", "0.0.0.0:29093", ":29093", "[::]:29093"] {
        let problems = of(place).unwrap_err();
        let sentence = "'listeners' has CONTROLLER listen on port 29093, as PLAINTEXT";
        assert_eq!((problems.len(), &*problems[0].text), (1, sentence), "{place}");
    }
    assert!(of("127.0.0.2:29093").is_ok());
}

#[test]
fn listeners_advertise_their_own_addresses() {
    let config = parse("advertised.listeners=PLAINTEXT://broker-0.example:19092\n");
    assert_eq!(config.listeners.clients[0].advertised.to_string(), "broker-0.example:19092");
    assert_eq!(config.listeners.clients[0].bind.to_string(), "127.0.0.1:9093");
}

#[test]
fn initial_controllers_and_the_admin_listener_are_klamms_own_keys() {
    let config = parse(
        "klamm.initial.controllers=1@127.0.0.1:29093:AAAAAAAAAAAAAAAAAAAAZw\n\
         klamm.admin.listener=127.0.0.1:39093\n",
    );
    assert_eq!(config.identity.initial_voters[0].id, BrokerId(1));
    assert_eq!(config.listeners.admin.unwrap().port, 39093);
}

#[test]
fn the_key_in_milliseconds_wins_over_minutes_and_hours() {
    let config = parse("log.retention.hours=1\nlog.retention.minutes=2\nlog.roll.ms=1500\n");
    assert_eq!(topic_default(&config, "retention.ms"), "120000");
    assert_eq!(topic_default(&config, "segment.ms"), "1500");
    let config = parse("log.retention.ms=-1\n");
    assert_eq!(topic_default(&config, "retention.ms"), "-1");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    let (line, text) = complaint("num.io.threads=4\nnum.partition=3\n");
    assert_eq!(line, Some(2));
    assert_eq!(text, "'num.partition' is no key of a broker; did you mean 'num.partitions'?");
}

#[test]
fn a_key_without_effect_is_accepted_at_its_default_only() {
    parse("background.threads=10\nsasl.enabled.mechanisms=GSSAPI\n");
    let (line, text) = complaint("background.threads=2\n");
    assert_eq!(line, Some(1));
    assert!(text.starts_with("'background.threads' has no effect in Klamm"), "{text}");
    let (_, text) = complaint("ssl.keystore.location=/etc/keys\n");
    assert_eq!(text, "'ssl.keystore.location' has no effect in Klamm; leave it out");
}

#[test]
fn values_outside_their_bounds_are_refused() {
    let (_, text) = complaint("num.network.threads=0\n");
    let expected =
        "Invalid value 0 for configuration num.network.threads: Value must be at least 1";
    assert_eq!(text, expected);
    let (_, text) = complaint("num.network.threads=1025\n");
    assert_eq!(text, "'num.network.threads' is 1025, not between 1 and 1024");
    let (_, text) = complaint("fetch.max.bytes=55MiB\n");
    let expected =
        "Invalid value 55MiB for configuration fetch.max.bytes: Not a number of type INT";
    assert_eq!(text, expected);
    let (_, text) = complaint("auto.create.topics.enable=yes\n");
    let expected = "Invalid value yes for configuration auto.create.topics.enable: Expected value \
                    to be either true or false";
    assert_eq!(text, expected);
    let (_, text) = complaint("queued.max.request.bytes=1000\n");
    assert!(text.contains("less than 'socket.request.max.bytes'"), "{text}");
}

#[test]
fn a_default_that_no_topic_can_have_is_refused() {
    let (_, text) = complaint("log.flush.interval.ms=-5\n");
    let expected = "Invalid value -5 for configuration log.flush.interval.ms: no topic can have it \
                    as flush.ms";
    assert_eq!(text, expected);
}

#[test]
fn a_key_that_is_only_dynamic_stands_in_no_file() {
    let (_, text) = complaint("leader.replication.throttled.rate=1\n");
    assert!(text.contains("can only be set while brokers run"), "{text}");
}

#[test]
fn a_wildcard_address_has_to_be_advertised_under_a_name() {
    let text = MINIMAL.replace("PLAINTEXT://127.0.0.1", "PLAINTEXT://0.0.0.0");
    let problems = Config::parse(&text).unwrap_err();
    assert_eq!(problems[0].line, Some(4));
    assert!(problems[0].text.contains("set an address for PLAINTEXT"), "{problems:?}");
}

#[test]
fn listeners_that_need_tls_are_refused() {
    let text = MINIMAL.replace("PLAINTEXT:", "SSL:");
    let problems = Config::parse(&text).unwrap_err();
    assert_eq!(problems[0].text, "SSL asks for SSL; Klamm speaks PLAINTEXT only");
}

#[test]
fn all_problems_are_told_at_once_with_file_and_line() {
    let problems = Config::parse("node.id=x\nlog.dirs=/a,/b\n").unwrap_err();
    let error = ConfigError::Invalid { path: "server.properties".into(), problems };
    let text = error.to_string();
    let expected = "server.properties:1: Invalid value x for configuration node.id: Not a number";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("server.properties:2: 'log.dirs' names 2 folders"), "{text}");
    assert!(text.contains("server.properties: 'klamm.cluster.id' is missing"), "{text}");
}

#[test]
fn our_defaults_are_kafkas() {
    let config = parse("");
    let default = |key| keys::broker().find(key).unwrap().default_text().unwrap();
    let kafka = |key| default(key).parse::<usize>().unwrap();
    assert_eq!(config.limits.network_threads, kafka("num.network.threads"));
    assert_eq!(config.limits.io_threads, kafka("num.io.threads"));
    assert_eq!(config.limits.request_bytes_max, kafka("socket.request.max.bytes"));
    assert_eq!(config.limits.fetch_bytes_max, kafka("fetch.max.bytes"));
    assert_eq!(config.limits.connections_max, kafka("max.connections"));
    let topic = |key| topic_default(&config, key).parse::<usize>().unwrap();
    assert_eq!(topic("max.message.bytes"), kafka("message.max.bytes"));
    assert_eq!(topic("segment.bytes"), kafka("log.segment.bytes"));
    assert_eq!(topic("segment.index.bytes"), kafka("log.index.size.max.bytes"));
    assert_eq!(topic("flush.messages"), kafka("log.flush.interval.messages"));
    assert_eq!(topic("file.delete.delay.ms"), kafka("log.segment.delete.delay.ms"));
    let ms = |duration: Duration| usize::try_from(duration.as_millis()).unwrap();
    assert_eq!(ms(config.limits.connection_idle_max), kafka("connections.max.idle.ms"));
    assert_eq!(ms(config.upkeep.request_timeout), kafka("request.timeout.ms"));
}
