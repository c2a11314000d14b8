//! A client over any library, as a child process that is told what to do a line at a time.
//!
//! | command | lines before `done` |
//! |---|---|
//! | `create TOPIC PARTITIONS`, `grow TOPIC PARTITIONS`, `delete TOPIC` | |
//! | `partitions TOPIC` | the number of partitions |
//! | `produce TOPIC CODEC ACKS WAY FILE`, a record a line in the file | partition and offset of each record |
//! | `transact ID TOPIC` | |
//! | `consume TOPIC` | offset and record of each |
//! | `offsets TOPIC TIMESTAMP` | partition, start, end, and the offset for the timestamp |
//! | `open GROUP TOPIC PARTITION…`, a group or `-` | |
//! | `read COUNT MILLISECONDS` | offset and record of each that came |
//! | `seek PARTITION PLACE`, an offset, `beginning` or `end` | |
//! | `pause PARTITION`, `resume PARTITION`, `close` | |
//! | `commit PARTITION OFFSET METADATA` | |
//! | `committed GROUP TOPIC PARTITION` | offset, -1 where there is none, and metadata |
//! | `lag GROUP TOPIC` | each partition and how far behind its end the group is |
//! | `alter-offset GROUP TOPIC PARTITION OFFSET`, `forget GROUP TOPIC` | |
//! | `groups` | the name of each |
//! | `group GROUP` | its state |
//! | `delete-group GROUP` | |
//! | `truncate TOPIC PARTITION OFFSET` | where the partition begins then |
//! | `config TOPIC KEY` | the value |
//! | `set-config TOPIC KEY VALUE` | |
//! | `cluster` | the number of brokers, and the controller |
//! | `log-size TOPIC`, `producers TOPIC` | bytes, active producers of partition 0 |
//! | `quorum` | the number of voters |
//!
//! A command that goes wrong is answered with `failed`, Kafka's name of the error and a sentence; one
//! that the library cannot do with `unsupported` and the reason.

use super::failure::{Failure, Unsupported, outcome};
use super::{Acks, Client, Codec, Consumed, Offsets, Place, Way};
use crate::process::Owned;
use crate::record::Record;
use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

/// How long a client may be silent: longer than its own limits, and than Apache Kafka takes to start.
const PATIENCE: Timespec = Timespec { tv_sec: 180, tv_nsec: 0 };

/// The child process; it ends with this value.
#[derive(Debug)]
pub struct Program {
    child: Owned,
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
        Ok(Program { child: Owned(child), commands, answers })
    }

    pub(super) fn ask(&mut self, command: &str) -> Result<Vec<String>> {
        let mut commands = self.commands.as_ref().expect("the pipe is closed with this value only");
        writeln!(commands, "{command}")?;
        let mut lines = Vec::new();
        loop {
            self.wait_for_answer(command)?;
            let mut line = String::new();
            if self.answers.read_line(&mut line)? == 0 {
                bail!("the client ended during `{command}`");
            }
            match answer(line.trim_end_matches('\n'))? {
                Some(line) => lines.push(line),
                None => return Ok(lines),
            }
        }
    }

    /// A library that waits for ever fails its case and is ended, so that it holds up no other.
    fn wait_for_answer(&mut self, command: &str) -> Result<()> {
        let mut answers = [PollFd::new(self.answers.get_ref(), PollFlags::IN)];
        let is_there = !self.answers.buffer().is_empty()
            || retry_on_intr(|| poll(&mut answers, Some(&PATIENCE)))? > 0;
        if !is_there {
            self.child.0.kill()?;
            bail!("the client has not answered `{command}` for {} s", PATIENCE.tv_sec);
        }
        Ok(())
    }

    pub(super) fn ask_one(&mut self, command: &str) -> Result<String> {
        let mut lines = self.ask(command)?;
        lines.pop().with_context(|| format!("no answer to `{command}`"))
    }
}

impl Client for Program {
    fn create(&mut self, topic: &str, partitions: i32) -> Result<String> {
        outcome(self.ask(&format!("create {topic} {partitions}")))
    }

    fn grow(&mut self, topic: &str, partitions: i32) -> Result<String> {
        outcome(self.ask(&format!("grow {topic} {partitions}")))
    }

    fn delete(&mut self, topic: &str) -> Result<String> {
        outcome(self.ask(&format!("delete {topic}")))
    }

    fn partitions(&mut self, topic: &str) -> Result<usize> {
        Ok(self.ask_one(&format!("partitions {topic}"))?.parse()?)
    }

    fn produce_in(
        &mut self,
        way: Way,
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
        let (codec, acks, way) = (codec.name(), acks.name(), way.name());
        let path = file.path().display();
        let answers = self.ask(&format!("produce {topic} {codec} {acks} {way} {path}"))?;
        answers.iter().map(|line| place(line)).collect()
    }

    fn consume(&mut self, topic: &str) -> Result<Vec<Consumed>> {
        self.records(&format!("consume {topic}"))
    }

    fn offsets(&mut self, topic: &str, timestamp: i64) -> Result<Vec<Offsets>> {
        let answers = self.ask(&format!("offsets {topic} {timestamp}"))?;
        answers.iter().map(|line| offsets(line)).collect()
    }
}

impl Program {
    pub(super) fn records(&mut self, command: &str) -> Result<Vec<Consumed>> {
        self.ask(command)?.iter().map(|line| consumed(line)).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.commands.take());
        if self.child.0.wait().is_err() {
            eprintln!("a client program could not be waited for");
        }
    }
}

/// A line before the last one; nothing where the command is done.
fn answer(line: &str) -> Result<Option<String>> {
    match line.split_once(' ') {
        Some(("failed", said)) => {
            let (name, sentence) = said.split_once(' ').unwrap_or((said, ""));
            bail!(Failure { name: name.to_owned(), sentence: sentence.to_owned() })
        }
        Some(("unsupported", reason)) => bail!(Unsupported(reason.to_owned())),
        _ if line == "done" => Ok(None),
        Some(_) | None => Ok(Some(line.to_owned())),
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
