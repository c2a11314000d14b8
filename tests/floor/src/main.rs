//! Serves the messaging case once: prints its port, takes all connections, and ends with them.

#![expect(clippy::print_stdout, reason = "who started it has to know the port")]

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).context("a folder for the files is the argument")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    floor::server::serve(&listener, &PathBuf::from(folder))
}
