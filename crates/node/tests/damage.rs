//! Files of a data folder that were cut or changed at any byte: a node starts on the truth, or says
//! which file keeps it from starting; it never panics.
#![expect(clippy::unwrap_used, reason = "this is a test")]

mod driver;

use std::path::{Path, PathBuf};

use driver::Driver;
use node::request::Acks;
use runtime::{Disk, simulated::SimDisk};

/// What a stop in good order leaves and a crash does not.
const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";

/// What is done to a byte.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// One bit is another.
    Flip,
    /// The file ends before it.
    Cut,
}

/// What becomes of a node that is started.
#[derive(Debug, PartialEq, Eq)]
enum Start {
    /// It serves, and these are the records.
    Serves(Option<Vec<String>>),
    /// It serves, but an empty log: it took the old one for another topic's, and kept it.
    SetAside,
    /// It says this.
    Refuses(String),
}

#[test]
fn a_checkpoint_of_the_data_folder_may_be_changed_or_cut_at_any_byte() {
    for name in
        ["recovery-point-offset-checkpoint", "replication-offset-checkpoint", CLEAN_SHUTDOWN]
    {
        let original = Original::new();
        original.each(Path::new(name), |what, start| {
            assert_eq!(start, Start::Serves(Some(records())), "{what}");
        });
    }
}

#[test]
fn a_damaged_log_start_hides_no_more_than_another_start_would() {
    let original = Original::with(|driver| {
        driver.delete_records("chat", 2).unwrap();
    });
    original.each(Path::new("log-start-offset-checkpoint"), |what, start| match start {
        // A digit can have become another one: Kafka's format has no checksum.
        Start::Serves(found) => assert!(found.is_none_or(|it| it == records()), "{what}"),
        Start::SetAside | Start::Refuses(_) => panic!("{what}: {start:?}"),
    });
}

#[test]
fn meta_properties_that_make_no_sense_are_named() {
    let original = Original::new();
    original.each(Path::new("meta.properties"), |what, start| match start {
        Start::Serves(found) => assert_eq!(found, Some(records()), "{what}"),
        Start::SetAside => panic!("{what}"),
        Start::Refuses(reason) => assert!(names(&reason, "data"), "{what}: {reason}"),
    });
}

#[test]
fn a_quorum_state_that_makes_no_sense_is_named() {
    let original = Original::new();
    let path = Path::new("__cluster_metadata-0/quorum-state");
    original.each(path, |what, start| match start {
        Start::Serves(found) => assert_eq!(found, Some(records()), "{what}"),
        Start::SetAside => panic!("{what}"),
        Start::Refuses(reason) => assert!(names(&reason, "quorum-state"), "{what}: {reason}"),
    });
}

#[test]
fn a_damaged_metadata_snapshot_is_passed_over_or_named() {
    let original = Original::new();
    let snapshots = original.files("__cluster_metadata-0", ".checkpoint");
    assert!(!snapshots.is_empty());
    for snapshot in snapshots {
        original.each(&snapshot, |what, start| match start {
            Start::Serves(found) => assert_eq!(found, Some(records()), "{what}"),
            Start::SetAside => panic!("{what}"),
            Start::Refuses(reason) => assert!(names(&reason, "metadata"), "{what}: {reason}"),
        });
    }
}

#[test]
fn a_damaged_metadata_log_never_makes_up_anything() {
    let original = Original::new();
    let path = Path::new("__cluster_metadata-0/00000000000000000000.log");
    original.each(path, |what, start| match start {
        // What lies behind the damage is gone, the topic with it; its log is kept.
        Start::Serves(None) | Start::SetAside => {}
        Start::Serves(Some(found)) => assert!(records().starts_with(&found), "{what}"),
        Start::Refuses(reason) => assert!(names(&reason, "metadata"), "{what}: {reason}"),
    });
}

#[test]
fn the_other_files_of_a_partition_may_be_changed_or_cut_at_any_byte() {
    let original = Original::new();
    for file in original.files("chat-0", "") {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".log") || name == "partition.metadata" {
            continue;
        }
        original.each(&file, |what, start| {
            assert_eq!(start, Start::Serves(Some(records())), "{what}");
        });
    }
}

#[test]
fn a_log_whose_topic_id_was_damaged_is_served_or_kept_aside() {
    let original = Original::new();
    original.each(Path::new("chat-0/partition.metadata"), |what, start| match start {
        Start::Serves(found) => assert_eq!(found, Some(records()), "{what}"),
        Start::SetAside => {}
        Start::Refuses(reason) => panic!("{what}: {reason}"),
    });
}

/// The folder of a node that was stopped in good order.
struct Original {
    disk: SimDisk,
    folder: PathBuf,
}

impl Original {
    fn new() -> Original {
        Original::with(|_| {})
    }

    fn with(prepare: impl FnOnce(&mut Driver)) -> Original {
        let mut driver = Driver::new();
        driver.start();
        driver.create_topic("chat", 1, &[("flush.messages", "1")]);
        for record in records() {
            driver.produce("chat", 0, Acks::All, &[&record]).unwrap();
        }
        prepare(&mut driver);
        driver.stop().unwrap();
        Original { folder: driver.config.folder.clone(), disk: driver.disk().clone() }
    }

    fn files(&self, folder: &str, suffix: &str) -> Vec<PathBuf> {
        let names = self.disk.list(&self.folder.join(folder)).unwrap();
        let wanted = names.into_iter().filter(|name| name.ends_with(suffix));
        wanted.map(|name| Path::new(folder).join(name)).collect()
    }

    fn is_kept_aside(&self, disk: &SimDisk) -> bool {
        let log = Path::new("00000000000000000000.log");
        let folders = disk.list(&self.folder).unwrap();
        let Some(stray) = folders.iter().find(|name| name.ends_with("-stray")) else {
            return false;
        };
        let read =
            |disk: &SimDisk, name: &str| disk.read(&self.folder.join(name).join(log), 1 << 20);
        read(disk, stray).unwrap() == read(&self.disk, "chat-0").unwrap()
    }

    /// Starts a node on each damage of a file.
    fn each(&self, file: &Path, judge: impl Fn(String, Start)) {
        let content = self.disk.read(&self.folder.join(file), 1 << 20).unwrap();
        for position in 0..content.len() {
            for damage in [Damage::Flip, Damage::Cut] {
                let mut damaged = content.clone();
                match damage {
                    Damage::Flip => damaged[position] ^= 1 << (position % 8),
                    Damage::Cut => damaged.truncate(position),
                }
                for crashed in [false, true] {
                    let after = if crashed { "a crash" } else { "a stop" };
                    let what = format!("{} {damage:?} at {position} after {after}", file.display());
                    judge(what, self.start_with(file, &damaged, crashed));
                }
            }
        }
    }

    fn start_with(&self, file: &Path, damaged: &[u8], crashed: bool) -> Start {
        let disk = SimDisk::new(1);
        copy(&self.disk, &disk, &self.folder);
        let path = self.folder.join(file);
        disk.create(&path).unwrap().write_all_at(damaged, 0).unwrap();
        if crashed {
            let _ = disk.remove_file(&self.folder.join(CLEAN_SHUTDOWN));
        }
        let mut driver = Driver::on(disk);
        match driver.try_start() {
            Err(reason) => Start::Refuses(reason),
            Ok(()) if self.is_kept_aside(driver.disk()) => Start::SetAside,
            Ok(()) => Start::Serves(driver.fetch_if_there("chat", 0)),
        }
    }
}

fn copy(from: &SimDisk, to: &SimDisk, folder: &Path) {
    to.create_folder(folder).unwrap();
    for name in from.list(folder).unwrap() {
        let path = folder.join(name);
        match from.read(&path, 1 << 30) {
            Ok(bytes) => to.create(&path).unwrap().write_all_at(&bytes, 0).unwrap(),
            Err(_) => copy(from, to, &path),
        }
    }
}

fn records() -> Vec<String> {
    (0..5).map(|number| format!("record {number}")).collect()
}

fn names(reason: &str, file: &str) -> bool {
    reason.contains(file)
}
