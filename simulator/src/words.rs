//! What clients and the node say to each other, as far as a client sees it.

use std::{fmt, time::Duration};

use bytes::Bytes;
use node::coordinator::{
    answer::Answer,
    request::{GroupPartition, Request},
};
use types::{Offset, PartitionIndex, ProducerEpoch, ProducerId, TopicName, TopicPartition, Uuid};

use crate::plan::TopicPlan;

/// The group that all members of a run belong to.
pub(crate) const GROUP: &str = "group";

/// A partition of the run, by its topic's number in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The topic's number.
    pub(crate) topic: usize,
    /// The partition.
    pub(crate) partition: i32,
}

impl Place {
    /// The topic's name.
    #[must_use]
    pub(crate) fn topic_name(self) -> TopicName {
        let name = format!("topic-{}", self.topic);
        TopicName::parse(&name).expect("such a name follows Kafka's rules")
    }

    /// The partition as groups name it.
    #[must_use]
    pub(crate) fn in_group(self) -> GroupPartition {
        GroupPartition {
            topic: self.topic_name().as_str().into(),
            partition: PartitionIndex(self.partition),
        }
    }

    /// The partition that groups name so.
    #[must_use]
    pub(crate) fn of(partition: &GroupPartition) -> Place {
        let number = partition.topic.strip_prefix("topic-").map(str::parse);
        let topic = number.and_then(Result::ok).expect("members name topics of the run only");
        Place { topic, partition: partition.partition.0 }
    }

    /// The partition as the node names it.
    #[must_use]
    pub(crate) fn name(self) -> TopicPartition {
        TopicPartition { topic: self.topic_name(), partition: PartitionIndex(self.partition) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "topic-{}-{}", self.topic, self.partition)
    }
}

/// The one record in the world that is this producer's so-many-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value {
    /// The producer's number among the clients.
    pub(crate) producer: u32,
    /// Which of its records it is.
    pub(crate) number: u64,
}

impl Value {
    /// The record's bytes: who and which, then padding up to `size`.
    #[must_use]
    pub(crate) fn encode(self, size: usize) -> Vec<u8> {
        let mut bytes = self.producer.to_be_bytes().to_vec();
        bytes.extend(self.number.to_be_bytes());
        let padding = u8::try_from(self.number % 251).expect("a remainder of 251 fits a byte");
        bytes.resize(size.max(bytes.len()), padding);
        bytes
    }

    /// The key that the record has in a compacted topic: most come again soon, some only after long.
    #[must_use]
    pub(crate) fn key(self) -> u8 {
        let key = match self.number % 4 {
            0 => 7 + self.number / 4 % 200,
            _ => self.number % 7,
        };
        u8::try_from(key).expect("there are 207 keys")
    }

    /// The value in a record's bytes; none when they are not what was encoded.
    #[must_use]
    pub(crate) fn decode(bytes: &[u8]) -> Option<Value> {
        let producer = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
        let number = u64::from_be_bytes(bytes.get(4..12)?.try_into().ok()?);
        let value = Value { producer, number };
        (value.encode(bytes.len()) == bytes).then_some(value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.producer, self.number)
    }
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    /// A producer id.
    ProducerId,
    /// To append a batch and be told when it is safe (acks=all).
    Produce {
        /// Where to.
        place: Place,
        /// The batch.
        batch: Bytes,
    },
    /// To read, at least one batch if there is one.
    Fetch {
        /// Where from.
        place: Place,
        /// The offset to begin with.
        offset: Offset,
        /// How long to wait for something to read.
        wait: Duration,
        /// How much to read at most.
        bytes_max: usize,
    },
    /// To delete what lies before an offset, or before the high watermark when that is -1.
    DeleteRecords {
        /// Where.
        place: Place,
        /// The first offset that stays.
        before: Offset,
    },
    /// To have the group's coordinator do something.
    Group(Box<Request>),
    /// To be told what the group has committed.
    Committed {
        /// For these partitions.
        places: Vec<Place>,
    },
    /// To create the topics of the plan.
    CreateTopics {
        /// The topics.
        topics: Vec<TopicPlan>,
        /// The ids they get.
        ids: Vec<Uuid>,
    },
}

impl fmt::Display for Ask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ask::ProducerId => write!(formatter, "producer id"),
            Ask::Produce { place, batch } => {
                write!(formatter, "produce {} bytes to {place}", batch.len())
            }
            Ask::Fetch { place, offset, .. } => write!(formatter, "fetch {place} from {offset}"),
            Ask::DeleteRecords { place, before } => {
                write!(formatter, "delete what is before {before} of {place}")
            }
            Ask::Group(request) => write!(formatter, "{request:?}"),
            Ask::Committed { places } => {
                write!(formatter, "what is committed of {} partitions", places.len())
            }
            Ask::CreateTopics { topics, .. } => write!(formatter, "create {} topics", topics.len()),
        }
    }
}

/// What a client is told.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A producer id.
    ProducerId(ProducerId, ProducerEpoch),
    /// The batch is safe, its first record at this offset.
    Produced(Offset),
    /// What was read.
    Fetched {
        /// Whole batches.
        records: Bytes,
        /// The end of what may be read.
        high_watermark: Offset,
        /// The first offset there is.
        log_start: Offset,
    },
    /// The records are gone for good; the log starts here.
    Deleted(Offset),
    /// What the group's coordinator says.
    Group(Answer),
    /// What the group has committed, with the tag of the commit.
    Committed(Vec<(Place, Option<(Offset, u64)>)>),
    /// The topics are there.
    TopicsCreated,
    /// It cannot be done.
    Refused(Refusal),
}

impl fmt::Display for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::ProducerId(id, epoch) => write!(formatter, "producer id {id} epoch {epoch}"),
            Reply::Produced(offset) => write!(formatter, "produced at {offset}"),
            Reply::Fetched { records, high_watermark, log_start } => write!(
                formatter,
                "fetched {} bytes, log from {log_start} to {high_watermark}",
                records.len()
            ),
            Reply::Deleted(start) => write!(formatter, "deleted, log from {start}"),
            Reply::Group(answer) => write!(formatter, "{answer:?}"),
            Reply::Committed(offsets) => write!(formatter, "committed is {offsets:?}"),
            Reply::TopicsCreated => formatter.write_str("topics are there"),
            Reply::Refused(refusal) => write!(formatter, "refused: {refusal:?}"),
        }
    }
}

/// A member's assignment: two bytes for each partition. What it says is between the members.
#[must_use]
pub(crate) fn assignment_of(places: &[Place]) -> Bytes {
    let byte = |number: usize| u8::try_from(number).expect("a run has few topics and partitions");
    let pair = |place: &Place| {
        let partition = usize::try_from(place.partition).expect("a partition's number");
        [byte(place.topic), byte(partition)]
    };
    places.iter().flat_map(pair).collect()
}

/// The partitions in an assignment.
#[must_use]
pub(crate) fn places_in(assignment: &[u8]) -> Vec<Place> {
    let pairs = assignment.chunks_exact(2);
    pairs.map(|pair| Place { topic: pair[0].into(), partition: pair[1].into() }).collect()
}

/// The tag that a member has left with an offset.
#[must_use]
pub(crate) fn tag_of(metadata: &str) -> u64 {
    // What is no tag was never left: no commit has this one.
    metadata.parse().unwrap_or(u64::MAX)
}

/// Why something cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not here or not at this moment: whether it was done is unknown.
    TryAgain,
    /// The batch does not follow the producer's last one.
    OutOfOrder,
    /// There is no such offset.
    OutOfRange,
    /// Something that no client of this run gives cause for.
    Unexpected,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_back_from_its_bytes_unless_one_is_wrong() {
        let value = Value { producer: 3, number: 700 };
        let bytes = value.encode(40);
        assert_eq!(bytes.len(), 40);
        assert_eq!(Value::decode(&bytes), Some(value));
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1;
            assert_ne!(Value::decode(&damaged), Some(value));
        }
    }
}
