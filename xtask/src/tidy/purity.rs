//! Pure parts decide and never act: the same events give the same effects.

use super::{assert_none, code, production_lines, read, sources, words};
use std::path::Path;

/// Never ask a clock, a socket, a file or a random source, and contain no `async`.
const PURE: &[&str] = &[
    "configuration",
    "consensus",
    "coordinator",
    "coordinator",
    "metadata",
    "node",
    "placement",
    "protocol",
    "replication",
    "types",
];

/// Paths that lead out of a pure part.
const WORLD: &[&str] = &["std::net", "std::fs", "std::thread::spawn", "std::env", "std::process"];

/// Words that do.
const BANNED: &[&str] = &["async", "await", "tokio", "SystemTime", "thread_rng", "OsRng", "SysRng"];

#[test]
fn pure_parts_touch_nothing_of_the_world() {
    let mut breaches = Vec::new();
    for path in sources().iter().filter(|path| is_pure(path)) {
        for (number, line) in production_lines(&read(path)) {
            if leads_out(line) {
                breaches.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert_none(&breaches, "pure parts are told the time and asked for effects, nothing else");
}

#[test]
fn storage_reaches_a_disk_through_its_trait_only() {
    let mut breaches = Vec::new();
    for path in sources().iter().filter(|path| path.starts_with("crates/storage")) {
        for (number, line) in production_lines(&read(path)) {
            if ["std::fs", "std::net", "SystemTime"].iter().any(|way| code(line).contains(way)) {
                breaches.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert_none(&breaches, "storage reaches a disk through `Disk` only");
}

fn is_pure(path: &Path) -> bool {
    PURE.iter().any(|part| path.starts_with(Path::new("crates").join(part)))
}

fn leads_out(line: &str) -> bool {
    let asks_time = code(line).contains("std::time::Instant");
    asks_time
        || WORLD.iter().any(|way| code(line).contains(way))
        || words(line).any(|word| BANNED.contains(&word))
}

#[test]
fn lines_that_lead_out_are_told_from_those_that_talk_about_it() {
    assert!(leads_out("    let now = std::time::Instant::now();"));
    assert!(leads_out("pub async fn produce() {}"));
    assert!(!leads_out("//! Contains no async, asks no std::net."));
    assert!(!leads_out("use std::time::Duration;"));
}
