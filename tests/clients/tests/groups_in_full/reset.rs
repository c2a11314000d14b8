//! A group without members is set to a time, and its next member reads from there.

use crate::{PARTITIONS, SESSION, Story, ends, tell};
use client_tests::group::{Event, Library, PATIENCE, Settings};
use client_tests::matrix::Cell;
use client_tests::wait;
use std::time::Duration;

#[test]
#[ignore = "needs a built broker, Java, Python, Node.js and Go"]
fn a_group_that_was_set_to_a_time_reads_from_there() {
    tell(&Library::MEMBERS, SESSION, |Story { library, mut group, load, topic }| {
        let _cell = Cell::open(library.name(), "a group reset to a time");
        group.join(library, "ada", Settings::default()).unwrap();
        group.wait_until_shared_by(&["ada"], PATIENCE).unwrap();
        group.wait_until_it_moves_on().unwrap();
        // The records on both sides of this moment must be told apart by their milliseconds.
        let moment = wait::wall_clock();
        wait::pause(Duration::from_millis(500));
        let account = load.finish().unwrap();
        let ends = ends(&account);
        group.wait_until_committed(&ends).unwrap();
        group.member_mut("ada").leave().unwrap();

        let starts = committed(&group.reset(library, moment).unwrap());
        assert_eq!(starts.len(), usize::try_from(PARTITIONS).unwrap(), "{library:?}");
        for (partition, start) in &starts {
            let end = ends[usize::try_from(*partition).unwrap()];
            assert!((1..end).contains(start), "{library:?} {topic}-{partition}: {start} of {end}");
        }
        group.join(library, "bob", Settings::default()).unwrap();
        wait::until(PATIENCE, "the last record is read again", || {
            let done = committed(&events(group.member("bob").events().iter()));
            Ok(ends.iter().zip(0..).all(|(end, at)| done.contains(&(at, *end))).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{library:?}: {error:#}"));
        group.member_mut("bob").leave().unwrap();
        let read = events(group.member("bob").events().iter());
        for (partition, start) in starts {
            let offsets = offsets(&read, partition);
            let end = ends[usize::try_from(partition).unwrap()];
            assert_eq!(
                offsets,
                (start..end).collect::<Vec<_>>(),
                "{library:?} {topic}-{partition}"
            );
        }
    });
}

fn events<'a, T: 'a>(said: impl Iterator<Item = &'a (T, Event)>) -> Vec<Event> {
    said.map(|(_, event)| event.clone()).collect()
}

fn committed(events: &[Event]) -> Vec<(i32, i64)> {
    let mut places = Vec::new();
    for event in events {
        if let Event::Committed { partition, next } = event {
            places.push((*partition, *next));
        }
    }
    places
}

/// The offsets that were read from a partition.
fn offsets(events: &[Event], of: i32) -> Vec<i64> {
    let mut offsets = Vec::new();
    for event in events {
        if let Event::Record { partition, offset, .. } = event
            && *partition == of
        {
            offsets.push(*offset);
        }
    }
    offsets
}
