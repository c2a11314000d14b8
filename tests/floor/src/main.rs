//! Serves one of the floors once: prints its port, takes all connections, and ends when its input
//! is closed, so that who started it can look at it before.

#![expect(clippy::print_stdout, reason = "who started it has to know the port")]

use anyhow::{Context, Result, bail};
use floor::receive::{self, Shape};
use floor::{send, server};
use std::io::{Read, stdin};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    serve(&words, &listener)?;
    stdin().read_to_end(&mut Vec::new()).context("failed to wait for the end of the input")?;
    Ok(())
}

fn serve(words: &[String], listener: &TcpListener) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["messages", folder] => server::serve(listener, Path::new(folder)),
        ["receive", folder, connections, block_bytes] => {
            let (connections, block_bytes) = (connections.parse()?, block_bytes.parse()?);
            receive::serve(listener, Path::new(folder), Shape { connections, block_bytes })
        }
        ["send", file, connections] => send::serve(listener, Path::new(file), connections.parse()?),
        _ => {
            bail!("`messages FOLDER`, `receive FOLDER CONNECTIONS BYTES`, `send FILE CONNECTIONS`")
        }
    }
}
