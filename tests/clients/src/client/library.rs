//! The client libraries, and how the programs over each are started.

use super::{Program, go, java, node, python};
use anyhow::{Context, Result, bail};
use std::process::Command;

const CLIENT: &str = include_str!("../../java/Client.java");
const MEMBER: &str = include_str!("../../java/Member.java");

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
    /// An older librdkafka, through rdkafka for Rust.
    Rdkafka,
}

impl Library {
    /// Every library.
    pub const ALL: [Library; 8] = [
        Library::Java,
        Library::Confluent,
        Library::KafkaPython,
        Library::Aiokafka,
        Library::Kafkajs,
        Library::Sarama,
        Library::Franz,
        Library::Rdkafka,
    ];

    /// Those over which there is a member of a group: one of two that are librdkafka is enough.
    pub const MEMBERS: [Library; 7] = [
        Library::Java,
        Library::Confluent,
        Library::KafkaPython,
        Library::Aiokafka,
        Library::Kafkajs,
        Library::Sarama,
        Library::Franz,
    ];

    /// Its own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Library::Java => "kafka-clients",
            Library::Confluent => "confluent-kafka",
            Library::KafkaPython => "kafka-python",
            Library::Aiokafka => "aiokafka",
            Library::Kafkajs => "kafkajs",
            Library::Sarama => "sarama",
            Library::Franz => "franz-go",
            Library::Rdkafka => "rdkafka",
        }
    }

    /// Starts a client; what is not there yet is installed or compiled first.
    pub fn client(self, bootstrap: &str) -> Result<Program> {
        let mut command = match self {
            Library::Java => java::program("Client", CLIENT)?,
            Library::Confluent => python::program("client_confluent.py")?,
            Library::KafkaPython => python::program("client_kafka_python.py")?,
            Library::Aiokafka => python::program("client_aiokafka.py")?,
            Library::Kafkajs => node::program("client.js")?,
            Library::Sarama => go::program("saramaclient")?,
            Library::Franz => go::program("franzclient")?,
            Library::Rdkafka => rust()?,
        };
        Program::start(command.arg(bootstrap))
    }

    /// The command that runs a member of a group.
    pub(crate) fn member(self) -> Result<Command> {
        match self {
            Library::Java => java::program("Member", MEMBER),
            Library::Confluent => python::program("member_confluent.py"),
            Library::KafkaPython => python::program("member_kafka_python.py"),
            Library::Aiokafka => python::program("member_aiokafka.py"),
            Library::Kafkajs => node::program("member.js"),
            Library::Sarama => go::program("sarama"),
            Library::Franz => go::program("franz"),
            Library::Rdkafka => bail!("librdkafka has its member over confluent-kafka"),
        }
    }
}

/// The program that was built together with this test.
fn rust() -> Result<Command> {
    let test = std::env::current_exe()?;
    let folder = test.ancestors().nth(2).context("tests lie two folders deep")?;
    Ok(Command::new(folder.join("rdkafka-client")))
}
