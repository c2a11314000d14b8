//! The clients: all that can be told the same things, and kcat.

mod failure;
mod go;
pub(crate) mod java;
pub mod kcat;
mod library;
pub mod librdkafka;
pub mod node;
mod program;
pub(crate) mod python;
mod reading;
mod ruling;

pub use failure::{Failure, Unsupported, outcome};
pub use library::Library;
pub use program::Program;

use crate::record::Record;
use anyhow::Result;

/// A real Kafka client, told what to do.
pub trait Client {
    /// Creates a topic; answers with Kafka's name of the outcome, `NONE` when it was created.
    fn create(&mut self, topic: &str, partitions: i32) -> Result<String>;

    /// Raises the number of partitions; answers as [`Client::create`] does.
    fn grow(&mut self, topic: &str, partitions: i32) -> Result<String>;

    /// Deletes a topic; answers as [`Client::create`] does.
    fn delete(&mut self, topic: &str) -> Result<String>;

    /// How many partitions the metadata lists for a topic, 0 where it does not know the topic.
    fn partitions(&mut self, topic: &str) -> Result<usize>;

    /// Produces the records, idempotently where `acks` is `All`; answers with the place of each.
    fn produce_in(
        &mut self,
        way: Way,
        topic: &str,
        codec: Codec,
        acks: Acks,
        records: &[Record],
    ) -> Result<Vec<Place>>;

    /// The same in batches as the client makes them by itself.
    fn produce(
        &mut self,
        topic: &str,
        codec: Codec,
        acks: Acks,
        records: &[Record],
    ) -> Result<Vec<Place>> {
        self.produce_in(Way::Many, topic, codec, acks, records)
    }

    /// Assigns itself all partitions and reads what is there, in each partition's order.
    fn consume(&mut self, topic: &str) -> Result<Vec<Consumed>>;

    /// The bounds of each partition, and the first offset with this timestamp or a later one.
    fn offsets(&mut self, topic: &str, timestamp: i64) -> Result<Vec<Offsets>>;
}

/// How the producer compresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// As gzip does.
    Gzip,
    /// As snappy does, in the framing that Java's library brought into the world.
    Snappy,
    /// In lz4 frames.
    Lz4,
    /// As zstd does.
    Zstd,
}

impl Codec {
    /// All of them.
    pub const ALL: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    /// The name in a client's settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Gzip => "gzip",
            Codec::Snappy => "snappy",
            Codec::Lz4 => "lz4",
            Codec::Zstd => "zstd",
        }
    }
}

/// What the producer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// Nothing: the broker does not answer.
    None,
    /// The leader's own log.
    Leader,
    /// All in-sync replicas; with this, the tests produce idempotently.
    All,
}

impl Acks {
    /// The name in a client's settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Acks::None => "0",
            Acks::Leader => "1",
            Acks::All => "all",
        }
    }
}

/// How the records follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As fast as the client takes them.
    Many,
    /// Each when the one before it has been acknowledged.
    One,
    /// One each 20 ms, by a client that asks again when it has no answer after two seconds.
    Trickle,
}

impl Way {
    /// The word for a client program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Way::Many => "many",
            Way::One => "one",
            Way::Trickle => "trickle",
        }
    }
}

/// Where a consumer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    /// At the first record.
    Beginning,
    /// After the last one.
    End,
    /// At this one.
    At(i64),
}

/// Where a record went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The partition.
    pub partition: i32,
    /// Its offset there, -1 where the broker was not asked.
    pub offset: i64,
}

/// A record as it came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumed {
    /// Its offset.
    pub offset: i64,
    /// What it holds.
    pub record: Record,
}

/// What a partition answers about its offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offsets {
    /// The partition.
    pub partition: i32,
    /// The first offset.
    pub start: i64,
    /// The offset that the next record will get.
    pub end: i64,
    /// The first offset at or after the timestamp asked for, -1 where there is none.
    pub at: i64,
}
