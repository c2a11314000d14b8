//! Members with an instance id, which may be away for as long as their session lasts.

use crate::{SESSION, Story, ends, tell};
use client_tests::group::{Event, Group, Library, PATIENCE, Settings, assert_consumed};
use client_tests::matrix::Cell;
use client_tests::wait;
use std::time::Duration;

/// Those that know instance ids.
const LIBRARIES: [Library; 6] = [
    Library::Java,
    Library::Confluent,
    Library::KafkaPython,
    Library::Aiokafka,
    Library::Sarama,
    Library::Franz,
];

/// Long enough to start a program on a busy machine.
const AWAY: Duration = Duration::from_secs(60);

#[test]
#[ignore = "needs a built broker, Java, Python and Go"]
fn a_static_member_that_is_started_again_has_its_partitions_and_nobody_else_notices() {
    tell(&LIBRARIES, AWAY, |Story { library, mut group, load, .. }| {
        let _cell = Cell::open(library.name(), "a static member started again");
        let names = ["ada", "bob", "eve"];
        for name in names {
            group.join(library, name, instance(name)).unwrap();
        }
        group.wait_until_shared_by(&names, PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        let before = ["ada", "eve"].map(|name| rebalances(&group, name));
        // One of them led the group, and so everybody is it in turn.
        for name in names {
            let share = group.member(name).owned();
            group.member(name).kill().unwrap();
            group.join(library, name, instance(name)).unwrap();
            wait::until(AWAY, "it is back", || {
                Ok((group.member(name).owned() == share).then_some(()))
            })
            .unwrap_or_else(|error| panic!("{library:?} {name} {share:?}: {error:#}"));
            if name == "bob" {
                assert_eq!(rebalances(&group, "eve"), before[1], "{library:?}: eve noticed");
            }
        }
        group.wait_until_it_moves_on().unwrap();
        let account = load.finish().unwrap();
        group.wait_until_committed(&ends(&account)).unwrap();
        assert_consumed(&group, &account);
    });
}

#[test]
#[ignore = "needs a built broker, Java, Python and Go"]
fn a_static_member_that_stays_away_is_replaced_when_its_session_ends() {
    tell(&LIBRARIES, SESSION, |Story { library, mut group, load, .. }| {
        let _cell = Cell::open(library.name(), "a static member that stays away");
        for name in ["ada", "bob"] {
            group.join(library, name, instance(name)).unwrap();
        }
        group.wait_until_shared_by(&["ada", "bob"], PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        group.member("bob").kill().unwrap();
        let took = group.wait_until_shared_by(&["ada"], PATIENCE).unwrap();
        assert!(took > SESSION / 2, "{library:?}: replaced after {took:?}");
        group.wait_until_it_moves_on().unwrap();
        let account = load.finish().unwrap();
        group.wait_until_committed(&ends(&account)).unwrap();
        assert_consumed(&group, &account);
    });
}

fn instance(name: &str) -> Settings<'_> {
    Settings { assignor: None, instance: Some(name), refresh: None }
}

/// How often a member was given partitions or lost some.
fn rebalances(group: &Group, name: &str) -> usize {
    let events = group.member(name).events();
    let is_one = |event: &Event| matches!(event, Event::Assigned(_) | Event::Revoked(_));
    events.iter().filter(|(_, event)| is_one(event)).count()
}
