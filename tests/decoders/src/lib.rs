//! Any bytes through everything that reads the wire or the disk.
//!
//! Each [`Target`] takes bytes apart as the programs do and asserts what must hold of whatever comes
//! out. The fuzzer in `fuzz/` calls the targets for as long as it is let; the tests of this crate
//! call them with the seeds and a fixed number of changes to them, on the usual toolchain.

// What fails here fails a test: the messages say what must hold.
#![allow(clippy::missing_panics_doc, reason = "to panic is how a target says what it found")]

mod batches;
mod codecs;
mod compaction;
mod consumer_protocol;
mod data_folder;
mod files;
mod frames;
mod groups;
mod kafka_batches;
mod log_folder;
#[cfg(feature = "manifests")]
mod manifests;
mod messages;
mod metadata;
mod old_produce;
mod properties;
#[cfg(feature = "manifests")]
mod up;

/// Something that reads bytes from outside.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is also that of the fuzzer's program.
    pub name: &'static str,
    /// Reads the bytes; panics when something does not hold.
    pub check: fn(&[u8]),
    /// Inputs to begin with: what the programs themselves would write.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "batches", check: batches::check, seeds: batches::seeds },
    Target { name: "codecs", check: codecs::check, seeds: codecs::seeds },
    Target { name: "compaction", check: compaction::check, seeds: compaction::seeds },
    Target {
        name: "consumer_protocol",
        check: consumer_protocol::check,
        seeds: consumer_protocol::seeds,
    },
    Target { name: "data_folder", check: data_folder::check, seeds: data_folder::seeds },
    Target { name: "frames", check: frames::check, seeds: frames::seeds },
    Target { name: "groups", check: groups::check, seeds: groups::seeds },
    Target { name: "log_folder", check: log_folder::check, seeds: log_folder::seeds },
    #[cfg(feature = "manifests")]
    Target { name: "manifests", check: manifests::check, seeds: manifests::seeds },
    Target { name: "messages", check: messages::check, seeds: messages::seeds },
    Target { name: "metadata", check: metadata::check, seeds: metadata::seeds },
    Target { name: "old_produce", check: old_produce::check, seeds: old_produce::seeds },
    Target { name: "properties", check: properties::check, seeds: properties::seeds },
    #[cfg(feature = "manifests")]
    Target { name: "up", check: up::check, seeds: up::seeds },
];

impl Target {
    /// The target of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Target> {
        TARGETS.iter().copied().find(|target| target.name == name)
    }
}
