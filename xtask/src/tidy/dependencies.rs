//! Who may use whom: the table of ARCHITECTURE.md is what the manifests say.

use super::{assert_none, read, repository_files};
use crate::process::{cargo, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const TABLE: &str = "ARCHITECTURE.md";
const TABLE_HEAD: &str = "| part | may use |";

type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn parts_use_only_what_the_table_in_the_architecture_allows() {
    let (allowed, used) = (table(&read(Path::new(TABLE))), manifests());
    let parts: BTreeSet<_> = allowed.keys().chain(used.keys()).collect();
    let breaches: Vec<_> = parts
        .into_iter()
        .map(|part| (part, allowed.get(part), used.get(part)))
        .filter(|(_, allowed, used)| allowed != used)
        .map(|(part, allowed, used)| {
            format!("{part}: the table says {allowed:?}, Cargo.toml {used:?}")
        })
        .collect();
    assert_none(&breaches, "the table and the manifests differ");
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let breaches: Vec<_> = members()
        .iter()
        .filter(|path| !read(path).contains("[lints]\nworkspace = true"))
        .map(|path| path.display().to_string())
        .collect();
    assert_none(&breaches, "`[lints] workspace = true` is missing");
}

#[test]
fn crates_take_their_dependencies_from_the_workspace() {
    let mut breaches = Vec::new();
    for path in members() {
        for line in dependency_lines(&read(&path), |section| section.ends_with("dependencies]")) {
            if !line.contains("workspace = true") {
                breaches.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert_none(&breaches, "versions are stated once, in the root's Cargo.toml");
}

#[test]
fn dependencies_of_the_workspace_are_sorted_ours_first() {
    let manifest = read(Path::new("Cargo.toml"));
    let names: Vec<_> =
        dependency_lines(&manifest, |section| section == "[workspace.dependencies]")
            .into_iter()
            .filter_map(|line| line.split_once(" = "))
            .map(|(name, value)| (!value.contains("path = "), name))
            .collect();
    assert!(!names.is_empty());
    assert!(names.is_sorted(), "{names:#?}");
}

/// The manifests of the workspace's members: all but those that open a workspace themselves.
fn members() -> Vec<PathBuf> {
    let mut manifests = repository_files();
    manifests.retain(|path| path.ends_with("Cargo.toml") && !read(path).contains("[workspace]"));
    manifests
}

/// The rows of the table: a part, and the parts it may use.
fn table(architecture: &str) -> Uses {
    let rows = architecture.lines().skip_while(|line| *line != TABLE_HEAD).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let mut cells = row.trim_matches('|').split('|');
            let part = quoted(cells.next().unwrap_or_default()).pop_first();
            let uses = quoted(cells.next().unwrap_or_default());
            (part.expect("each row of the table names a part"), uses)
        })
        .collect()
}

/// The names in backquotes.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What each member of the workspace uses of the others; what only its tests use does not count.
fn manifests() -> Uses {
    let output = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .output()
        .expect("cargo reads the workspace");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("the workspace has packages");
    packages.iter().map(|package| (text(&package["name"]), uses(package))).collect()
}

fn uses(package: &Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().expect("packages list dependencies");
    dependencies
        .iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .filter(|dependency| {
            dependency["path"].as_str().is_some_and(|path| Path::new(path).starts_with(root()))
        })
        .map(|dependency| text(&dependency["name"]))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("names are strings").to_owned()
}

fn dependency_lines(manifest: &str, wanted: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = wanted(line);
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            lines.push(line);
        }
    }
    lines
}
