//! Reads as a member of a group: what it is given, from where the group stands.
//!
//! What is written is committed once it is written, every second, and before anything is given up:
//! whoever reads on after a crash may read a little again, and never misses anything.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use client::{
    Client, Commit, Fetch, Fetcher, FetcherConfig, GroupConfig, GroupConsumer, GroupEvent,
};
use tokio::time::{Instant, sleep, sleep_until};
use types::{Offset, TopicPartition};

use super::assigned::go_on;
use super::sink::{Sink, Written};
use super::{Arguments, start};
use crate::stop::Stop;
use crate::{Failure, print, topic};

const COMMIT_INTERVAL: Duration = Duration::from_secs(1);

/// How often a commit is tried again, and after which pause, before what is read is given up.
const COMMITS_MAX: u32 = 10;
const COMMIT_PAUSE: Duration = Duration::from_millis(200);

/// A member that reads.
struct Reader<'a> {
    arguments: &'a Arguments,
    client: Arc<Client>,
    consumer: GroupConsumer,
    fetcher: Fetcher,
    sink: Sink,
    /// What is written and not committed.
    written: BTreeMap<TopicPartition, Offset>,
    /// Where to stop, for those who want to.
    ends: BTreeMap<TopicPartition, Offset>,
    commit_at: Instant,
    /// Whether it was given something, or nothing, at all.
    is_in: bool,
}

/// Whether there is a reason to read on.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    ReadOn,
    End,
    /// Whoever reads what we write is gone.
    NobodyReads,
}

/// Reads until all is read that was asked for, or somebody ends it; then leaves the group.
pub(super) async fn run(arguments: &Arguments, config: GroupConfig) -> Result<(), Failure> {
    let connection = arguments.connect.config().await?;
    let client = Arc::new(Client::connect(connection.clone()).await?);
    topic::find(&client, &arguments.topics).await?;
    let mut stop = Stop::listen()?;
    let mut reader = Reader {
        arguments,
        consumer: GroupConsumer::join(connection, config).await?,
        fetcher: Fetcher::new(Arc::clone(&client), FetcherConfig::new(arguments.isolation())),
        client,
        sink: Sink::new(arguments.form(), arguments.count),
        written: BTreeMap::new(),
        ends: BTreeMap::new(),
        commit_at: Instant::now(),
        is_in: false,
    };
    let outcome = reader.read(&mut stop).await;
    // Also after a failure: what is written is written.
    let committed = reader.commit_all().await;
    reader.consumer.leave().await;
    outcome.and(committed)
}

impl Reader<'_> {
    async fn read(&mut self, stop: &mut Stop) -> Result<(), Failure> {
        while !self.is_done() {
            let must_commit = !self.written.is_empty();
            let next = tokio::select! {
                biased;
                () = stop.requested() => Next::End,
                event = self.consumer.event() => self.heed(event).await?,
                () = sleep_until(self.commit_at), if must_commit => self.commit_some().await?,
                found = self.fetcher.next() => self.write(found?).await?,
            };
            match next {
                Next::ReadOn => {}
                Next::End | Next::NobodyReads => return Ok(()),
            }
        }
        Ok(())
    }

    /// Whether all is read that was asked for.
    fn is_done(&self) -> bool {
        let at_the_end = self.arguments.stops_at_the_end() && self.is_in;
        self.sink.has_enough() || (at_the_end && self.fetcher.positions().is_empty())
    }

    async fn heed(&mut self, event: GroupEvent) -> Result<Next, Failure> {
        match event {
            GroupEvent::Assign(partitions) => {
                if !partitions.is_empty() || self.fetcher.positions().is_empty() {
                    tell("reads", &partitions);
                }
                self.begin(&partitions).await?;
                self.is_in = true;
            }
            GroupEvent::Revoke(partitions, release) => {
                tell("gives up", &partitions);
                self.forget(&partitions);
                self.commit_all().await?;
                drop(release);
            }
            GroupEvent::Lost(partitions) => {
                print::problem(
                    "note: the group has taken this member for dead; what was not committed is read again",
                );
                self.forget(&partitions);
                self.written.retain(|partition, _| !partitions.contains(partition));
            }
            GroupEvent::Failed(error) => return Err(failed(&self.arguments.group_name(), error)),
        }
        Ok(Next::ReadOn)
    }

    /// Begins to read where the group stands, or where the command line says.
    async fn begin(&mut self, partitions: &BTreeSet<TopicPartition>) -> Result<(), Failure> {
        let isolation = self.arguments.isolation();
        let list: Vec<TopicPartition> = partitions.iter().cloned().collect();
        let committed = self.consumer.committed(partitions).await?;
        let bounds = start::bounds(&self.client, &list, isolation).await?;
        let places = start::places(&self.client, self.arguments.from, &bounds, isolation).await?;
        for (partition, bounds) in bounds {
            let stands = committed.get(&partition).map(|committed| committed.offset);
            let offset = match stands {
                Some(offset) if bounds.nearest(offset) != offset => {
                    go_on(&self.client, &partition, offset, self.arguments).await?
                }
                Some(offset) => offset,
                None => places[&partition],
            };
            if self.arguments.stops_at_the_end() {
                self.ends.insert(partition.clone(), bounds.end);
                if offset >= bounds.end {
                    continue;
                }
            }
            self.fetcher.seek(partition, offset);
        }
        Ok(())
    }

    async fn write(&mut self, found: Vec<Fetch>) -> Result<Next, Failure> {
        for fetch in found {
            let batches = match fetch {
                Fetch::Batches(batches) => batches,
                Fetch::OutOfRange(partition, offset) => {
                    let offset = go_on(&self.client, &partition, offset, self.arguments).await?;
                    self.fetcher.seek(partition, offset);
                    continue;
                }
            };
            let partition = batches.partition().clone();
            let end = self.ends.get(&partition).copied();
            match self.sink.write(&batches, end)? {
                Written::Upto(offset) => {
                    if end.is_some_and(|end| offset >= end) {
                        self.fetcher.forget(&partition);
                    }
                    self.written.insert(partition, offset);
                }
                Written::Enough(offset) => {
                    self.written.insert(partition, offset);
                    return Ok(Next::End);
                }
                Written::NobodyReads => return Ok(Next::NobodyReads),
            }
        }
        Ok(Next::ReadOn)
    }

    fn forget(&mut self, partitions: &BTreeSet<TopicPartition>) {
        for partition in partitions {
            self.fetcher.forget(partition);
            self.ends.remove(partition);
        }
    }

    async fn commit_some(&mut self) -> Result<Next, Failure> {
        self.commit_at = Instant::now() + COMMIT_INTERVAL;
        self.commit().await.map(|_| Next::ReadOn)
    }

    /// Commits what is written, and insists on it for a while.
    async fn commit_all(&mut self) -> Result<(), Failure> {
        for _ in 0..COMMITS_MAX {
            if self.written.is_empty() || self.commit().await? != Commit::Later {
                return Ok(());
            }
            sleep(COMMIT_PAUSE).await;
        }
        print::problem("note: what was read last could not be committed; it is read again");
        Ok(())
    }

    async fn commit(&mut self) -> Result<Commit, Failure> {
        let commit = self.consumer.commit(&self.written).await?;
        match commit {
            Commit::Done | Commit::Out => self.written.clear(),
            Commit::Later => {}
        }
        Ok(commit)
    }
}

/// Says to a person who looks on what this member reads.
fn tell(verb: &str, partitions: &BTreeSet<TopicPartition>) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let texts: Vec<String> = partitions.iter().map(ToString::to_string).collect();
    let texts = match texts.is_empty() {
        true => "nothing, since others read all there is".to_owned(),
        false => texts.join(" "),
    };
    print::problem(&format!("note: {verb} {texts}"));
}

/// The membership has ended.
fn failed(group: &str, error: client::CallError) -> Failure {
    use client::ErrorCode;
    let Some(code) = error.refusal().map(|refusal| refusal.code) else { return error.into() };
    let next = if code == ErrorCode::FencedInstanceId {
        ": another member has come with this --instance-id"
    } else if code == ErrorCode::InconsistentGroupProtocol {
        ": its members share out in other ways; name theirs with --assignor, `klamm group describe` shows it"
    } else if code == ErrorCode::GroupMaxSizeReached {
        ": it has as many members as the cluster's group.max.size allows"
    } else {
        ""
    };
    Failure::Failed(format!("group {group} does not take this member: {code}{next}"))
}
