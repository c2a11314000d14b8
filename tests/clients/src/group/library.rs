//! The client libraries, and how a member over each is started.

use crate::cache;
use crate::client::{java, python};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const MEMBER: &str = include_str!("../../java/Member.java");
const GO: [&str; 5] = [
    include_str!("../../go/go.mod"),
    include_str!("../../go/go.sum"),
    include_str!("../../go/group/group.go"),
    include_str!("../../go/franz/main.go"),
    include_str!("../../go/sarama/main.go"),
];

/// A client library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// Apache Kafka's own, for Java.
    Java,
    /// librdkafka, through confluent-kafka for Python.
    Confluent,
    /// kafka-python.
    KafkaPython,
    /// aiokafka.
    Aiokafka,
    /// kafkajs, for Node.js.
    Kafkajs,
    /// sarama, for Go.
    Sarama,
    /// franz-go.
    Franz,
}

impl Library {
    /// Every library.
    pub const ALL: [Library; 7] = [
        Library::Java,
        Library::Confluent,
        Library::KafkaPython,
        Library::Aiokafka,
        Library::Kafkajs,
        Library::Sarama,
        Library::Franz,
    ];

    /// The command that runs a member; what is not there yet is installed or compiled first.
    pub(super) fn command(self) -> Result<Command> {
        match self {
            Library::Java => java::program("Member", MEMBER),
            Library::Confluent => python::program("member_confluent.py"),
            Library::KafkaPython => python::program("member_kafka_python.py"),
            Library::Aiokafka => python::program("member_aiokafka.py"),
            Library::Kafkajs => node(&Path::new(FOLDER).join("node"), "member.js"),
            Library::Sarama => go("sarama"),
            Library::Franz => go("franz"),
        }
    }
}

/// Runs a program over Node.js with the packages that the lock file beside it names.
pub fn node(folder: &Path, program: &str) -> Result<Command> {
    let mut node = Command::new("node");
    node.arg(folder.join(program)).env("NODE_PATH", node_packages(folder)?);
    Ok(node)
}

/// Where the packages lie that the lock file in this folder names.
pub fn node_packages(folder: &Path) -> Result<PathBuf> {
    let files = ["package.json", "package-lock.json"].map(|file| folder.join(file));
    let wanted = files.clone().map(std::fs::read_to_string);
    let [package, lock] = wanted;
    let packages = cache::folder("node-packages", &[package?, lock?], |into| {
        for file in &files {
            std::fs::copy(file, into.join(file.file_name().expect("it has a name")))?;
        }
        let mut npm = Command::new("npm");
        cache::run(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(into))
    })?;
    Ok(packages.join("node_modules"))
}

/// Runs a program of the folder `go`, which is compiled with the modules that its `go.sum` names.
fn go(program: &str) -> Result<Command> {
    let programs: PathBuf = cache::folder("go-clients", &GO, |folder| {
        let mut go = Command::new("go");
        go.args(["build", "-mod=readonly", "-o"]).arg(folder).args(["./sarama", "./franz"]);
        cache::run(go.current_dir(Path::new(FOLDER).join("go")))
    })?;
    Ok(Command::new(programs.join(program)))
}
