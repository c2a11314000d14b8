//! The same requests, sent raw to Apache Kafka and to Klamm: every field of every answer is equal but
//! for what [`normal`] names, or the difference stands in `docs/compatibility.md` with its reason.
//!
//! The comparison needs a built broker, Java and Maven, so it is ignored by a plain `cargo test`;
//! `cargo xtask compat` runs it and prints every difference.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

mod case;
mod cases;
mod compare;
mod dump;
mod fixture;
mod intended;
mod normal;
mod talk;

use case::Case;
use client_tests::server::Server;
use client_tests::wait;
use compare::Difference;
use fixture::Fixture;
use intended::KNOWN;
use std::collections::BTreeSet;
use talk::{Answer, Talk};

/// Keys that both are started with, so that nobody waits and nothing appears by itself.
const CONFIG: &[(&str, &str)] =
    &[("auto.create.topics.enable", "false"), ("group.initial.rebalance.delay.ms", "50")];

#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn every_request_is_answered_as_by_kafka() {
    let now = wait::wall_clock();
    let kafkas = {
        let kafka = Server::named("kafka", CONFIG).unwrap();
        recording(kafka.bootstrap(), now).0
    };
    let klamm = Server::named("klamm", CONFIG).unwrap();
    let (ours, fixture) = recording(klamm.bootstrap(), now);
    let differences = compare::differences(&kafkas, &ours);
    let unknown: Vec<_> = differences.iter().filter(|one| !intended::is_known(one)).collect();
    let versions: BTreeSet<_> = kafkas.iter().map(|one| (one.api, one.version)).collect();
    let apis: BTreeSet<_> = versions.iter().map(|(api, _)| api).collect();
    let differ = |is_known: bool| {
        let own = differences.iter().filter(|one| intended::is_known(one) == is_known);
        own.map(Difference::request).collect::<BTreeSet<_>>().len()
    };
    eprintln!(
        "{} requests compared, in {} versions of {} APIs; fields differ on purpose in {} answers, unknown \
         to us in {}",
        kafkas.len(),
        versions.len(),
        apis.len(),
        differ(true),
        differ(false),
    );
    let known = differences.iter().filter(|one| intended::is_known(one));
    let known: BTreeSet<_> = known.map(|one| (&one.api, one.case, one.field())).collect();
    for (api, case, field) in known {
        eprintln!("known: {api}, {case}: {field}");
    }
    for difference in &unknown {
        eprintln!("{difference}");
    }
    assert!(unknown.is_empty(), "{} fields differ", unknown.len());
    let unasked = fixture.advertised.iter().filter(|(key, version)| {
        !versions.iter().any(|(api, asked)| (api.code(), asked) == (*key, version))
    });
    let unasked: Vec<_> = unasked.collect();
    assert!(unasked.is_empty(), "advertised, and asked by no case: {unasked:?}");
    let stale = KNOWN.iter().flat_map(|row| row.unseen(&differences));
    let stale: Vec<_> = stale.collect();
    assert!(stale.is_empty(), "these differences are no more: {stale:?}");
}

#[test]
fn names_of_cases_are_told_apart() {
    let cases = cases::all();
    let names: BTreeSet<_> = cases.iter().map(|case| (case.key, case.name)).collect();
    assert_eq!(names.len(), cases.len());
}

/// What one broker answers to all cases in all their versions, and what it held before.
fn recording(bootstrap: &str, now: i64) -> (Vec<Answer>, Fixture) {
    let fixture = Fixture::set_up(bootstrap, now).unwrap();
    let mut answers = Vec::new();
    for (index, case) in cases::all().iter().enumerate() {
        for version in case.versions.iter() {
            answers.extend(played(bootstrap, case, index, version, &fixture));
        }
    }
    (answers, fixture)
}

fn played(
    bootstrap: &str,
    case: &Case,
    index: usize,
    version: i16,
    fixture: &Fixture,
) -> Vec<Answer> {
    let mut talk = Talk::new(bootstrap, case, index, version, fixture.clone());
    if let Err(error) = (case.play)(&mut talk) {
        talk.fail(&error);
    }
    talk.answers
}
