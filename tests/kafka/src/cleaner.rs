//! Kafka's own cleaner, let loose on a partition's folder.

use std::{path::Path, process::Command};

use crate::{jars, text};

/// What a cleaning goes by.
#[derive(Debug, Clone)]
pub struct Rounds<'a> {
    /// `segment.bytes`.
    pub segment_bytes: u32,
    /// `delete.retention.ms`.
    pub delete_retention_ms: i64,
    /// The memory for the offsets of keys.
    pub map_bytes: usize,
    /// The time of each round.
    pub times: &'a [i64],
}

/// Cleans the log in a folder that was closed in good order; returns up to where it was clean after
/// each round.
///
/// # Panics
/// Says that Java is missing, or what Kafka has to complain about.
#[must_use]
pub fn clean(folder: &Path, rounds: &Rounds<'_>) -> Vec<i64> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("java/CleanLog.java");
    let times: Vec<String> = rounds.times.iter().map(ToString::to_string).collect();
    let output = Command::new("java")
        .args(["-Xmx256M", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars().join("*"))
        .arg(source)
        .arg(folder)
        .arg(rounds.segment_bytes.to_string())
        .arg(rounds.delete_retention_ms.to_string())
        .arg(rounds.map_bytes.to_string())
        .arg(times.join(","))
        .output()
        .unwrap_or_else(|error| panic!("Kafka's cleaner needs Java 17 or later: {error}"));
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    let lines = said.lines().filter_map(|line| line.strip_prefix("clean up to "));
    lines.map(|offset| offset.parse().expect("an offset is a number")).collect()
}
