//! Kafka's admin client: what Apache Kafka tells it, line for line.
//!
//! `administration.txt` is what Apache Kafka 4.3.1 said, which the tests hold it to as well.

use client_tests::administration::{self, Sections};
use client_tests::server::Server;
use std::sync::LazyLock;

/// One server and one program for all sections: each is a step of the same story.
static TOLD: LazyLock<Sections> =
    LazyLock::new(|| administration::of_a_new_cluster().expect("the program runs to its end"));

fn is_told_the_same(section: &str) {
    let expected = administration::sections(include_str!("administration.txt"));
    let (told, expected) = (&TOLD[section], &expected[section]);
    let differing = expected.lines().zip(told.lines()).find(|(expected, told)| expected != told);
    if let Some((expected, told)) = differing {
        panic!("{section}:\n  expected {expected}\n  told     {told}");
    }
    assert_eq!(told, expected, "{section}");
}

#[test]
#[ignore = "needs Java and Maven"]
fn the_cluster_is_described() {
    is_told_the_same("cluster");
}

#[test]
#[ignore = "needs Java and Maven"]
fn created_topics_are_answered_with_what_they_are() {
    is_told_the_same("created topics");
}

#[test]
#[ignore = "needs Java and Maven"]
fn topics_that_cannot_be_are_refused_with_kafkas_sentences() {
    is_told_the_same("refused topics");
}

#[test]
#[ignore = "needs Java and Maven"]
fn topics_are_described_by_name_and_by_id() {
    is_told_the_same("described topics");
}

#[test]
#[ignore = "needs Java and Maven"]
fn every_key_of_a_topic_is_described_with_source_and_synonyms() {
    is_told_the_same("topic configuration");
}

#[test]
#[ignore = "needs Java and Maven"]
fn keys_are_set_unset_appended_to_and_subtracted_from() {
    is_told_the_same("altered configuration");
}

#[test]
#[ignore = "needs Java and Maven"]
fn what_has_a_configuration_is_listed() {
    is_told_the_same("configuration resources");
}

#[test]
#[ignore = "needs Java and Maven"]
fn offsets_are_found_by_every_specification() {
    is_told_the_same("offsets");
}

#[test]
#[ignore = "needs Java and Maven"]
fn records_are_deleted_up_to_an_offset() {
    is_told_the_same("deleted records");
}

#[test]
#[ignore = "needs Java and Maven"]
fn log_folders_are_described() {
    is_told_the_same("log folders");
}

#[test]
#[ignore = "needs Java and Maven"]
fn active_producers_are_described() {
    is_told_the_same("producers");
}

#[test]
#[ignore = "needs Java and Maven"]
fn the_metadata_quorum_is_described() {
    is_told_the_same("quorum");
}

#[test]
#[ignore = "needs Java and Maven"]
fn features_are_described_and_impossible_updates_refused() {
    is_told_the_same("features");
}

#[test]
#[ignore = "needs Java and Maven"]
fn a_compacted_topic_refuses_records_without_keys() {
    is_told_the_same("keys of a compacted topic");
}

#[test]
#[ignore = "needs Java and Maven"]
fn records_get_the_time_of_appending_when_the_topic_says_so() {
    is_told_the_same("time of appending");
}

#[test]
#[ignore = "needs Java and Maven"]
fn records_are_compressed_anew_when_the_topic_says_so() {
    is_told_the_same("forced compression");
}

#[test]
#[ignore = "needs Java and Maven"]
fn what_was_compressed_anew_is_as_small_as_it_should_be() {
    is_told_the_same("size of what was compressed");
}

/// Only of Klamm: Kafka has both.
#[test]
#[ignore = "needs Java and Maven"]
fn transactions_and_groups_of_the_newer_protocol_fail_at_once() {
    if Server::is_kafka() {
        return;
    }
    let told = administration::what_is_not_there_yet(&Server::start().unwrap()).unwrap();
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    for line in lines {
        let (_, rest) = line.split_once(": ").expect("what was tried");
        let (took, sentence) = rest.split_once(" ms: ").expect("how long it took");
        let took: u32 = took.parse().unwrap();
        assert!(took < 5_000, "{line}");
        assert!(sentence.contains("Exception") && !sentence.contains("Timeout"), "{line}");
    }
}
