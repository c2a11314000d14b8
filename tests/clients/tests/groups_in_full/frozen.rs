//! A member that is frozen for longer than its session: others have its partitions by the time it
//! wakes, and what it then commits is refused.

use crate::{SESSION, Story, ends, tell};
use client_tests::group::{Library, PATIENCE, Settings, assert_consumed};
use client_tests::matrix::Cell;

#[test]
#[ignore = "needs a built broker, Java, Python, Node.js and Go"]
fn a_member_that_wakes_after_its_session_comes_back_as_a_new_one() {
    tell(&Library::MEMBERS, SESSION, |Story { library, mut group, load, .. }| {
        let _cell = Cell::open(library.name(), "a member frozen beyond its session");
        for name in ["ada", "bob"] {
            group.join(library, name, Settings::default()).unwrap();
        }
        group.wait_until_shared_by(&["ada", "bob"], PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        group.member("bob").freeze().unwrap();
        group.wait_until_shared_by(&["ada"], PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        group.member("bob").thaw().unwrap();
        group.wait_until_shared_by(&["ada", "bob"], PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        let account = load.finish().unwrap();
        group.wait_until_committed(&ends(&account)).unwrap();
        assert_consumed(&group, &account);
    });
}
