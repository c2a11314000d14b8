//! Reads partitions on and on, each from its leader.
//!
//! Of each broker one request is on its way at a time; it waits there until there is something.
//! Leaders that move and brokers that are started again are followed for as long as `patience` says.
//! What the batches hold is read in `reading`; where to begin is the caller's matter.

mod flight;
mod reading;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use protocol::ErrorCode;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};
use types::{BrokerId, Offset, TopicName, TopicPartition};

use crate::{CallError, Client, PartitionError, Wanted};

use flight::{Answer, Flight, Landed};
pub use reading::{FetchedBatches, ReadError};

/// Which records of transactions are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// All, also of transactions that are aborted or not decided.
    ReadUncommitted,
    /// Only what is committed, up to the first transaction that is not decided.
    ReadCommitted,
}

impl Isolation {
    pub(crate) fn number(self) -> i8 {
        match self {
            Isolation::ReadUncommitted => 0,
            Isolation::ReadCommitted => 1,
        }
    }
}

/// How a fetcher works.
#[derive(Debug, Clone, Copy)]
pub struct FetcherConfig {
    /// Which records are read.
    pub isolation: Isolation,
    /// How long a broker may wait for the first record.
    pub wait_max: Duration,
    /// How much one answer may hold.
    pub bytes_max: i32,
    /// How much of it one partition may take.
    pub partition_bytes_max: i32,
    /// For how long a partition may not be readable.
    pub patience: Duration,
}

impl FetcherConfig {
    /// The limits of Java's consumer, and patience for a broker that is started again.
    #[must_use]
    pub fn new(isolation: Isolation) -> FetcherConfig {
        FetcherConfig {
            isolation,
            wait_max: Duration::from_millis(500),
            bytes_max: 50 * 1024 * 1024,
            partition_bytes_max: 1024 * 1024,
            patience: Duration::from_secs(120),
        }
    }
}

/// What was found in a partition.
#[derive(Debug)]
pub enum Fetch {
    /// Batches; the position is behind them from now on.
    Batches(FetchedBatches),
    /// There is nothing at this position: the log begins behind it, or ends before. The partition is
    /// no longer read until it is given another position.
    OutOfRange(TopicPartition, Offset),
}

/// Reads partitions from their positions on.
#[derive(Debug)]
pub struct Fetcher {
    client: Arc<Client>,
    config: FetcherConfig,
    positions: BTreeMap<TopicPartition, Offset>,
    busy: BTreeSet<BrokerId>,
    flights: JoinSet<Landed>,
    /// Since when a partition cannot be read, and why.
    troubles: BTreeMap<TopicPartition, (Instant, PartitionError)>,
    /// When to ask who leads; no partition in trouble is read before.
    ask_at: Option<Instant>,
}

/// How long to leave alone brokers that cannot answer yet.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the question may take who leads.
const ASK_WAIT_MAX: Duration = Duration::from_secs(5);

impl Fetcher {
    /// One that reads nothing yet.
    #[must_use]
    pub fn new(client: Arc<Client>, config: FetcherConfig) -> Fetcher {
        Fetcher {
            client,
            config,
            positions: BTreeMap::new(),
            busy: BTreeSet::new(),
            flights: JoinSet::new(),
            troubles: BTreeMap::new(),
            ask_at: None,
        }
    }

    /// Reads this partition from here on.
    pub fn seek(&mut self, partition: TopicPartition, offset: Offset) {
        self.positions.insert(partition, offset);
    }

    /// Reads this partition no longer.
    pub fn forget(&mut self, partition: &TopicPartition) {
        self.positions.remove(partition);
        self.troubles.remove(partition);
    }

    /// What is read, and from where on.
    #[must_use]
    pub fn positions(&self) -> &BTreeMap<TopicPartition, Offset> {
        &self.positions
    }

    /// Waits for the next records. May be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// A partition could not be read for longer than the patience lasts, or never will.
    pub async fn next(&mut self) -> Result<Vec<Fetch>, PartitionError> {
        loop {
            self.ask_who_leads().await?;
            self.take_off()?;
            let found = match self.ask_at {
                Some(at) => tokio::select! {
                    Some(landed) = self.flights.join_next() => self.land(landed)?,
                    () = sleep_until(at) => Vec::new(),
                },
                None => match self.flights.join_next().await {
                    Some(landed) => self.land(landed)?,
                    // There is nothing to read.
                    None => std::future::pending().await,
                },
            };
            if !found.is_empty() {
                // While the caller looks at these the next ones come. What is wrong with others is
                // found again when he comes back.
                drop(self.take_off());
                return Ok(found);
            }
        }
    }

    /// Sends a request to every broker that leads something and has none to answer.
    fn take_off(&mut self) -> Result<(), PartitionError> {
        let cluster = self.client.known();
        let mut by_leader: BTreeMap<BrokerId, Flight> = BTreeMap::new();
        let mut leaderless = Vec::new();
        for (partition, offset) in &self.positions {
            if self.ask_at.is_some() && self.troubles.contains_key(partition) {
                continue;
            }
            match cluster.leader(&partition.topic, partition.partition) {
                Some((_, leader)) if self.busy.contains(&leader) => {}
                Some((id, leader)) => {
                    let flight = by_leader.entry(leader).or_default();
                    flight.add(partition, id, *offset, cluster.leader_epoch(partition));
                }
                None => leaderless.push(partition.clone()),
            }
        }
        for (leader, flight) in by_leader {
            self.busy.insert(leader);
            self.flights.spawn(flight.fly(Arc::clone(&self.client), leader, self.config));
        }
        for partition in leaderless {
            self.trouble(&partition, cluster.why_leaderless(&partition))?;
        }
        Ok(())
    }

    fn land(
        &mut self,
        landed: Result<Landed, tokio::task::JoinError>,
    ) -> Result<Vec<Fetch>, PartitionError> {
        let landed = landed.expect("a fetch neither panics nor is aborted");
        self.busy.remove(&landed.leader);
        let mut found = Vec::new();
        for (partition, asked, answer) in landed.answers {
            // Somebody may have changed his mind meanwhile.
            if self.positions.get(&partition) != Some(&asked) {
                continue;
            }
            match answer {
                Answer::Batches(batches) => {
                    self.troubles.remove(&partition);
                    if let Some(batches) = batches {
                        self.positions.insert(partition, batches.next_offset());
                        found.push(Fetch::Batches(batches));
                    }
                }
                Answer::Failed(error) if is_out_of_range(&error) => {
                    self.forget(&partition);
                    found.push(Fetch::OutOfRange(partition, asked));
                }
                Answer::Failed(error) => self.trouble(&partition, error)?,
            }
        }
        Ok(found)
    }

    /// The partition cannot be read at the moment.
    fn trouble(
        &mut self,
        partition: &TopicPartition,
        error: PartitionError,
    ) -> Result<(), PartitionError> {
        let since = self.troubles.get(partition).map(|(since, _)| *since);
        let lasted = since.map_or(Duration::ZERO, |since| since.elapsed());
        if !may_go_away(&error) || lasted > self.config.patience {
            return Err(error);
        }
        note(&mut self.troubles, partition, error);
        self.ask_at.get_or_insert_with(|| Instant::now() + PAUSE);
        Ok(())
    }

    /// When it is time, learns who leads the partitions that are in trouble.
    async fn ask_who_leads(&mut self) -> Result<(), PartitionError> {
        if self.ask_at.is_none_or(|at| at > Instant::now()) {
            return Ok(());
        }
        let mut topics: Vec<TopicName> =
            self.troubles.keys().map(|partition| partition.topic.clone()).collect();
        topics.dedup();
        let asked = self.client.cluster(Wanted::Topics(&topics));
        let answered = tokio::time::timeout(ASK_WAIT_MAX, asked).await;
        let cluster = self.client.known();
        let has_leader = |partition: &TopicPartition| {
            cluster.leader(&partition.topic, partition.partition).is_some()
        };
        if matches!(answered, Ok(Ok(_))) && self.troubles.keys().all(has_leader) {
            self.ask_at = None;
            return Ok(());
        }
        self.ask_at = Some(Instant::now() + PAUSE);
        let patience = self.config.patience;
        let hopeless = self.troubles.values().find(|(since, _)| since.elapsed() > patience);
        hopeless.map_or(Ok(()), |(_, error)| Err(error.clone()))
    }
}

/// Remembers since when, and says it once.
fn note(
    troubles: &mut BTreeMap<TopicPartition, (Instant, PartitionError)>,
    partition: &TopicPartition,
    error: PartitionError,
) {
    match troubles.get_mut(partition) {
        Some((_, last)) => *last = error,
        None => {
            tracing::info!("cannot read {partition} for now: {error}");
            troubles.insert(partition.clone(), (Instant::now(), error));
        }
    }
}

fn is_out_of_range(error: &PartitionError) -> bool {
    matches!(error, PartitionError::Refused { refusal, .. } if refusal.code == ErrorCode::OffsetOutOfRange)
}

fn may_go_away(error: &PartitionError) -> bool {
    match error {
        PartitionError::NoLeader { .. } => true,
        PartitionError::Refused { refusal, .. } => refusal.code.is_retriable(),
        PartitionError::Call(call) => match call {
            CallError::Connect(_)
            | CallError::UnknownBroker(_)
            | CallError::TimedOut { .. }
            | CallError::Broken { .. } => true,
            CallError::Refused { refusal, .. } => refusal.code.is_retriable(),
            CallError::NoAddress
            | CallError::Unsupported { .. }
            | CallError::Encode { .. }
            | CallError::Decode { .. } => false,
        },
    }
}
