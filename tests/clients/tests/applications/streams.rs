//! Kafka Streams: its example that counts words, with its state in a compacted topic.

use crate::wait_for;
use client_tests::application::Application;
use client_tests::client::{Acks, Client, Codec, librdkafka::Librdkafka};
use client_tests::record::Record;
use client_tests::server::{Folder, Server};
use client_tests::wait;
use std::collections::BTreeMap;

const EXAMPLE: &str = "org.apache.kafka.streams.examples.wordcount.WordCountDemo";
const INPUT: &str = "streams-plaintext-input";
const OUTPUT: &str = "streams-wordcount-output";

#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn streams_goes_on_counting_words_when_the_broker_was_killed() {
    let mut server = Server::start().unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    for topic in [INPUT, OUTPUT] {
        assert_eq!(client.create(topic, 1).unwrap(), "NONE");
    }
    let folder = Folder::temporary().unwrap();
    let state = folder.path().join("state").display().to_string();
    let settings = format!("bootstrap.servers={}\nstate.dir={state}\n", server.bootstrap());
    let mut streams = Application::start(folder.path(), EXAMPLE, &settings).unwrap();

    say(&mut client, "all streams lead to kafka");
    wait_until_counted(&mut streams, &mut client, &[("all", 1), ("streams", 1), ("kafka", 1)]);
    server.crash().unwrap();
    say(&mut client, "hello kafka streams");
    wait_until_counted(&mut streams, &mut client, &[("hello", 1), ("streams", 2), ("kafka", 2)]);
}

fn say(client: &mut dyn Client, line: &str) {
    let (timestamp, value) = (wait::wall_clock(), Some(line.as_bytes().to_vec()));
    let record = Record { partition: 0, timestamp, key: None, value, headers: Vec::new() };
    client.produce(INPUT, Codec::None, Acks::All, &[record]).unwrap();
}

/// Streams as the example has it counts each word at least once.
fn wait_until_counted(streams: &mut Application, client: &mut dyn Client, wanted: &[(&str, i64)]) {
    wait_for(streams, "the words are counted", || {
        let counts = counts(client);
        wanted.iter().all(|(word, count)| counts.get(*word) >= Some(count))
    });
}

/// The last count of each word.
fn counts(client: &mut dyn Client) -> BTreeMap<String, i64> {
    let count = |record: Record| {
        let word = String::from_utf8(record.key.unwrap()).unwrap();
        (word, i64::from_be_bytes(record.value.unwrap().try_into().unwrap()))
    };
    client.consume(OUTPUT).unwrap().into_iter().map(|one| count(one.record)).collect()
}
