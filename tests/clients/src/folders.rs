//! The folders that servers keep their partitions in.

use crate::client::java;
use crate::process;
use crate::server::{Folder, Server};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

const SOURCE: &str = include_str!("../java/Folders.java");
const START_OFFSETS: &str = "log-start-offset-checkpoint";
const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
const METADATA: &str = "partition.metadata";

/// Tells the program that fills and reads topics what to do; answers with what it printed.
pub fn run(server: &Server, words: &[&str]) -> Result<String> {
    let mut java = java::program("Folders", SOURCE)?;
    let output = process::output(java.arg(server.bootstrap()).args(words))?;
    if !output.status.success() {
        bail!("{words:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Where a server that was stopped has its data.
#[derive(Debug)]
pub struct Place(PathBuf);

impl Place {
    /// That of Apache Kafka.
    #[must_use]
    pub fn of_kafka(folder: &Folder) -> Place {
        Place(folder.path().join("data"))
    }

    /// That of Klamm's first broker.
    #[must_use]
    pub fn of_klamm(folder: &Folder) -> Place {
        Place(folder.path().join("data/brokers/0/data"))
    }

    /// Puts the first partition of a topic in the place of one of the same name, whose id stays.
    pub fn copy_partition(&self, topic: &str, target: &Place) -> Result<()> {
        for file in fs::read_dir(target.partition(topic))? {
            let file = file?.path();
            if !file.ends_with(METADATA) {
                fs::remove_file(file)?;
            }
        }
        self.copy_files(topic, &target.partition(topic))?;
        target.set_start_offset(topic, self.start_offset(topic)?)
    }

    /// Copies the files of a topic's first partition, all but the topic's id.
    pub fn copy_files(&self, topic: &str, target: &Path) -> Result<()> {
        for file in fs::read_dir(self.partition(topic))? {
            let file = file?.path();
            let name = file.file_name().context("a file has a name")?;
            if name != METADATA {
                fs::copy(&file, target.join(name))?;
            }
        }
        Ok(())
    }

    /// Where the log of a topic's first partition starts, as far as the data folder says.
    pub fn start_offset(&self, topic: &str) -> Result<i64> {
        self.checkpoint(START_OFFSETS, topic)
    }

    /// From where on a server that crashed would check the log of a topic's first partition.
    pub fn recovery_point(&self, topic: &str) -> Result<i64> {
        self.checkpoint(RECOVERY_POINTS, topic)
    }

    fn checkpoint(&self, file: &str, topic: &str) -> Result<i64> {
        let lines = fs::read_to_string(self.0.join(file)).unwrap_or_default();
        let prefix = format!("{topic} 0 ");
        let offset = lines.lines().find_map(|line| line.strip_prefix(&prefix));
        offset.map_or(Ok(0), |offset| Ok(offset.parse()?))
    }

    /// Has the server believe that it crashed.
    pub fn forget_clean_shutdown(&self) -> Result<()> {
        Ok(fs::remove_file(self.0.join(".kafka_cleanshutdown"))?)
    }

    fn set_start_offset(&self, topic: &str, offset: i64) -> Result<()> {
        let file = self.0.join(START_OFFSETS);
        let before = fs::read_to_string(&file).unwrap_or_default();
        let prefix = format!("{topic} 0 ");
        let others = before.lines().skip(2).filter(|line| !line.starts_with(&prefix));
        let mut lines: Vec<String> = others.map(str::to_owned).collect();
        lines.push(format!("{prefix}{offset}"));
        Ok(fs::write(file, format!("0\n{}\n{}\n", lines.len(), lines.join("\n")))?)
    }

    fn partition(&self, topic: &str) -> PathBuf {
        self.0.join(format!("{topic}-0"))
    }
}
