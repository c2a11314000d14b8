//! Consumer groups whose members are programs over real client libraries.
//!
//! A scenario is written once, against [`Group`], and told of every [`Library`]; what the members
//! have read and committed is held against what was sent by [`assert_consumed`].

mod account;
mod member;

pub use crate::client::Library;
pub use account::assert_consumed;
pub use member::{Event, Member};

use crate::client::{Client as _, librdkafka::Librdkafka};
use crate::wait;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long anything may take that has no time of its own; many JVMs start on few processors.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A group on one topic, with all members that it ever had.
pub struct Group {
    bootstrap: String,
    name: String,
    topic: String,
    partitions: i32,
    session: Duration,
    members: Vec<Member>,
}

/// What a member may be told beside what its group has in common.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings<'a> {
    /// How partitions are shared: `range`, `sticky`, `cooperative`; the library's own choice where
    /// there is none.
    pub assignor: Option<&'a str>,
    /// The instance id of a static member.
    pub instance: Option<&'a str>,
    /// How old what it knows of the topic may become; the library's own choice where there is none.
    pub refresh: Option<Duration>,
}

impl Group {
    /// A group without members.
    #[must_use]
    pub fn new(
        bootstrap: &str,
        name: &str,
        topic: &str,
        partitions: i32,
        session: Duration,
    ) -> Group {
        Group {
            bootstrap: bootstrap.to_owned(),
            name: name.to_owned(),
            topic: topic.to_owned(),
            partitions,
            session,
            members: Vec::new(),
        }
    }

    /// Its name, the group's id.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts a member; it joins when it has come so far.
    pub fn join(&mut self, library: Library, name: &str, settings: Settings<'_>) -> Result<()> {
        let mut words = self.words();
        words.push(format!("name={name}"));
        words.push(format!("session={}", self.session.as_millis()));
        words.extend(settings.assignor.map(|assignor| format!("assignor={assignor}")));
        words.extend(settings.instance.map(|instance| format!("instance={instance}")));
        words.extend(settings.refresh.map(|refresh| format!("refresh={}", refresh.as_millis())));
        self.members.push(Member::start(name, library.member()?.args(words))?);
        Ok(())
    }

    /// Sets the offsets of the group, which has no members, to the first records from a time on.
    pub fn reset(&self, library: Library, timestamp: i64) -> Result<Vec<Event>> {
        let mut words = self.words();
        words.extend(["name=reset".to_owned(), format!("session={}", self.session.as_millis())]);
        words.push(format!("reset={timestamp}"));
        Member::start("reset", library.member()?.args(words))?.finish()
    }

    /// The member of this name that joined last.
    #[must_use]
    pub fn member(&self, name: &str) -> &Member {
        let mut newest_first = self.members.iter().rev();
        newest_first.find(|member| member.name() == name).expect("a scenario knows its members")
    }

    /// The same, to tell it something.
    #[must_use]
    pub fn member_mut(&mut self, name: &str) -> &mut Member {
        let mut newest_first = self.members.iter_mut().rev();
        newest_first.find(|member| member.name() == name).expect("a scenario knows its members")
    }

    /// Its topic has this many partitions from now on.
    pub fn is_to_share(&mut self, partitions: i32) {
        self.partitions = partitions;
    }

    /// All members, also those that have ended.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Waits until every partition has one owner and the owners are these, with as many partitions
    /// each as they can have. Answers with how long that took.
    pub fn wait_until_shared_by(&self, names: &[&str], patience: Duration) -> Result<Duration> {
        let (start, what) = (wait::now(), format!("{} share the partitions", names.join(", ")));
        wait::until(patience, &what, || {
            for name in names {
                self.member(name).check()?;
            }
            Ok(self.is_shared_by(names).then_some(()))
        })
        .with_context(|| self.describe())?;
        Ok(start.elapsed())
    }

    /// Waits until more is committed of every partition than is now.
    pub fn wait_until_it_moves_on(&self) -> Result<()> {
        let before = self.committed();
        wait::until(PATIENCE, "more is committed of every partition", || {
            let moved = self.committed().iter().zip(&before).all(|(now, before)| now > before);
            Ok(moved.then_some(()))
        })
        .with_context(|| self.describe())
    }

    /// Waits until everything up to these ends is committed.
    pub fn wait_until_committed(&self, ends: &[i64]) -> Result<()> {
        wait::until(PATIENCE, "everything is committed", || {
            Ok((self.committed() == ends).then_some(()))
        })
        .with_context(|| format!("wanted {ends:?}, {}", self.describe()))
    }

    /// The highest commit for each partition that any member was told of.
    #[must_use]
    pub fn committed(&self) -> Vec<i64> {
        let mut highest = vec![0; usize::try_from(self.partitions).unwrap_or_default()];
        for member in &self.members {
            for (_, event) in member.events().iter() {
                if let Event::Committed { partition, next } = event {
                    let at = usize::try_from(*partition).expect("partitions are numbered from 0");
                    highest[at] = highest[at].max(*next);
                }
            }
        }
        highest
    }

    fn is_shared_by(&self, names: &[&str]) -> bool {
        let shares: Vec<BTreeSet<i32>> =
            names.iter().map(|name| self.member(name).owned()).collect();
        let owned: BTreeSet<i32> = shares.iter().flatten().copied().collect();
        let all: BTreeSet<i32> = (0..self.partitions).collect();
        let count: usize = shares.iter().map(BTreeSet::len).sum();
        let (least, most) = (count / names.len(), count.div_ceil(names.len()));
        let are_even = shares.iter().all(|share| (least..=most).contains(&share.len()));
        owned == all && count == all.len() && are_even
    }

    fn words(&self) -> Vec<String> {
        let Group { bootstrap, name, topic, partitions, .. } = self;
        vec![
            format!("bootstrap={bootstrap}"),
            format!("group={name}"),
            format!("topic={topic}"),
            format!("partitions={partitions}"),
        ]
    }

    /// What each member has done, for a person who looks for a fault.
    fn describe(&self) -> String {
        let lines: Vec<_> = self.members.iter().map(Member::describe).collect();
        format!("committed {:?}\n{}", self.committed(), lines.join("\n"))
    }
}

/// Creates a topic and waits until the broker tells of it: some libraries do not ask twice.
pub fn create_topic(client: &mut Librdkafka, topic: &str, partitions: i32) -> Result<()> {
    let outcome = client.create(topic, partitions)?;
    ensure!(outcome == "NONE", "{topic} was not created: {outcome}");
    wait::until(PATIENCE, "the broker tells of the topic", || {
        Ok((client.partitions(topic)? == usize::try_from(partitions)?).then_some(()))
    })
}

/// Parses numbers of partitions.
fn numbers(words: &[&str]) -> Result<Vec<i32>> {
    words.iter().map(|word| Ok(word.parse()?)).collect()
}

/// Parses a partition and an offset.
fn place(words: &[&str]) -> Result<(i32, i64)> {
    let [partition, offset] = words else { bail!("partition and offset, not {words:?}") };
    Ok((partition.parse()?, offset.parse()?))
}
