//! The log of groups is bounded while commits go on for ever, and loses none of the last ones.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod driver;

use driver::{Driver, groups::OFFSETS_TOPIC};
use node::{
    LogFigures,
    coordinator::{GroupId, answer::Answer, request::Request},
};
use runtime::Disk as _;
use types::Offset;

/// The smallest there are.
const SEGMENT_BYTES: u64 = 1 << 20;
/// How often a cleaner without work looks for some.
const CLEANER_PAUSE_MS: u64 = 15_000;
const GROUPS: i64 = 20;
/// Commits between two looks of the cleaner: about one and a half segments.
const COMMITS: i64 = 12_000;

#[test]
fn the_log_of_groups_is_bounded_while_commits_go_on_for_ever() {
    let mut driver = Driver::with_groups(&[("offsets.topic.segment.bytes", "1048576")]);
    let mut next = 0;
    let mut sizes = Vec::new();
    for _ in 0..20 {
        for _ in 0..COMMITS {
            driver.commit(&format!("readers-{}", next % GROUPS), next).unwrap();
            next += 1;
        }
        sizes.push(log(&driver).size_bytes);
        driver.pass(CLEANER_PAUSE_MS);
        driver.run_jobs();
    }
    let LogFigures { end, start, traffic, .. } = log(&driver);
    assert_eq!(end, Offset(next), "every commit is a record");
    assert_eq!(start, Offset(0), "compaction moves no start");
    assert!(traffic.bytes_in > 20 * SEGMENT_BYTES, "{}", traffic.bytes_in);
    // What came since the last look, what was written to then, and little that was kept.
    assert!(sizes.iter().all(|size| *size <= 3 * SEGMENT_BYTES), "{sizes:?}");

    for is_reloaded in [false, true] {
        if is_reloaded {
            driver.kill();
            driver.start();
        }
        for offset in next - GROUPS..next {
            let group = format!("readers-{}", offset % GROUPS);
            assert_eq!(driver.committed(&group), Ok(Some(offset)), "{is_reloaded}");
        }
    }
}

#[test]
fn a_deleted_group_leaves_nothing_in_a_compacted_log() {
    let mut driver = Driver::with_groups(&[("offsets.topic.segment.bytes", "1048576")]);
    driver.commit("gone", 7).unwrap();
    let ticket = driver.ask(Request::DeleteGroup(GroupId("gone".into())));
    assert_eq!(driver.take_group(ticket), Some(Answer::DeleteGroup(Ok(()))));
    assert!(holds(&driver, b"gone"));
    for number in 0..COMMITS {
        driver.commit("stays", number).unwrap();
    }
    // Tombstones stay for a day, so that whoever reads the log meanwhile sees them.
    for _ in 0..3 {
        driver.pass(86_400_000 + CLEANER_PAUSE_MS);
        driver.run_jobs();
        for number in 0..COMMITS {
            driver.commit("stays", number).unwrap();
        }
    }
    driver.pass(CLEANER_PAUSE_MS);
    driver.run_jobs();
    assert!(!holds(&driver, b"gone"), "neither the offset nor a tombstone is left");
    assert!(holds(&driver, b"stays"));
    assert_eq!(driver.committed("stays"), Ok(Some(COMMITS - 1)));
}

fn log(driver: &Driver) -> LogFigures {
    let figures = driver.node().log_figures();
    let of_groups = |log: &LogFigures| log.partition.topic.as_str() == OFFSETS_TOPIC;
    figures.into_iter().find(of_groups).unwrap()
}

/// Whether any segment of the log holds these bytes.
fn holds(driver: &Driver, wanted: &[u8]) -> bool {
    let folder = driver.config.folder.join(format!("{OFFSETS_TOPIC}-0"));
    let disk = driver.disk();
    disk.list(&folder).unwrap().iter().any(|name| {
        let bytes = disk.peek(&folder.join(name)).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}
