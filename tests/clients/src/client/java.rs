//! Apache Kafka's own client, `kafka-clients` for Java.

use super::Client;
use super::program::Program;
use crate::cache;
use anyhow::Result;
use std::process::Command;

const SOURCE: &str = include_str!("../../java/Client.java");

/// Compiles the client where that has not been done, and starts it.
pub fn start(bootstrap: &str) -> Result<impl Client> {
    let jars = kafka_jars::jars().join("*").display().to_string();
    let classes = cache::folder("java-client", &SOURCE, |folder| {
        std::fs::write(folder.join("Client.java"), SOURCE)?;
        let mut javac = Command::new("javac");
        javac.arg("-d").arg(folder).arg("-cp").arg(&jars).arg(folder.join("Client.java"));
        cache::run(&mut javac)
    })?;
    let class_path = format!("{}:{jars}", classes.display());
    let flags = ["-Xmx256M", "-XX:TieredStopAtLevel=1", "-cp", &class_path];
    Program::start(Command::new("java").args(flags).args(["Client", bootstrap]))
}
