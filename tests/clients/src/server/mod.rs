//! The broker that the clients talk to: Klamm as a person starts it, or Apache Kafka as the judge.

pub mod bare;
pub mod kafka;
pub mod klamm;
pub mod ports;

use crate::client::Client as _;
use crate::client::librdkafka::Librdkafka;
use crate::wait;
use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What a broker gets to start; a JVM on a busy machine needs a minute and more.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running broker with an empty data folder; it ends with this value.
pub struct Server {
    running: Box<dyn Running>,
    bootstrap: String,
    started: Instant,
}

/// What can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// A build of Klamm.
    Klamm(PathBuf),
    /// Apache Kafka.
    Kafka,
}

/// The folder of a server.
#[derive(Debug, Clone)]
pub struct Folder(Arc<TempDir>);

impl Folder {
    /// An empty one, which goes with the last of its clones.
    pub fn temporary() -> Result<Folder> {
        Ok(Folder(Arc::new(TempDir::new()?)))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What is different between Klamm and Kafka.
trait Running: Send + Sync {
    /// The process that serves clients.
    fn broker(&self) -> Result<Pid>;

    /// An error when what was started has ended by itself.
    fn check(&mut self) -> Result<()>;

    /// Kills that process, and starts the next one or waits until that has happened.
    fn crash(&mut self) -> Result<()>;

    /// Ends that process in good order, and starts the next one or waits until that has happened.
    fn restart(&mut self) -> Result<()>;

    /// Ends it in good order; its folder stays.
    fn stop(&mut self) -> Result<()>;
}

/// Keys of Kafka's configuration that differ from their defaults.
pub type Config<'a> = &'a [(&'a str, &'a str)];

impl Server {
    /// Starts what `KLAMM_TEST_TARGET` names, `klamm` (the default) or `kafka`.
    pub fn start() -> Result<Server> {
        Server::configured(&[])
    }

    /// The same with a configuration.
    pub fn configured(config: Config<'_>) -> Result<Server> {
        Server::named(&target(), config)
    }

    /// Starts `klamm` or `kafka` with a configuration.
    pub fn named(target: &str, config: Config<'_>) -> Result<Server> {
        match target {
            "klamm" => Server::running(&Program::Klamm(klamm::program()?), config),
            "kafka" => Server::running(&Program::Kafka, config),
            other => bail!("KLAMM_TEST_TARGET is `klamm` or `kafka`, not `{other}`"),
        }
    }

    /// Whether [`Server::start`] starts Apache Kafka.
    #[must_use]
    pub fn is_kafka() -> bool {
        target() == "kafka"
    }

    /// Starts a program in an empty folder.
    pub fn running(program: &Program, config: Config<'_>) -> Result<Server> {
        Server::launch(program, config)?.once_it_serves()
    }

    /// The same without waiting until it serves, to see for oneself how long that takes.
    pub fn launch(program: &Program, config: Config<'_>) -> Result<Server> {
        let (folder, port) = (Folder::temporary()?, ports::free()?);
        let running: Box<dyn Running> = match program {
            Program::Klamm(path) => Box::new(klamm::Up::start(path, port, folder, config)?),
            Program::Kafka => Box::new(kafka::Kafka::start(port, folder, config)?),
        };
        Ok(Server::launched(running, port))
    }

    /// Starts Klamm.
    pub fn klamm() -> Result<Server> {
        Server::klamm_in(Folder::temporary()?)
    }

    /// Starts Klamm in a folder, which may be that of one that was stopped.
    pub fn klamm_in(folder: Folder) -> Result<Server> {
        let port = ports::free()?;
        let up = klamm::Up::start(&klamm::program()?, port, folder, &[])?;
        Server::launched(Box::new(up), port).once_it_serves()
    }

    /// Starts Apache Kafka.
    pub fn kafka() -> Result<Server> {
        Server::kafka_in(Folder::temporary()?)
    }

    /// Starts Apache Kafka in a folder, which may be that of one that was stopped.
    pub fn kafka_in(folder: Folder) -> Result<Server> {
        let port = ports::free()?;
        let kafka = kafka::Kafka::start(port, folder, &[])?;
        Server::launched(Box::new(kafka), port).once_it_serves()
    }

    /// An error when what was started has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        self.running.check()
    }

    /// Ends it in good order; its folder stays.
    pub fn stop(mut self) -> Result<()> {
        self.running.stop()
    }

    /// Where clients connect.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// The process that serves clients.
    pub fn broker(&self) -> Result<Pid> {
        self.running.broker()
    }

    /// When that process was started.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Kills the broker; returns when its successor has been started.
    pub fn crash(&mut self) -> Result<()> {
        self.running.crash()?;
        self.started = wait::now();
        Ok(())
    }

    /// Restarts the broker in good order; returns when its successor has been started.
    pub fn restart(&mut self) -> Result<()> {
        self.running.restart()?;
        self.started = wait::now();
        Ok(())
    }

    /// Stops the broker where it is: it answers nobody, and its connections stay open.
    pub fn freeze(&self) -> Result<()> {
        Ok(kill_process(self.broker()?, Signal::STOP)?)
    }

    /// Has it go on.
    pub fn thaw(&self) -> Result<()> {
        Ok(kill_process(self.broker()?, Signal::CONT)?)
    }

    fn launched(running: Box<dyn Running>, port: u16) -> Server {
        Server { running, bootstrap: format!("127.0.0.1:{port}"), started: wait::now() }
    }

    fn once_it_serves(mut self) -> Result<Server> {
        self.wait_until_it_serves()?;
        Ok(self)
    }

    /// Waits until it serves. Who waits for clients begins then: on a busy machine Kafka takes longer
    /// to come back than any client takes to notice.
    pub fn wait_until_it_serves(&mut self) -> Result<()> {
        let mut client = Librdkafka::impatient(&self.bootstrap)?;
        wait::until(PATIENCE, "the broker serves", || {
            self.check()?;
            Ok(client.partitions("none").ok())
        })?;
        Ok(())
    }
}

fn target() -> String {
    std::env::var("KLAMM_TEST_TARGET").unwrap_or_else(|_| "klamm".to_owned())
}
