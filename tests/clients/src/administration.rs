//! What Kafka's admin client is told by a cluster, as text in sections.

use crate::client::{java, python};
use crate::process;
use crate::server::Server;
use anyhow::{Result, bail};
use regex::Regex;
use std::collections::BTreeMap;
use std::process::Command;

const SOURCE: &str = include_str!("../java/Administration.java");
const GROUPS: &str = include_str!("../java/GroupAdministration.java");

/// The text below each heading.
pub type Sections = BTreeMap<String, String>;

/// Starts a server and asks it everything.
pub fn of_a_new_cluster() -> Result<Sections> {
    let server = Server::start()?;
    let told = run(&[server.bootstrap()])?;
    Ok(sections(&told))
}

/// Asks a server with Kafka's own client all about groups.
pub fn of_groups_in_java(server: &Server) -> Result<String> {
    answer(java::program("GroupAdministration", GROUPS)?.arg(server.bootstrap()))
}

/// Asks a server about groups with the admin clients that there are for Python.
pub fn of_groups_in_python(server: &Server) -> Result<String> {
    let told = answer(python::program("group_admin.py")?.arg(server.bootstrap()))?;
    let member = Regex::new(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")?;
    Ok(member.replace_all(&told, "UUID").into_owned())
}

/// What clients are told that want what is not built yet, a line each.
pub fn what_is_not_there_yet(server: &Server) -> Result<String> {
    run(&[server.bootstrap(), "what-is-not-there-yet"])
}

/// Splits a text at its headings, lines that begin with `# `.
#[must_use]
pub fn sections(text: &str) -> Sections {
    let parts = text.split("# ").filter_map(|part| part.split_once('\n'));
    parts.map(|(name, content)| (name.to_owned(), content.to_owned())).collect()
}

fn run(arguments: &[&str]) -> Result<String> {
    answer(java::program("Administration", SOURCE)?.args(arguments))
}

fn answer(command: &mut Command) -> Result<String> {
    let output = process::output(command)?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("the program ended with {}: {}", output.status, String::from_utf8_lossy(&said));
    }
    Ok(String::from_utf8(output.stdout)?)
}
