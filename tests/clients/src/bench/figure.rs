//! What is measured, each with its unit.

use super::production::Production;

/// One quantity; a smaller one is better, but for those in megabytes a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// The broker's processor time for each message of the messaging case.
    MessageProcessor,
    /// What of a hundred messages half take at most, from the producer to the consumer.
    EndToEndP50,
    /// The same of 99.
    EndToEndP99,
    /// The same of 99.9.
    EndToEndP999,
    /// The broker's processor time for what is produced.
    ProduceProcessor(Production),
    /// How fast it was produced.
    ProduceRate(Production),
    /// The broker's processor time for what is read, by librdkafka from the page cache.
    ConsumeProcessor,
    /// How fast it is read by a client that throws it away.
    FetchRate,
    /// What a broker that nobody asks anything holds in memory.
    IdleMemory,
    /// What of it is not a file's.
    IdleAnonymous,
    /// The most that a broker held while it was measured.
    LoadMemory,
    /// The most that was not a file's.
    LoadAnonymous,
    /// The most that was.
    LoadFiles,
    /// From exec to the first answer.
    StartToAnswer,
    /// From exec to the first acknowledgement, for a client that starts after the first answer.
    StartToRecord,
    /// From the signal to the first acknowledgement by the successor.
    RestartToRecord,
    /// The processor time of a broker that nobody asks anything.
    IdleProcessor,
}

impl Figure {
    /// What a person calls it.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Figure::MessageProcessor => "messaging case: processor for each message",
            Figure::EndToEndP50 => "messaging case: end to end, p50",
            Figure::EndToEndP99 => "messaging case: end to end, p99",
            Figure::EndToEndP999 => "messaging case: end to end, p99.9",
            Figure::ProduceProcessor(what) => return format!("produce {}: processor", what.name()),
            Figure::ProduceRate(what) => return format!("produce {}: rate", what.name()),
            Figure::ConsumeProcessor => "consume 1 KiB from the page cache: processor",
            Figure::FetchRate => "fetch from the page cache and discard: rate",
            Figure::IdleMemory => "memory, idle",
            Figure::IdleAnonymous => "memory, idle: anonymous",
            Figure::LoadMemory => "memory, at most under load",
            Figure::LoadAnonymous => "memory, at most under load: anonymous",
            Figure::LoadFiles => "memory, at most under load: files",
            Figure::StartToAnswer => "start: from exec to the first answer",
            Figure::StartToRecord => "start: from exec to the first acknowledged message",
            Figure::RestartToRecord => "restart: from SIGKILL to the first acknowledged message",
            Figure::IdleProcessor => "processor, idle",
        };
        name.to_owned()
    }

    /// What it is counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Figure::MessageProcessor => "µs",
            Figure::EndToEndP50
            | Figure::EndToEndP99
            | Figure::EndToEndP999
            | Figure::StartToAnswer
            | Figure::StartToRecord
            | Figure::RestartToRecord => "ms",
            Figure::ProduceProcessor(_) | Figure::ConsumeProcessor => "s/GB",
            Figure::ProduceRate(_) | Figure::FetchRate => "MB/s",
            Figure::IdleMemory
            | Figure::IdleAnonymous
            | Figure::LoadMemory
            | Figure::LoadAnonymous
            | Figure::LoadFiles => "MiB",
            Figure::IdleProcessor => "% of a core",
        }
    }
}
