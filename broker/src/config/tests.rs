//! What a file means, and the sentences for what is wrong with one.

use std::time::Duration;

use types::BrokerId;

use super::{keys::kafka_default, *};

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
    assert_eq!(config.topics.value("segment.ms"), Some("604800000"));
    assert_eq!(config.topics.value("retention.ms"), Some("604800000"));
    assert_eq!(config.topics.value("retention.bytes"), Some("-1"));
    assert!(config.topics.auto_create);
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
    assert_eq!(config.topics.value("retention.ms"), Some("120000"));
    assert_eq!(config.topics.value("segment.ms"), Some("1500"));
    let config = parse("log.retention.ms=-1\n");
    assert_eq!(config.topics.value("retention.ms"), Some("-1"));
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    let (line, text) = complaint("num.io.threads=4\nnum.partition=3\n");
    assert_eq!(line, Some(2));
    assert_eq!(text, "'num.partition' is no key of a broker; did you mean 'num.partitions'?");
}

#[test]
fn a_key_without_effect_is_accepted_at_its_default_only() {
    parse("log.cleaner.threads=1\nsasl.enabled.mechanisms=GSSAPI\n");
    let (line, text) = complaint("log.cleaner.threads=2\n");
    assert_eq!(line, Some(1));
    assert!(text.starts_with("'log.cleaner.threads' has no effect in Klamm"), "{text}");
    let (_, text) = complaint("ssl.keystore.location=/etc/keys\n");
    assert_eq!(text, "'ssl.keystore.location' has no effect in Klamm; leave it out");
}

#[test]
fn values_outside_their_bounds_are_refused() {
    let (_, text) = complaint("num.network.threads=0\n");
    assert_eq!(text, "'num.network.threads' is 0, not between 1 and 1024");
    let (_, text) = complaint("fetch.max.bytes=55MiB\n");
    assert_eq!(text, "'fetch.max.bytes' is '55MiB', not a whole number");
    let (_, text) = complaint("auto.create.topics.enable=yes\n");
    assert_eq!(text, "'auto.create.topics.enable' is 'yes', neither true nor false");
    let (_, text) = complaint("queued.max.request.bytes=1000\n");
    assert!(text.contains("less than 'socket.request.max.bytes'"), "{text}");
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
    assert!(text.contains("server.properties:1: 'node.id' is 'x', not a whole number"), "{text}");
    assert!(text.contains("server.properties:2: 'log.dirs' names 2 folders"), "{text}");
    assert!(text.contains("server.properties: 'klamm.cluster.id' is missing"), "{text}");
}

#[test]
fn our_defaults_are_kafkas() {
    let config = parse("");
    let kafka = |key| kafka_default(key).unwrap().parse::<usize>().unwrap();
    assert_eq!(config.limits.network_threads, kafka("num.network.threads"));
    assert_eq!(config.limits.io_threads, kafka("num.io.threads"));
    assert_eq!(config.limits.request_bytes_max, kafka("socket.request.max.bytes"));
    assert_eq!(config.limits.fetch_bytes_max, kafka("fetch.max.bytes"));
    assert_eq!(config.limits.connections_max, kafka("max.connections"));
    let topic = |key| config.topics.value(key).unwrap().parse::<usize>().unwrap();
    assert_eq!(topic("max.message.bytes"), kafka("message.max.bytes"));
    assert_eq!(topic("segment.bytes"), kafka("log.segment.bytes"));
    assert_eq!(topic("segment.index.bytes"), kafka("log.index.size.max.bytes"));
    assert_eq!(topic("flush.messages"), kafka("log.flush.interval.messages"));
    assert_eq!(topic("file.delete.delay.ms"), kafka("log.segment.delete.delay.ms"));
    let ms = |duration: Duration| usize::try_from(duration.as_millis()).unwrap();
    assert_eq!(ms(config.limits.connection_idle_max), kafka("connections.max.idle.ms"));
    assert_eq!(ms(config.upkeep.request_timeout), kafka("request.timeout.ms"));
}
