//! The bare programs beside which brokers are measured.

use super::volume::Moved;
use crate::process::Owned;
use crate::server::Folder;
use crate::wait;
use anyhow::{Context, Result, ensure};
use floor::bulk;
use floor::receive::Shape;
use rustix::process::Pid;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

/// One at work, with a folder for its files.
pub struct Floor {
    process: Owned,
    address: SocketAddr,
    _folder: Folder,
}

impl Floor {
    /// One that passes messages on.
    pub fn of_messages() -> Result<Floor> {
        let folder = Folder::temporary()?;
        let words = ["messages".to_owned(), path(folder.path())];
        Floor::start(folder, &words)
    }

    /// The process.
    #[must_use]
    pub fn process(&self) -> Pid {
        self.process.pid()
    }

    /// Where it waits for its load.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn start(folder: Folder, words: &[String]) -> Result<Floor> {
        let program = std::env::var_os("FLOOR").context("FLOOR names the program of the floor")?;
        let mut command = Command::new(program);
        // It ends when its input is closed.
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Owned(command.spawn().context("failed to start the floor")?);
        let mut port = String::new();
        let said = process.0.stdout.take().context("its output was asked for")?;
        BufReader::new(said).read_line(&mut port)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.trim().parse()?));
        Ok(Floor { process, address, _folder: folder })
    }
}

/// Has bytes received and written.
pub fn produce(shape: Shape, bytes: usize) -> Result<Moved> {
    let folder = Folder::temporary()?;
    let [connections, block] = [shape.connections, shape.block_bytes].map(|it| it.to_string());
    let words = ["receive".to_owned(), path(folder.path()), connections, block];
    let floor = Floor::start(folder, &words)?;
    Moved::by(floor.process(), bytes as f64, || {
        let start = wait::now();
        bulk::produce(floor.address(), shape, bytes)?;
        Ok(start.elapsed())
    })
}

/// Has a file of so many bytes sent from the page cache over each connection, and thrown away.
pub fn consume(bytes: usize, connections: usize) -> Result<Moved> {
    let folder = Folder::temporary()?;
    let file = folder.path().join("file");
    let content = std::io::repeat(b'x').take(bytes as u64);
    std::io::copy(&mut BufReader::with_capacity(1 << 20, content), &mut File::create(&file)?)?;
    let floor = Floor::start(folder, &["send".to_owned(), path(&file), connections.to_string()])?;
    let all = bytes * connections;
    Moved::by(floor.process(), all as f64, || {
        let start = wait::now();
        let received = bulk::consume(floor.address(), connections)?;
        ensure!(received == all, "{received} of {all} bytes came");
        Ok(start.elapsed())
    })
}

fn path(path: &Path) -> String {
    path.display().to_string()
}
