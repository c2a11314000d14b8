//! What Kafka's admin client is told by a cluster, as text in sections.

use crate::client::java;
use crate::server::Server;
use anyhow::{Result, bail};
use std::collections::BTreeMap;

const SOURCE: &str = include_str!("../java/Administration.java");

/// The text below each heading.
pub type Sections = BTreeMap<String, String>;

/// Starts a server and asks it everything.
pub fn of_a_new_cluster() -> Result<Sections> {
    let server = Server::start()?;
    let told = run(&[server.bootstrap()])?;
    Ok(sections(&told))
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
    let output = java::program("Administration", SOURCE)?.args(arguments).output()?;
    if !output.status.success() {
        bail!("the program failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
