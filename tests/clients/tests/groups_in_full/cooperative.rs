//! Cooperative rebalances: who keeps a partition goes on reading it.

use crate::{SESSION, Story, ends, tell};
use client_tests::group::{Event, Library, PATIENCE, Settings, assert_consumed};
use client_tests::matrix::Cell;
use std::collections::BTreeSet;

/// Those that have the cooperative assignor.
const LIBRARIES: [Library; 4] =
    [Library::Java, Library::Confluent, Library::KafkaPython, Library::Franz];

const COOPERATIVE: Settings<'_> =
    Settings { assignor: Some("cooperative"), instance: None, refresh: None };

#[test]
#[ignore = "needs a built broker, Java, Python and Go"]
fn who_keeps_a_partition_is_not_asked_to_give_it_up_while_others_come_and_go() {
    tell(&LIBRARIES, SESSION, |Story { library, mut group, load, .. }| {
        let _cell = Cell::open(library.name(), "a cooperative rebalance");
        for name in ["ada", "bob"] {
            group.join(library, name, COOPERATIVE).unwrap();
        }
        group.wait_until_shared_by(&["ada", "bob"], PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        let shares = ["ada", "bob"].map(|name| group.member(name).owned());
        let said = ["ada", "bob"].map(|name| group.member(name).events().len());

        group.join(library, "eve", COOPERATIVE).unwrap();
        group.wait_until_shared_by(&["ada", "bob", "eve"], PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        for (name, (share, said)) in ["ada", "bob"].into_iter().zip(shares.iter().zip(said)) {
            let member = group.member(name);
            let given_up: BTreeSet<i32> = share.difference(&member.owned()).copied().collect();
            assert_eq!(given_up.len(), 1, "{library:?} {name}: one of three goes to eve");
            let events = member.events();
            let revoked = events[said..].iter().filter_map(|(_, event)| {
                if let Event::Revoked(partitions) = event { Some(partitions) } else { None }
            });
            let revoked: BTreeSet<i32> = revoked.flatten().copied().collect();
            assert_eq!(revoked, given_up, "{library:?} {name}: nothing else was revoked");
        }

        let before = ["ada", "bob"].map(|name| group.member(name).owned());
        group.member_mut("eve").leave().unwrap();
        group.wait_until_shared_by(&["ada", "bob"], PATIENCE).unwrap();
        for (name, before) in ["ada", "bob"].into_iter().zip(before) {
            assert!(before.is_subset(&group.member(name).owned()), "{library:?} {name}");
        }
        let account = load.finish().unwrap();
        group.wait_until_committed(&ends(&account)).unwrap();
        assert_consumed(&group, &account);
    });
}
