//! Programs that people run over a broker: Kafka Streams, Kafka Connect, MirrorMaker.

use crate::cache;
use crate::process::Owned;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const POM: &str = include_str!("../java/applications.xml");

/// A program that runs until this value goes.
#[derive(Debug)]
pub struct Application {
    process: Owned,
    log: PathBuf,
}

impl Application {
    /// Starts a class with a file of settings, in a folder that keeps the file and what it logs.
    pub fn start(folder: &Path, class: &str, settings: &str) -> Result<Application> {
        let (file, log) = (folder.join("application.properties"), folder.join("application.log"));
        fs::write(&file, settings)?;
        let output = File::create(&log)?;
        let mut java = Command::new("java");
        java.args(["-Dlog4j2.level=WARN", "-Xmx256M", "-XX:TieredStopAtLevel=1", "-cp"]);
        java.arg(jars()?.join("*")).arg(class).arg(file).current_dir(folder);
        java.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        Ok(Application { process: Owned(java.spawn().context("failed to start java")?), log })
    }

    /// An error with what it logged when it has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        self.process.check("the application").with_context(|| self.said())
    }

    /// What it has logged so far.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

fn jars() -> Result<PathBuf> {
    cache::folder("java-applications", &POM, |folder| {
        let pom = folder.join("pom.xml");
        fs::write(&pom, POM)?;
        kafka_jars::run_maven(&pom, folder);
        Ok(())
    })
}
