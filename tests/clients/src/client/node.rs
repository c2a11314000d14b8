//! Programs over Node.js.

use crate::cache;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node");

/// The command that runs a program of the folder `node`.
pub(crate) fn program(file: &str) -> Result<Command> {
    program_in(Path::new(FOLDER), file)
}

/// Runs a program with the packages that the lock file beside it names.
pub fn program_in(folder: &Path, file: &str) -> Result<Command> {
    let mut node = Command::new("node");
    node.arg(folder.join(file)).env("NODE_PATH", packages(folder)?);
    Ok(node)
}

/// Where the packages lie that the lock file in this folder names.
pub fn packages(folder: &Path) -> Result<PathBuf> {
    let files = ["package.json", "package-lock.json"].map(|file| folder.join(file));
    let wanted = files.clone().map(std::fs::read_to_string);
    let [package, lock] = wanted;
    let packages = cache::folder("node-packages", &[package?, lock?], |into| {
        for file in &files {
            std::fs::copy(file, into.join(file.file_name().expect("it has a name")))?;
        }
        let mut npm = Command::new("npm");
        cache::run(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(into))
    })?;
    Ok(packages.join("node_modules"))
}
