//! The rules of the repository that a program can hold, as tests.
//!
//! Each file is one kind of rule. A rule collects every breach before it fails, so that one run
//! shows all there is to mend.

mod charts;
mod dependencies;
mod documents;
mod files;
mod modules;
mod purity;

use crate::process::root;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of the repository, tracked or about to be, as paths from its root.
fn repository_files() -> Vec<PathBuf> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the checkout");
    assert!(listing.status.success(), "git ls-files failed");
    let listing = String::from_utf8(listing.stdout).expect("file names are UTF-8");
    let names = listing.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    names.filter(|path| root().join(path).is_file()).collect()
}

/// The Rust files below a `src` folder.
fn sources() -> Vec<PathBuf> {
    let is_source = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "rs")
            && path.components().any(|folder| folder.as_os_str() == "src")
    };
    repository_files().into_iter().filter(is_source).collect()
}

fn read(path: &Path) -> String {
    let bytes = std::fs::read(root().join(path)).expect("listed files can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines of a source before its tests, each with its number.
fn production_lines(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<_> = source.lines().collect();
    let opens_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{');
    let end = lines.windows(2).position(opens_tests).unwrap_or(lines.len());
    lines.into_iter().take(end).enumerate().map(|(index, line)| (index + 1, line))
}

/// The code of a line, without a comment that ends it.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

/// The identifiers and keywords of a line of code.
fn words(line: &str) -> impl Iterator<Item = &str> {
    code(line).split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn assert_none(breaches: &[String], rule: &str) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}
