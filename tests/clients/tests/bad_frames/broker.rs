//! The broker that gets the frames, with what it says.

use anyhow::{Context, Result};
use client_tests::client::{Client as _, librdkafka::Librdkafka};
use client_tests::process;
use client_tests::server::Server;
use client_tests::server::bare::Bare;
use client_tests::wait;
use rustix::process::Pid;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;

/// How long a line may take to its file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Klamm by itself, or Apache Kafka, whose log is nobody's business.
pub(crate) enum Broker {
    Klamm { broker: Bare, _folder: TempDir },
    Kafka(Server),
}

impl Broker {
    /// What `KLAMM_TEST_TARGET` names, with the topics that the frames are about.
    pub(crate) fn start() -> Result<Broker> {
        let broker = if Server::is_kafka() { Broker::Kafka(Server::kafka()?) } else { klamm()? };
        let mut client = Librdkafka::start(&broker.bootstrap())?;
        for (topic, partitions) in [(crate::batch::TOPIC, 1), (crate::SERVED, 3)] {
            let created = client.create(topic, partitions)?;
            anyhow::ensure!(created == "NONE", "{topic}: {created}");
        }
        Ok(broker)
    }

    pub(crate) fn bootstrap(&self) -> String {
        match self {
            Broker::Klamm { broker, .. } => broker.bootstrap(),
            Broker::Kafka(server) => server.bootstrap().to_owned(),
        }
    }

    pub(crate) fn pid(&self) -> Result<Pid> {
        match self {
            Broker::Klamm { broker, .. } => broker.pid(),
            Broker::Kafka(server) => server.broker(),
        }
    }

    /// The memory it held at most.
    pub(crate) fn resident_bytes_max(&self) -> Result<u64> {
        process::resident_bytes_max(self.pid()?)
    }

    /// Waits until it has said, of this connection, a line with these words.
    pub(crate) fn has_said(&self, address: SocketAddr, words: &str) -> Result<()> {
        let Broker::Klamm { broker, .. } = self else { return Ok(()) };
        let peer = format!("peer={address}");
        let line = |said: &str| said.lines().rfind(|line| line.contains(&peer)).map(str::to_owned);
        wait::until(PATIENCE, "there is a line of it", || {
            let said = broker.said();
            Ok(line(&said).filter(|line| line.contains(words)).map(drop))
        })
        .with_context(|| format!("it said {:?}, not `{words}`", line(&broker.said())))
    }
}

fn klamm() -> Result<Broker> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut broker = Bare::new(folder.path(), &data, "auto.create.topics.enable=false\n")?;
    broker.start(&[])?;
    Ok(Broker::Klamm { broker, _folder: folder })
}
