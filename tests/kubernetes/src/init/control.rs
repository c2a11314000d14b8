//! What tests may ask of a running cluster, over a socket in its folder: one line each.

use super::Cluster;
use super::children;
use super::{network, node};
use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// The answer to what was done.
pub const DONE: &str = "done";

/// Answers one after the other, as long as the cluster lives.
pub fn serve(cluster: &Cluster, listener: &UnixListener) {
    for connection in listener.incoming() {
        let answered = connection.map_err(Into::into).and_then(|it| answer(cluster, &it));
        if let Err(error) = answered {
            eprintln!("control: {error:#}");
        }
    }
}

fn answer(cluster: &Cluster, mut connection: &UnixStream) -> Result<()> {
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line)?;
    let outcome = match obey(cluster, line.trim_end()) {
        Ok(()) => DONE.to_owned(),
        Err(error) => format!("{error:#}"),
    };
    writeln!(connection, "{}", outcome.replace('\n', " "))?;
    Ok(())
}

fn obey(cluster: &Cluster, line: &str) -> Result<()> {
    let words: Vec<_> = line.splitn(3, ' ').collect();
    match words[..] {
        ["down"] => cluster.end(),
        ["start", part] => cluster.children.start_again(part),
        ["signal", name, part] => children::signal(&cluster.folder, part, named(name)?),
        ["link", state, number] => network::set_link(number.parse()?, state),
        ["import", number, path] => node::import(&cluster.folder, number.parse()?, Path::new(path)),
        _ => bail!("nobody here knows `{line}`"),
    }
}

fn named(signal: &str) -> Result<Signal> {
    let known = [
        ("stop", Signal::STOP),
        ("continue", Signal::CONT),
        ("terminate", Signal::TERM),
        ("kill", Signal::KILL),
    ];
    let found = known.into_iter().find(|(name, _)| *name == signal);
    found.map(|(_, signal)| signal).with_context(|| format!("`{signal}` is no signal"))
}
