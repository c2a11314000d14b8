//! One member: a program over a client library, with what it was told and what it did.
//!
//! Its arguments are words `KEY=VALUE`:
//!
//! | key | value |
//! |---|---|
//! | `bootstrap`, `group`, `topic`, `partitions` | what its group has in common |
//! | `name` | its client id |
//! | `session` | the session time-out in milliseconds |
//! | `assignor` | `range`, `sticky` or `cooperative`; the library's own choice where there is none |
//! | `instance` | the instance id, for a static member |
//! | `refresh` | milliseconds after which it asks for its topic's partitions again |
//! | `reset` | milliseconds since 1970: commits the first offsets from then on, and ends |
//!
//! It reads what there is, prints it, and commits it before it reads on. It prints lines:
//!
//! | line | when |
//! |---|---|
//! | `assigned PARTITION…` | these have become its own, beside those that it has |
//! | `revoked PARTITION…`, `lost PARTITION…` | these no longer are |
//! | `record PARTITION OFFSET VALUE` | it has read this |
//! | `committed PARTITION OFFSET` | the broker has acknowledged this commit |
//! | `uncommitted REASON`, `error REASON` | something went wrong; it goes on |
//! | `left` | it has left, since it read `leave` from its standard input |

use super::{PATIENCE, numbers, place};
use crate::process::{self, Owned};
use crate::wait;
use anyhow::{Context, Result, bail};
use rustix::process::{Signal, kill_process};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

/// The program; it is killed with this value.
pub struct Member {
    name: String,
    process: Mutex<Owned>,
    commands: Option<ChildStdin>,
    events: Arc<Mutex<Vec<(Instant, Event)>>>,
}

/// What a member says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Partitions that have become its own.
    Assigned(Vec<i32>),
    /// Partitions that no longer are.
    Revoked(Vec<i32>),
    /// It has read a record.
    Record {
        /// The partition.
        partition: i32,
        /// The offset.
        offset: i64,
        /// The value.
        value: String,
    },
    /// The broker has acknowledged a commit.
    Committed {
        /// The partition.
        partition: i32,
        /// The offset to go on from.
        next: i64,
    },
    /// Something went wrong.
    Trouble(String),
    /// It has left.
    Left,
}

impl Member {
    pub(super) fn start(name: &str, command: &mut Command) -> Result<Member> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("failed to start {:?}", command.get_program()))?;
        let commands = child.stdin.take();
        let said = child.stdout.take().expect("stdout was asked for as a pipe");
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&events);
        thread::spawn(move || listen(said, &heard));
        let process = Mutex::new(Owned(child));
        Ok(Member { name: name.to_owned(), process, commands, events })
    }

    /// Its name, which is its client id.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All that it has said, and when.
    pub fn events(&self) -> MutexGuard<'_, Vec<(Instant, Event)>> {
        self.events.lock().expect("nobody panics who holds it")
    }

    /// The partitions that it takes for its own.
    #[must_use]
    pub fn owned(&self) -> BTreeSet<i32> {
        let mut owned = BTreeSet::new();
        for (_, event) in self.events().iter() {
            match event {
                Event::Assigned(partitions) => owned.extend(partitions),
                Event::Revoked(partitions) => owned.retain(|own| !partitions.contains(own)),
                Event::Record { .. }
                | Event::Committed { .. }
                | Event::Trouble(_)
                | Event::Left => {}
            }
        }
        owned
    }

    /// An error when it has ended.
    pub fn check(&self) -> Result<()> {
        self.process().check(&self.name)
    }

    /// Has it leave, and waits until it has.
    pub fn leave(&mut self) -> Result<()> {
        let mut commands = self.commands.take().context("it was told to leave already")?;
        writeln!(commands, "leave")?;
        wait::until(PATIENCE, &format!("{} has left", self.name), || {
            Ok(self.events().iter().any(|(_, event)| *event == Event::Left).then_some(()))
        })
        .with_context(|| self.describe())
    }

    /// Kills it without a word of warning.
    pub fn kill(&self) -> Result<()> {
        let mut process = self.process();
        process::kill(process.pid())?;
        process.0.wait()?;
        Ok(())
    }

    /// Stops the program where it is: nothing of it runs, no heartbeat either.
    pub fn freeze(&self) -> Result<()> {
        kill_process(self.process().pid(), Signal::STOP).context("failed to stop the member")
    }

    /// Has it go on.
    pub fn thaw(&self) -> Result<()> {
        kill_process(self.process().pid(), Signal::CONT).context("failed to wake the member")
    }

    /// Waits until it has ended by itself, as it should; answers with what it said.
    pub(super) fn finish(self) -> Result<Vec<Event>> {
        let ended = || Ok(self.process().0.try_wait()?);
        let status = wait::until(PATIENCE, &format!("{} has ended", self.name), ended)?;
        if !status.success() {
            bail!("{} ended with {status}: {}", self.name, self.describe());
        }
        // The last lines may still be on their way from the pipe.
        wait::until(PATIENCE, "all was heard", || {
            Ok((Arc::strong_count(&self.events) == 1).then_some(()))
        })?;
        Ok(self.events().iter().map(|(_, event)| event.clone()).collect())
    }

    /// Its partitions and all it said but records and commits.
    pub(super) fn describe(&self) -> String {
        let events = self.events().clone();
        let told: Vec<_> = events
            .iter()
            .filter(|(_, event)| !matches!(event, Event::Record { .. } | Event::Committed { .. }))
            .map(|(at, event)| format!("{} s ago {event:?}", at.elapsed().as_secs()))
            .collect();
        let last =
            events.last().map(|(at, event)| format!("{event:?} {} s ago", at.elapsed().as_secs()));
        format!("{} has {:?}, said {last:?} last: {}", self.name, self.owned(), told.join(", "))
    }

    fn process(&self) -> MutexGuard<'_, Owned> {
        self.process.lock().expect("nobody panics who holds it")
    }
}

fn listen(said: ChildStdout, events: &Mutex<Vec<(Instant, Event)>>) {
    for line in BufReader::new(said).lines() {
        let event = line.map_err(anyhow::Error::from).and_then(|line| event(&line));
        let event = event.unwrap_or_else(|error| Event::Trouble(format!("{error:#}")));
        events.lock().expect("nobody panics who holds it").push((wait::now(), event));
    }
}

fn event(line: &str) -> Result<Event> {
    let words: Vec<_> = line.split_whitespace().collect();
    let (word, rest) = words.split_first().context("no line is empty")?;
    Ok(match (*word, rest) {
        ("assigned", partitions) => Event::Assigned(numbers(partitions)?),
        ("revoked" | "lost", partitions) => Event::Revoked(numbers(partitions)?),
        ("record", [place @ .., value]) => {
            let (partition, offset) = self::place(place)?;
            Event::Record { partition, offset, value: (*value).to_owned() }
        }
        ("committed", place) => {
            let (partition, next) = self::place(place)?;
            Event::Committed { partition, next }
        }
        ("left", []) => Event::Left,
        _ => Event::Trouble(line.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        assert_eq!(event("assigned").unwrap(), Event::Assigned(vec![]));
        assert_eq!(event("lost 3 1").unwrap(), Event::Revoked(vec![3, 1]));
        let record = Event::Record { partition: 1, offset: 20, value: "5".to_owned() };
        assert_eq!(event("record 1 20 5").unwrap(), record);
        assert_eq!(event("committed 1 21").unwrap(), Event::Committed { partition: 1, next: 21 });
        assert_eq!(event("uncommitted why").unwrap(), Event::Trouble("uncommitted why".to_owned()));
        assert!(event("committed 1").is_err());
    }
}
