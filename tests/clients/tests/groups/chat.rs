//! The chat of the examples: what it says it saw, and what is really there.

use client_tests::client::{Client, Consumed, librdkafka::Librdkafka, node};
use client_tests::group::create_topic;
use client_tests::process::Owned;
use client_tests::server::Server;
use client_tests::wait;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

const SECONDS: usize = 10;
const PEOPLE: usize = 100;
const MESSAGES: usize = PEOPLE * 10 * SECONDS;
const PARTITIONS: i32 = 10;
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
#[ignore = "needs a built broker and Node.js"]
fn every_message_of_a_chat_is_read_once_and_in_order_by_five_servers() {
    let server = Server::start().unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    create_topic(&mut client, "messages", PARTITIONS).unwrap();
    let said = chat(&server);
    let expected = format!(
        "partitions of each server: 2 2 2 2 2\nwritten: {MESSAGES}\nread: {MESSAGES}, out of order: 0\n"
    );
    assert!(said.starts_with(&expected), "{said}");
    eprintln!("{}", said.lines().last().unwrap_or_default());

    let found = client.consume("messages").unwrap();
    assert_eq!(found.len(), MESSAGES);
    let ends: Vec<i64> = (0..PARTITIONS).map(|partition| end(&found, partition)).collect();
    assert_eq!(client.committed("chat-servers", "messages", PARTITIONS).unwrap(), ends);
    let people = numbers_by_person(&found);
    assert_eq!(people.len(), PEOPLE);
    for (person, numbers) in people {
        let in_order: Vec<_> = (1..=MESSAGES / PEOPLE).collect();
        assert_eq!(numbers, in_order, "{person}");
    }
}

/// Runs the example to its end.
fn chat(server: &Server) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/chat");
    let mut node = node::program_in(folder.as_ref(), "chat.js").unwrap();
    node.arg(SECONDS.to_string()).env("BOOTSTRAP", server.bootstrap());
    let mut program = Owned(node.stdout(Stdio::piped()).spawn().unwrap());
    let status = wait::until(PATIENCE, "the chat is over", || Ok(program.0.try_wait()?)).unwrap();
    assert!(status.success(), "the chat ended with {status}");
    let mut said = String::new();
    program.0.stdout.take().expect("stdout is a pipe").read_to_string(&mut said).unwrap();
    said
}

fn end(found: &[Consumed], partition: i32) -> i64 {
    let own = found.iter().filter(|found| found.record.partition == partition);
    own.map(|found| found.offset + 1).max().unwrap_or(-1)
}

/// The numbers of each person's messages, in the order of the partition that they are in.
fn numbers_by_person(found: &[Consumed]) -> BTreeMap<String, Vec<usize>> {
    let mut people: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for found in found {
        let person = String::from_utf8(found.record.key.clone().unwrap()).unwrap();
        let value = String::from_utf8(found.record.value.clone().unwrap()).unwrap();
        let rest = value.strip_prefix("{\"number\":").unwrap();
        let number = rest.split(',').next().unwrap().parse().unwrap();
        people.entry(person).or_default().push(number);
    }
    people
}
