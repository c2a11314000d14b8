//! What is given wrongly: each ends with a sentence that names the place, and with exit code 2.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod refusals {
    pub(crate) mod flags;
    pub(crate) mod manifests;
    pub(crate) mod properties;
}

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use refusals::{flags, manifests, properties};

#[test]
fn every_wrong_line_of_properties_is_told_with_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = properties::ROWS.iter().filter_map(|(lines, line, sentence)| {
        fs::write(folder.path().join("server.properties"), properties::with(lines)).unwrap();
        let words = ["broker", "--config", "server.properties"];
        let place = line.map_or_else(String::new, |line| format!(":{line}"));
        refused(folder.path(), &words, &[], &[&format!("server.properties{place}: {sentence}")])
            .err()
            .map(|told| format!("{lines:?}: {told}"))
    });
    none(wrong.collect());
}

#[test]
fn every_wrong_flag_and_variable_is_told_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "just text\n").unwrap();
    let wrong = flags::ROWS.iter().filter_map(|(words, environment, sentences)| {
        let words: Vec<_> = words.split('|').collect();
        let told = refused(folder.path(), &words, environment, sentences);
        told.err().map(|told| format!("{words:?} {environment:?}: {told}"))
    });
    none(wrong.collect());
}

#[test]
fn every_wrong_manifest_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = manifests::ROWS.iter().filter_map(|(text, sentence)| {
        fs::write(folder.path().join("chat.yaml"), text).unwrap();
        let words = ["up", "-f", "chat.yaml", "--data", "data"];
        let told = refused(folder.path(), &words, &[], &[sentence]);
        told.err().map(|told| format!("{text:?}: {told}"))
    });
    none(wrong.collect());
}

#[test]
fn there_are_at_least_sixty_of_them() {
    let rows = properties::ROWS.len() + flags::ROWS.len() + manifests::ROWS.len();
    assert!(rows >= 60, "{rows}");
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

/// Runs the program; what it said when that was not what is expected.
fn refused(
    folder: &Path,
    words: &[&str],
    environment: &[(&str, &str)],
    sentences: &[&str],
) -> Result<(), String> {
    let Output { status, stderr, .. } = Command::new(env!("CARGO_BIN_EXE_klamm"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(stderr).unwrap();
    let missing = sentences.iter().find(|sentence| !said.contains(**sentence));
    match (status.code(), missing) {
        (Some(2), None) => Ok(()),
        (code, missing) => Err(format!("exit code {code:?}, without {missing:?}:\n{said}")),
    }
}
