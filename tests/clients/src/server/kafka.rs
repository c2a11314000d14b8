//! Apache Kafka: one node, broker and controller, with the settings of its own defaults.

use super::{Config, Folder, Running};
use crate::cache;
use crate::process::Owned;
use anyhow::{Context, Result};
use rustix::process::Pid;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Kafka in a folder of its own.
pub(super) struct Kafka {
    process: Owned,
    properties: PathBuf,
    _folder: Folder,
}

impl Kafka {
    pub(super) fn start(port: u16, folder: Folder, config: Config<'_>) -> Result<Kafka> {
        let properties = folder.path().join("server.properties");
        let data = folder.path().join("data");
        let mut settings = settings(port, &data.display().to_string());
        for (key, value) in config {
            settings.push_str(&format!("{key}={value}\n"));
        }
        std::fs::write(&properties, settings)?;
        if !data.exists() {
            let mut format = kafka_jars::java("kafka.tools.StorageTool");
            format.args(["format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c"]).arg(&properties);
            cache::run(&mut format)?;
        }
        Ok(Kafka { process: broker(&properties)?, properties, _folder: folder })
    }
}

impl Running for Kafka {
    fn broker(&self) -> Result<Pid> {
        Ok(self.process.pid())
    }

    fn check(&mut self) -> Result<()> {
        self.process.check("Kafka")
    }

    fn crash(&mut self) -> Result<()> {
        self.process.0.kill()?;
        self.process.0.wait()?;
        self.process = broker(&self.properties)?;
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.process = broker(&self.properties)?;
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        self.process.stop(Duration::from_secs(60))
    }
}

fn broker(properties: &PathBuf) -> Result<Owned> {
    let mut broker = Command::new("java");
    // The flags of Kafka's own start script.
    broker.args(["-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"]);
    broker.args(["-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"]);
    broker.arg("-cp").arg(kafka_jars::jars().join("*")).arg("kafka.Kafka");
    broker.arg(properties).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(Owned(broker.spawn().context("failed to start java")?))
}

fn settings(port: u16, data: &str) -> String {
    let controller = port + 20_000;
    format!(
        "process.roles=broker,controller
node.id=0
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=0@127.0.0.1:{controller}
log.dirs={data}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.cleaner.backoff.ms=200
auto.create.topics.enable=false
"
    )
}
