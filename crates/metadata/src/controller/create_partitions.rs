//! Topics get more partitions.

use std::collections::{BTreeMap, BTreeSet};

use types::{BrokerId, PartitionIndex, TopicIdPartition};

use super::{AssignmentError, Decision, RECORDS_MAX, TooManyRecords, assignment::Loads};
use crate::{
    image::{Image, Partition, Topic, partition_record},
    records::MetadataRecord,
};

/// One topic that is to grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddPartitions {
    /// Its name.
    pub topic: String,
    /// How many partitions it shall have in the end.
    pub count: i32,
    /// The brokers of each new partition, when the user names them.
    pub assignments: Option<Vec<Vec<BrokerId>>>,
    /// Decides among placements that are equally good.
    pub seed: u64,
}

/// What became of one topic of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddPartitionsResult {
    /// The name in the request.
    pub topic: String,
    /// Whether the partitions were added.
    pub outcome: Result<(), AddPartitionsError>,
}

/// Why a topic does not grow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddPartitionsError {
    /// The request names the topic more than once.
    #[error("Duplicate topic name.")]
    Repeated,
    /// There is no such topic.
    #[error("This server does not host this topic-partition.")]
    UnknownTopic,
    /// It has as many already.
    #[error("Topic already has {0} partition(s).")]
    Unchanged(usize),
    /// It has more already, and partitions cannot be taken away.
    #[error(
        "The topic {topic} currently has {current} partition(s); {wanted} would not be an increase."
    )]
    Shrinks {
        /// The topic.
        topic: String,
        /// What it has.
        current: usize,
        /// What was asked for.
        wanted: i32,
    },
    /// The user named brokers for more or fewer partitions.
    #[error(
        "Attempted to add {added} additional partition(s), but only {given} assignment(s) were \
         specified."
    )]
    Assignments {
        /// How many partitions are new.
        added: usize,
        /// How many assignments there are.
        given: usize,
    },
    /// The brokers cannot hold the partitions so.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
}

/// Adds partitions to topics, each for itself. Existing ones stay where they are.
///
/// A topic that is named twice is refused once and stays as it is. With `validate_only` nothing is
/// written, and the answer is what it would have been.
///
/// # Errors
/// When all together would make more than [`RECORDS_MAX`] records; nothing is added then.
pub fn create_partitions(
    image: &Image,
    topics: &[AddPartitions],
    validate_only: bool,
) -> Result<Decision<Vec<AddPartitionsResult>>, TooManyRecords> {
    let mut loads = Loads::of(image);
    let (mut records, mut answer) = (Vec::new(), Vec::with_capacity(topics.len()));
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    topics.iter().for_each(|growth| *named.entry(&growth.topic).or_default() += 1);
    let mut answered = BTreeSet::new();
    for growth in topics.iter().filter(|growth| answered.insert(&growth.topic)) {
        let outcome = if named[&*growth.topic] > 1 {
            Err(AddPartitionsError::Repeated)
        } else {
            match check(image, growth) {
                Ok((_, added)) if records.len() + added > RECORDS_MAX => {
                    return Err(TooManyRecords);
                }
                Ok((topic, added)) => lay_out(image, &mut loads, topic, growth, added)
                    .map(|partitions| records.extend(records_of(topic, &partitions))),
                Err(refused) => Err(refused),
            }
        };
        answer.push(AddPartitionsResult { topic: growth.topic.clone(), outcome });
    }
    let records = if validate_only { Vec::new() } else { records };
    Ok(Decision { records, answer })
}

/// The topic, and how many partitions are new.
fn check<'a>(
    image: &'a Image,
    growth: &AddPartitions,
) -> Result<(&'a Topic, usize), AddPartitionsError> {
    let topic = image.topics.named(&growth.topic).ok_or(AddPartitionsError::UnknownTopic)?;
    let current = topic.partition_count();
    let wanted = usize::try_from(growth.count).unwrap_or(0);
    if wanted == current {
        return Err(AddPartitionsError::Unchanged(current));
    }
    if wanted < current {
        let (topic, wanted) = (growth.topic.clone(), growth.count);
        return Err(AddPartitionsError::Shrinks { topic, current, wanted });
    }
    let added = wanted - current;
    match &growth.assignments {
        Some(given) if given.len() != added => {
            Err(AddPartitionsError::Assignments { added, given: given.len() })
        }
        Some(_) | None => Ok((topic, added)),
    }
}

fn lay_out(
    image: &Image,
    loads: &mut Loads,
    topic: &Topic,
    growth: &AddPartitions,
    added: usize,
) -> Result<Vec<Partition>, AddPartitionsError> {
    let replicas = topic.partitions().next().map_or(1, |(_, first)| first.replicas.len());
    let Some(assignments) = &growth.assignments else {
        return Ok(loads.place(image, Some(topic.id), added, replicas, growth.seed)?);
    };
    let first = first_new(topic);
    let taken = (first..)
        .zip(assignments)
        .map(|(number, brokers)| loads.take(image, number, brokers, Some(replicas)));
    Ok(taken.collect::<Result<_, _>>()?)
}

fn records_of(topic: &Topic, partitions: &[Partition]) -> Vec<MetadataRecord> {
    let id = |number| TopicIdPartition { topic: topic.id, partition: PartitionIndex(number) };
    (first_new(topic)..)
        .zip(partitions)
        .map(|(number, partition)| partition_record(id(number), partition).into())
        .collect()
}

/// The number of the first partition that is new.
fn first_new(topic: &Topic) -> i32 {
    i32::try_from(topic.partition_count()).expect("partitions are numbered by an i32")
}
