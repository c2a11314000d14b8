//! Programs in Python.

use crate::cache;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");
const REQUIREMENTS: &str = include_str!("../../python/requirements.txt");

/// The command that runs a program of the folder `python`, in a virtual environment that is made
/// where that has not been done.
pub(crate) fn program(file: &str) -> Result<Command> {
    let environment = cache::folder("python-clients", &REQUIREMENTS, |folder| {
        cache::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet", "--requirement"]);
        cache::run(pip.arg(Path::new(FOLDER).join("requirements.txt")))
    })?;
    let mut python = Command::new(environment.join("bin/python"));
    python.arg(Path::new(FOLDER).join(file));
    Ok(python)
}
