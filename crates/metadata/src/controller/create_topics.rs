//! Topics are created.

use std::collections::{BTreeMap, BTreeSet};

use types::{BrokerId, InvalidTopicName, PartitionIndex, TopicId, TopicIdPartition, TopicName};

use super::{
    AssignmentError, Decision, RECORDS_MAX, Settings, TooManyRecords, assignment::Loads, configs,
};
use crate::{
    image::{ConfigResource, Image, Partition, config_record, partition_record},
    records::{MetadataRecord, TopicRecord},
};

/// One topic that is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTopic {
    /// Its name, as the user gave it.
    pub name: String,
    /// The id it gets: random, drawn for this request.
    pub id: TopicId,
    /// How many partitions and replicas, or which.
    pub layout: Layout,
    /// Its configuration; a key without a value is refused.
    pub configs: Vec<(String, Option<String>)>,
    /// Decides among placements that are equally good.
    pub seed: u64,
}

/// What is to be laid out; -1 stands for the default, as in Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// So many of each.
    Counts {
        /// The number of partitions.
        partitions: i32,
        /// The number of replicas of each.
        replicas: i16,
    },
    /// The brokers of each partition, named by the user. The counts must be -1.
    Manual {
        /// The number of partitions.
        partitions: i32,
        /// The number of replicas of each.
        replicas: i16,
        /// Partition numbers and their brokers, the preferred leader first.
        assignments: Vec<(i32, Vec<BrokerId>)>,
    },
}

/// What became of one topic of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTopicResult {
    /// The name in the request.
    pub name: String,
    /// The topic, or why there is none.
    pub outcome: Result<CreatedTopic, CreateTopicError>,
}

/// A topic that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id.
    pub id: TopicId,
    /// How many partitions it has.
    pub partitions: usize,
    /// How many replicas each has.
    pub replicas: usize,
    /// What is configured for it, by key.
    pub configs: BTreeMap<String, String>,
}

/// Why a topic is not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateTopicError {
    /// The request names the topic more than once.
    #[error("Duplicate topic name.")]
    Repeated,
    /// The log of this name is the quorum's.
    #[error("Creation of internal topic {METADATA_TOPIC} is prohibited.")]
    Metadata,
    /// The name is not legal.
    #[error("Topic name is invalid: {0}")]
    Name(#[from] InvalidTopicName),
    /// Metric names would be the same for both topics.
    #[error("Topic '{name}' collides with existing topic: {existing}")]
    Collision {
        /// The name asked for.
        name: TopicName,
        /// The topic that has it, but for `.` and `_`.
        existing: TopicName,
    },
    /// There is a topic of that name.
    #[error("Topic '{0}' already exists.")]
    Exists(TopicName),
    /// A key has no value.
    #[error("Null value not supported for topic configs: {0}")]
    NullConfig(String),
    /// A key does not exist or cannot have its value.
    #[error("{0}")]
    Config(String),
    /// The user named brokers and a replication factor.
    #[error(
        "A manual partition assignment was specified, but replication factor was not set to -1."
    )]
    ManualWithReplicas,
    /// The user named brokers and a number of partitions.
    #[error("A manual partition assignment was specified, but numPartitions was not set to -1.")]
    ManualWithPartitions,
    /// The user named the brokers of one partition twice.
    #[error("Found multiple manual partition assignments for partition {0}")]
    RepeatedPartition(i32),
    /// The partitions that the user named leave gaps.
    #[error("partitions should be a consecutive 0-based integer sequence")]
    Gap,
    /// The replication factor is not positive.
    #[error("Replication factor must be larger than 0, or -1 to use the default value.")]
    ReplicationFactor,
    /// The number of partitions is not positive.
    #[error("Number of partitions was set to an invalid non-positive value.")]
    Partitions,
    /// Kafka's brokers cannot hold the partitions so.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
}

/// How much configuration one request may write; Kafka's batches have at most 8 MiB.
pub(super) const TEXT_BYTES_MAX: usize = 4 << 20;

/// The topic that no user may create.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// Creates topics, each for itself: one that is refused does not hold up the others.
///
/// With `validate_only` nothing is written, and the answer is what it would have been.
///
/// # Errors
/// When all together would make more than [`RECORDS_MAX`] records; nothing is created then.
pub fn create_topics(
    image: &Image,
    settings: &dyn Settings,
    topics: &[CreateTopic],
    validate_only: bool,
) -> Result<Decision<Vec<CreateTopicResult>>, TooManyRecords> {
    let mut request = Request {
        image,
        settings,
        loads: Loads::of(image),
        collision_keys: BTreeMap::new(),
        records: Vec::new(),
        text_bytes: 0,
    };
    let repeated = repeated_names(topics);
    let mut answer = Vec::with_capacity(topics.len());
    let mut reported = BTreeSet::new();
    for topic in topics {
        let outcome = if repeated.contains(topic.name.as_str()) {
            if !reported.insert(&topic.name) {
                continue;
            }
            Err(CreateTopicError::Repeated)
        } else {
            request.create(topic)?
        };
        answer.push(CreateTopicResult { name: topic.name.clone(), outcome });
    }
    let records = if validate_only { Vec::new() } else { request.records };
    Ok(Decision { records, answer })
}

fn repeated_names(topics: &[CreateTopic]) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    topics.iter().map(|topic| topic.name.as_str()).filter(|name| !seen.insert(*name)).collect()
}

/// One request on its way through its topics.
struct Request<'a> {
    image: &'a Image,
    settings: &'a dyn Settings,
    loads: Loads,
    /// The topics of this request so far, as [`crate::image::Topics::colliding`] compares them.
    collision_keys: BTreeMap<String, TopicName>,
    records: Vec<MetadataRecord>,
    /// The size of the configuration in them.
    text_bytes: usize,
}

type Outcome = Result<CreatedTopic, CreateTopicError>;

impl Request<'_> {
    fn create(&mut self, topic: &CreateTopic) -> Result<Outcome, TooManyRecords> {
        let checked = self.check_name(&topic.name).and_then(|name| {
            let configs = self.check_configs(topic)?;
            let wanted = self.check_layout(&topic.layout)?;
            Ok((name, configs, wanted))
        });
        let (name, configs, wanted) = match checked {
            Ok(checked) => checked,
            Err(refused) => return Ok(Err(refused)),
        };
        self.charge(&configs, wanted)?;
        let partitions = match self.lay_out(topic, wanted) {
            Ok(partitions) => partitions,
            Err(refused) => return Ok(Err(refused)),
        };
        let created = CreatedTopic {
            id: topic.id,
            partitions: partitions.len(),
            replicas: partitions.first().map_or(0, |partition| partition.replicas.len()),
            configs,
        };
        self.write(&name, &created, &partitions);
        self.collision_keys.insert(name.collision_key(), name);
        Ok(Ok(created))
    }

    /// Counts what a topic takes of the batch, before anything is laid out: the numbers come from
    /// the wire.
    fn charge(
        &mut self,
        configs: &BTreeMap<String, String>,
        wanted: Counts,
    ) -> Result<(), TooManyRecords> {
        let texts = configs.iter().map(|(key, value)| key.len() + value.len());
        self.text_bytes += texts.sum::<usize>();
        let records = self.records.len() + 1 + configs.len() + wanted.partitions;
        let is_too_large = records > RECORDS_MAX || self.text_bytes > TEXT_BYTES_MAX;
        if is_too_large { Err(TooManyRecords) } else { Ok(()) }
    }

    fn check_name(&self, name: &str) -> Result<TopicName, CreateTopicError> {
        if name == METADATA_TOPIC {
            return Err(CreateTopicError::Metadata);
        }
        let name = TopicName::parse(name)?;
        if self.image.topics.named(name.as_str()).is_some() {
            return Err(CreateTopicError::Exists(name));
        }
        let in_request = self.collision_keys.get(&name.collision_key());
        if let Some(existing) = self.image.topics.colliding(&name).or(in_request) {
            let existing = existing.clone();
            return Err(CreateTopicError::Collision { name, existing });
        }
        Ok(name)
    }

    fn check_configs(
        &self,
        topic: &CreateTopic,
    ) -> Result<BTreeMap<String, String>, CreateTopicError> {
        let without: Vec<_> = topic
            .configs
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(key, _)| key.as_str())
            .collect();
        if !without.is_empty() {
            return Err(CreateTopicError::NullConfig(without.join(",")));
        }
        let resource = ConfigResource::topic(&topic.name);
        let mut checked = BTreeMap::new();
        for (key, value) in &topic.configs {
            let value = value.as_deref().unwrap_or_default();
            configs::check(self.settings, &resource, key, value)
                .map_err(|unfit| CreateTopicError::Config(unfit.to_string()))?;
            checked.insert(key.clone(), value.to_owned());
        }
        let together = checked.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        self.settings
            .check_together(self.image, &resource, &together)
            .map_err(|unfit| CreateTopicError::Config(unfit.to_string()))?;
        Ok(checked)
    }

    fn check_layout(&self, layout: &Layout) -> Result<Counts, CreateTopicError> {
        match layout {
            Layout::Manual { replicas, .. } if *replicas != -1 => {
                Err(CreateTopicError::ManualWithReplicas)
            }
            Layout::Manual { partitions, .. } if *partitions != -1 => {
                Err(CreateTopicError::ManualWithPartitions)
            }
            Layout::Manual { assignments, .. } => {
                let replicas = assignments.first().map_or(0, |(_, brokers)| brokers.len());
                Ok(Counts { partitions: assignments.len(), replicas })
            }
            Layout::Counts { partitions, replicas } => self.check_counts(*partitions, *replicas),
        }
    }

    fn check_counts(&self, partitions: i32, replicas: i16) -> Result<Counts, CreateTopicError> {
        let partitions = if partitions == -1 {
            self.settings.default_partitions(self.image)
        } else {
            partitions
        };
        let replicas =
            if replicas == -1 { self.settings.default_replicas(self.image) } else { replicas };
        let replicas = positive(i32::from(replicas)).ok_or(CreateTopicError::ReplicationFactor)?;
        let partitions = positive(partitions).ok_or(CreateTopicError::Partitions)?;
        Ok(Counts { partitions, replicas })
    }

    fn lay_out(
        &mut self,
        topic: &CreateTopic,
        wanted: Counts,
    ) -> Result<Vec<Partition>, CreateTopicError> {
        match &topic.layout {
            Layout::Counts { .. } => {
                let Counts { partitions, replicas } = wanted;
                Ok(self.loads.place(self.image, None, partitions, replicas, topic.seed)?)
            }
            Layout::Manual { assignments, .. } => self.take_manual(assignments, wanted.replicas),
        }
    }

    fn take_manual(
        &mut self,
        assignments: &[(i32, Vec<BrokerId>)],
        replicas: usize,
    ) -> Result<Vec<Partition>, CreateTopicError> {
        let mut by_number = BTreeMap::new();
        for (number, brokers) in assignments {
            if by_number.contains_key(number) {
                return Err(CreateTopicError::RepeatedPartition(*number));
            }
            let expected = (!by_number.is_empty()).then_some(replicas);
            let partition = self.loads.take(self.image, *number, brokers, expected)?;
            by_number.insert(*number, partition);
        }
        if (0..).zip(by_number.keys()).any(|(expected, number)| expected != *number) {
            return Err(CreateTopicError::Gap);
        }
        Ok(by_number.into_values().collect())
    }

    /// The topic comes first, its configuration before its partitions.
    fn write(&mut self, name: &TopicName, created: &CreatedTopic, partitions: &[Partition]) {
        let topic = TopicRecord { name: name.as_str().into(), topic_id: created.id.0 };
        self.records.push(topic.into());
        let resource = ConfigResource::topic(name.as_str());
        for (key, value) in &created.configs {
            self.records.push(config_record(&resource, key, Some(value)).into());
        }
        for (number, partition) in (0..).zip(partitions) {
            let id = TopicIdPartition { topic: created.id, partition: PartitionIndex(number) };
            self.records.push(partition_record(id, partition).into());
        }
    }
}

/// How much is asked for, checked.
#[derive(Clone, Copy)]
struct Counts {
    partitions: usize,
    replicas: usize,
}

fn positive(number: i32) -> Option<usize> {
    usize::try_from(number).ok().filter(|number| *number > 0)
}
