//! Confluent's client for Python, over a newer librdkafka than the Rust one brings.

use super::Client;
use super::program::Program;
use crate::cache;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");
const REQUIREMENTS: &str = include_str!("../../python/requirements.txt");

/// Installs the client into a virtual environment where that has not been done, and starts it.
pub fn start(bootstrap: &str) -> Result<impl Client> {
    let environment = cache::folder("python-client", &REQUIREMENTS, |folder| {
        cache::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet", "--requirement"]);
        cache::run(pip.arg(Path::new(FOLDER).join("requirements.txt")))
    })?;
    let python = environment.join("bin/python");
    Program::start(Command::new(python).arg(Path::new(FOLDER).join("client.py")).arg(bootstrap))
}
