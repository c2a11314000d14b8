//! A source file is one noun, says what it owns, and belongs to a crate.

use super::{assert_none, production_lines, read, sources};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// More lines than this before the tests, and another noun is hiding in the file.
const LINES_MAX: usize = 500;

#[test]
fn every_source_opens_with_what_it_is() {
    let breaches: Vec<_> = sources()
        .iter()
        .filter(|path| !read(path).starts_with("//! "))
        .map(|path| path.display().to_string())
        .collect();
    assert_none(&breaches, "the first line is `//! ` and a sentence");
}

#[test]
fn no_source_is_longer_than_one_reads_in_one_go() {
    let mut breaches = Vec::new();
    for path in sources() {
        let lines = production_lines(&read(&path)).count();
        if lines > LINES_MAX {
            breaches.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert_none(&breaches, "look for the noun hiding in each");
}

#[test]
fn every_source_belongs_to_a_crate() {
    let sources = sources();
    let declared: BTreeSet<PathBuf> = sources.iter().flat_map(|path| children(path)).collect();
    let breaches: Vec<_> = sources
        .iter()
        .filter(|path| !is_root(path) && !declared.contains(&module(path)))
        .map(|path| path.display().to_string())
        .collect();
    assert_none(&breaches, "no `mod` names these files");
}

/// A crate's own file, which no `mod` has to name.
fn is_root(path: &Path) -> bool {
    let named_as_root = path.ends_with("lib.rs") || path.ends_with("main.rs");
    named_as_root || path.parent().is_some_and(|folder| folder.ends_with("src/bin"))
}

/// The modules that a file declares, as paths without `.rs`.
fn children(path: &Path) -> Vec<PathBuf> {
    let beside = path.parent().expect("files lie in folders");
    let below = if is_root(path) || path.ends_with("mod.rs") {
        beside.to_owned()
    } else {
        path.with_extension("")
    };
    let source = read(path);
    let by_name = source.lines().filter_map(declared_module).map(|name| below.join(name));
    let by_path = source.lines().filter_map(declared_path).map(|name| beside.join(name));
    by_name.chain(by_path).collect()
}

/// The file, without `.rs`, that `#[path = "…"]` names.
fn declared_path(line: &str) -> Option<&str> {
    line.trim().strip_prefix("#[path = \"")?.strip_suffix(".rs\"]")
}

fn declared_module(line: &str) -> Option<&str> {
    let (before, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
    let is_declaration = before.trim().is_empty() || before.trim().starts_with("pub");
    is_declaration.then_some(name)
}

/// The path of the module that a file holds, without `.rs` or `/mod.rs`.
fn module(path: &Path) -> PathBuf {
    if path.ends_with("mod.rs") {
        return path.parent().expect("mod.rs lies in a folder").to_owned();
    }
    path.with_extension("")
}
