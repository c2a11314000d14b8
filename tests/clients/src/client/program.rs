//! A client in another language, as a child process that is told what to do a line at a time.
//!
//! | command | lines before `done` |
//! |---|---|
//! | `create TOPIC PARTITIONS`, `grow TOPIC PARTITIONS`, `delete TOPIC` | Kafka's name of the outcome |
//! | `partitions TOPIC` | the number of partitions |
//! | `produce TOPIC CODEC ACKS FILE`, a record a line in the file | partition and offset of each record |
//! | `consume TOPIC` | offset and record of each |
//! | `offsets TOPIC TIMESTAMP` | partition, start, end, and the offset for the timestamp |
//!
//! A command that goes wrong is answered with `failed` and a reason.

use super::{Acks, Client, Codec, Consumed, Offsets, Place};
use crate::record::Record;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The child process; it ends with this value.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Program {
    pub(super) fn start(command: &mut Command) -> Result<Program> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start {:?}", command.get_program()))?;
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("stdout was asked for as a pipe"));
        Ok(Program { child, commands, answers })
    }

    fn ask(&mut self, command: &str) -> Result<Vec<String>> {
        let mut commands = self.commands.as_ref().expect("the pipe is closed with this value only");
        writeln!(commands, "{command}")?;
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line)? == 0 {
                bail!("the client ended during `{command}`");
            }
            let line = line.trim_end_matches('\n');
            match line.split_once(' ') {
                Some(("failed", reason)) => bail!("`{command}` failed: {reason}"),
                _ if line == "done" => return Ok(lines),
                Some(_) | None => lines.push(line.to_owned()),
            }
        }
    }

    fn ask_one(&mut self, command: &str) -> Result<String> {
        let mut lines = self.ask(command)?;
        lines.pop().with_context(|| format!("no answer to `{command}`"))
    }
}

impl Client for Program {
    fn create(&mut self, topic: &str, partitions: i32) -> Result<String> {
        self.ask_one(&format!("create {topic} {partitions}"))
    }

    fn grow(&mut self, topic: &str, partitions: i32) -> Result<String> {
        self.ask_one(&format!("grow {topic} {partitions}"))
    }

    fn delete(&mut self, topic: &str) -> Result<String> {
        self.ask_one(&format!("delete {topic}"))
    }

    fn partitions(&mut self, topic: &str) -> Result<usize> {
        Ok(self.ask_one(&format!("partitions {topic}"))?.parse()?)
    }

    fn produce(
        &mut self,
        topic: &str,
        codec: Codec,
        acks: Acks,
        records: &[Record],
    ) -> Result<Vec<Place>> {
        let mut lines = String::new();
        for record in records {
            writeln!(lines, "{record}")?;
        }
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(lines.as_bytes())?;
        let (codec, acks, path) = (codec.name(), acks.name(), file.path().display());
        let answers = self.ask(&format!("produce {topic} {codec} {acks} {path}"))?;
        answers.iter().map(|line| place(line)).collect()
    }

    fn consume(&mut self, topic: &str) -> Result<Vec<Consumed>> {
        let answers = self.ask(&format!("consume {topic}"))?;
        answers.iter().map(|line| consumed(line)).collect()
    }

    fn offsets(&mut self, topic: &str, timestamp: i64) -> Result<Vec<Offsets>> {
        let answers = self.ask(&format!("offsets {topic} {timestamp}"))?;
        answers.iter().map(|line| offsets(line)).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.commands.take());
        if self.child.wait().is_err() {
            eprintln!("a client program could not be waited for");
        }
    }
}

fn place(line: &str) -> Result<Place> {
    let (partition, offset) = line.split_once(' ').context("partition and offset")?;
    Ok(Place { partition: partition.parse()?, offset: offset.parse()? })
}

fn consumed(line: &str) -> Result<Consumed> {
    let (offset, record) = line.split_once(' ').context("offset and record")?;
    Ok(Consumed { offset: offset.parse()?, record: record.parse()? })
}

fn offsets(line: &str) -> Result<Offsets> {
    let numbers: Vec<i64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [partition, start, end, at] = numbers[..] else { bail!("four numbers, not `{line}`") };
    Ok(Offsets { partition: i32::try_from(partition)?, start, end, at })
}
