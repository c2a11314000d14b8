//! `klamm broker` by itself, on a folder of one's choice and under a tracer where one is wanted:
//! nobody starts it again.

use super::ports;
use crate::client::{Client as _, librdkafka::Librdkafka};
use crate::process::{self, Owned};
use crate::wait;
use anyhow::{Context, Result};
use rustix::process::Pid;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Where a broker runs and with what; it outlives the process.
#[derive(Debug)]
pub struct Bare {
    folder: PathBuf,
    port: u16,
    process: Option<Owned>,
}

impl Bare {
    /// A broker whose data lie in `data`, with these lines behind its own configuration. What it
    /// says goes to a file in `folder`.
    pub fn new(folder: &Path, data: &Path, configuration: &str) -> Result<Bare> {
        let port = ports::free()?;
        let controller = port + 20_000;
        let properties = format!(
            "node.id=1\n\
             process.roles=broker,controller\n\
             listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             controller.listener.names=CONTROLLER\n\
             listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
             log.dirs={}\n\
             klamm.cluster.id=AAAAAAAAAAAAAAAAAAAAAQ\n\
             klamm.initial.controllers=1@127.0.0.1:{controller}:AAAAAAAAAAAAAAAAAAAAZw\n\
             {configuration}",
            data.display()
        );
        fs::write(folder.join("server.properties"), properties)?;
        Ok(Bare { folder: folder.to_owned(), port, process: None })
    }

    /// Starts it, behind the words of a tracer if there are any, and waits until it serves.
    pub fn start(&mut self, tracer: &[&str]) -> Result<()> {
        let program = super::klamm::program()?;
        let said = File::options().create(true).append(true).open(self.log())?;
        let mut command = match tracer {
            [] => Command::new(program),
            [tracer, words @ ..] => {
                let mut command = Command::new(tracer);
                command.args(words).arg(program);
                command
            }
        };
        command.arg("broker").arg("--config").arg(self.folder.join("server.properties"));
        // It ends when this pipe is closed, so that no broker is left behind.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(said);
        let child = command.spawn().with_context(|| format!("failed to start {command:?}"))?;
        self.process = Some(Owned(child));
        let mut client = Librdkafka::impatient(&self.bootstrap())?;
        wait::until(PATIENCE, "the broker serves", || {
            self.check()?;
            Ok(client.partitions("none").ok())
        })
        .with_context(|| self.said())?;
        Ok(())
    }

    /// Where clients connect.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process, which is the tracer's where there is one.
    pub fn pid(&self) -> Result<Pid> {
        Ok(self.process.as_ref().context("the broker was not started")?.pid())
    }

    /// All that it has said.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// An error when it has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        let process = self.process.as_mut().context("the broker was not started")?;
        process.check("the broker")
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the broker was not started")?;
        process.stop(PATIENCE)
    }

    /// Kills it without a word of warning, also from under its tracer.
    pub fn kill(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the broker was not started")?;
        let traced: Vec<Pid> = process::children(process.pid())?;
        for broker in traced.iter().copied().chain(traced.is_empty().then(|| process.pid())) {
            process::kill(broker)?;
        }
        wait::until(PATIENCE, "the broker has ended", || Ok(process.0.try_wait()?))?;
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.folder.join("said")
    }
}
