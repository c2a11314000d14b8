//! Kafka's tools for consumer groups, word for word what they print of Apache Kafka.
//!
//! `tools.txt` is what a person types and reads there; the tests hold Kafka to it as well.

use client_tests::client::{Acks, Client, Codec, librdkafka::Librdkafka};
use client_tests::group::{Group, Library, PATIENCE, Settings, create_topic};
use client_tests::record::Record;
use client_tests::server::{Config, Server};
use client_tests::tools;
use client_tests::transcript;
use client_tests::wait;
use std::path::Path;
use std::time::Duration;

const TEXT: &str = include_str!("tools.txt");
const SESSION: Duration = Duration::from_secs(30);
const CONFIG: Config<'_> = &[("group.initial.rebalance.delay.ms", "0")];
const HOUR_MS: i64 = 3_600_000;

#[test]
#[ignore = "needs Java and Maven"]
fn groups_are_listed_described_reset_and_deleted_with_kafkas_tools() {
    let server = Server::configured(CONFIG).unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    // Five records of three hours ago in each partition, and five of an hour ago in the first.
    create_topic(&mut client, "orders", 2).unwrap();
    create_topic(&mut client, "payments", 1).unwrap();
    let now = wait::wall_clock();
    let mut records = old_records(0, now - 3 * HOUR_MS);
    records.extend(old_records(1, now - 3 * HOUR_MS));
    records.extend(old_records(0, now - HOUR_MS));
    client.produce("orders", Codec::None, Acks::All, &records).unwrap();
    client.produce("payments", Codec::None, Acks::All, &old_records(0, now)).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.csv");
    std::fs::write(&plan, "orders,0,4\norders,1,1\n").unwrap();
    let (plan, datetime) = (plan.display().to_string(), datetime(now - 2 * HOUR_MS));
    let words = [("PLAN", plan.as_str()), ("TWO-HOURS-AGO", datetime.as_str())];
    let mut typed = Typed::new(&server, &words);

    typed.part("a group that nobody knows");
    typed.part("an empty group");
    typed.part("every way to reset");
    typed.part("offsets of a topic are deleted");

    let mut group = Group::new(server.bootstrap(), "live", "orders", 2, SESSION);
    let settings = Settings { assignor: Some("range"), instance: None, refresh: None };
    group.join(Library::Java, "ada", settings).unwrap();
    group.wait_until_shared_by(&["ada"], PATIENCE).unwrap();
    group.wait_until_committed(&[10, 5]).unwrap();
    typed.part("a group with a member");
    group.member_mut("ada").leave().unwrap();
    typed.part("the member has left");
    typed.part("groups are deleted");
    typed.compare("tools.txt");
}

#[test]
#[ignore = "needs Java and Maven"]
fn console_consumers_go_on_where_their_group_was() {
    let server = Server::configured(CONFIG).unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    create_topic(&mut client, "orders", 1).unwrap();
    let records = old_records(0, wait::wall_clock());
    client.produce("orders", Codec::None, Acks::All, &records).unwrap();
    let mut typed = Typed::new(&server, &[]);
    typed.part("a console consumer with a group");
    client.produce("orders", Codec::None, Acks::All, &records).unwrap();
    typed.part("the console consumer comes back");
    typed.compare("console.txt");
}

/// What Kafka's own tests are made of: they say in JSON what they did.
#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn verifiable_producers_and_consumers_agree() {
    const PRODUCER: &str = "org.apache.kafka.tools.VerifiableProducer";
    const CONSUMER: &str = "org.apache.kafka.tools.VerifiableConsumer";
    let server = Server::configured(CONFIG).unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    create_topic(&mut client, "verified", 3).unwrap();
    let said = tools::run(&server, PRODUCER, &["--topic", "verified", "--max-messages", "500"]);
    let said = said.unwrap();
    let acknowledged = r#""name":"tool_data","sent":500,"acked":500"#;
    assert!(said.contains(acknowledged), "{said}");
    let words = ["--topic", "verified", "--group-id", "verifiers", "--max-messages", "500"];
    let said = tools::run(&server, CONSUMER, &words).unwrap();
    let lines = |name: &str| -> Vec<&str> {
        let name = format!(r#""name":"{name}""#);
        said.lines().filter(|line| line.contains(&name)).collect()
    };
    assert_eq!(lines("partitions_assigned").len(), 1, "{said}");
    let commits = lines("offsets_committed");
    assert!(!commits.is_empty(), "{said}");
    for commit in commits {
        assert!(commit.contains(r#""success":true"#), "{commit}");
    }
    let committed = client.committed("verifiers", "verified", 3).unwrap();
    // A partition without records has no commit.
    assert_eq!(committed.iter().filter(|offset| **offset > 0).sum::<i64>(), 500, "{said}");
    assert_eq!(client.consume("verified").unwrap().len(), 500);
}

/// What is typed, part by part, and compared in the end.
struct Typed<'a> {
    server: &'a Server,
    words: &'a [transcript::Word<'a>],
    wanted: String,
    real: String,
}

impl<'a> Typed<'a> {
    fn new(server: &'a Server, words: &'a [transcript::Word<'a>]) -> Typed<'a> {
        Typed { server, words, wanted: String::new(), real: String::new() }
    }

    fn part(&mut self, name: &str) {
        let heading = format!("# {name}\n");
        self.wanted += &heading;
        self.wanted += transcript::part(TEXT, name).unwrap();
        self.real += &heading;
        self.real += &transcript::type_part(self.server, TEXT, name, self.words).unwrap();
    }

    /// Shows the first difference, and where all that was printed can be read.
    fn compare(&self, name: &str) {
        let text = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let (real, wanted) = (text(&self.real), text(&self.wanted));
        if real == wanted {
            return;
        }
        let at = real.iter().zip(&wanted).take_while(|(real, wanted)| real == wanted).count();
        let command = real[..at].iter().rfind(|line| line.starts_with("$ "));
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&all, &self.real).unwrap();
        panic!(
            "{command:?}: expected {:?}, printed {:?}; all that was printed is in {}",
            wanted.get(at),
            real.get(at),
            all.display()
        );
    }
}

fn old_records(partition: i32, timestamp: i64) -> Vec<Record> {
    let value = |number| format!("value {number}").into_bytes();
    let record = |number| Record {
        partition,
        timestamp: timestamp + number,
        key: None,
        value: Some(value(number)),
        headers: Vec::new(),
    };
    (0..5).map(record).collect()
}

/// A time as the tool wants it, in UTC.
fn datetime(timestamp: i64) -> String {
    let mut date = std::process::Command::new("date");
    let seconds = format!("@{}", timestamp / 1000);
    let printed = date.args(["-u", "+%Y-%m-%dT%H:%M:%S.000Z", "-d", &seconds]).output().unwrap();
    String::from_utf8(printed.stdout).unwrap().trim().to_owned()
}
