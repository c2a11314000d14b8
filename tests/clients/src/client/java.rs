//! Programs in Java, over Apache Kafka's own client.

use crate::cache;
use anyhow::Result;
use std::process::Command;

/// The command that runs a program of one class, which is compiled where that has not been done.
pub(crate) fn program(class: &str, source: &str) -> Result<Command> {
    let jars = kafka_jars::jars().join("*").display().to_string();
    let classes = cache::folder(&format!("java-{}", class.to_lowercase()), &source, |folder| {
        let file = folder.join(format!("{class}.java"));
        std::fs::write(&file, source)?;
        let mut javac = Command::new("javac");
        javac.arg("-d").arg(folder).arg("-cp").arg(&jars).arg(file);
        cache::run(&mut javac)
    })?;
    let mut java = Command::new("java");
    // What the client logs is no answer.
    java.args(["-Dlog4j2.level=OFF", "-Xmx256M", "-XX:TieredStopAtLevel=1", "-cp"]);
    java.arg(format!("{}:{jars}", classes.display())).arg(class);
    Ok(java)
}
