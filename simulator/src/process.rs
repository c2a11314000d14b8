//! One process: a node between its start and its end, and its words turned into those of clients.

use std::{path::PathBuf, sync::Arc, time::Duration};

use configuration::{Layers, Texts};
use node::{
    Config, Effects, Endpoint, Formatting, Node, Ticket, TopicConfig,
    answer::{Answer, DeleteRecordsError, Fetched, PartitionError, ProduceError},
    control::{Command, Outcome, Request},
    coordinator::{GroupId, answer::FetchedOffset, request::WantedOffset},
    metadata::controller::{CreateTopic, CreateTopicError, Layout},
    request::{
        Acks, DeleteRecords, DeleteRecordsPartition, Fetch, FetchPartition, Isolation, Produce,
        ProducePartition, TopicRef,
    },
};
use runtime::{
    Disk, Random,
    simulated::{SimDisk, SimRandom},
};
use types::{BrokerId, DirectoryId, Now, Offset, PartitionIndex, TopicId, Uuid};

use crate::{
    invariants::View,
    plan::{GroupPlan, Plan, TopicPlan},
    words::{Ask, GROUP, Place, Refusal, Reply, tag_of},
};

/// The folder that all is in.
pub(crate) const DATA: &str = "/data";

/// A running node.
#[derive(Debug)]
pub(crate) struct Process {
    /// Which process of the run it is.
    pub(crate) number: u64,
    /// The node.
    pub(crate) node: Node,
    /// It says that clients may come.
    pub(crate) is_serving: bool,
    /// It was asked to stop.
    pub(crate) is_stopping: bool,
    /// It was asked to stop when all its logs were open.
    pub(crate) stops_in_order: bool,
    /// Its disk was full or failed at some time.
    pub(crate) had_trouble: bool,
}

impl Process {
    /// Starts a process on what lies on the disk.
    pub(crate) fn start(
        number: u64,
        plan: &Plan,
        disk: &SimDisk,
        now: Now,
        random: &mut SimRandom,
        effects: &mut Effects,
    ) -> Result<Process, String> {
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        let node = Node::open(config(plan, random), &disk, now).map_err(|e| e.to_string())?;
        node.control(now, Command::Start, effects);
        Ok(Process {
            number,
            node,
            is_serving: false,
            is_stopping: false,
            stops_in_order: false,
            had_trouble: false,
        })
    }

    /// Hands a client's wish to the node.
    pub(crate) fn ask(&self, now: Now, ticket: Ticket, ask: &Ask, effects: &mut Effects) {
        match ask {
            Ask::ProducerId => self.node.init_producer_id(now, ticket, effects),
            Ask::Produce { place, batch } => {
                let (topic, partition) = named(*place);
                let records = batch.clone();
                let request = Produce {
                    acks: Acks::All,
                    timeout: Duration::from_secs(2),
                    zstd_allowed: true,
                    internal_allowed: false,
                    partitions: vec![ProducePartition { topic, partition, records }],
                };
                self.node.produce(now, ticket, request, effects);
            }
            Ask::Fetch { place, offset, wait, bytes_max } => {
                let (topic, partition) = named(*place);
                let partition = FetchPartition {
                    topic,
                    partition,
                    current_epoch: None,
                    last_fetched_epoch: None,
                    offset: *offset,
                    bytes_max: *bytes_max,
                };
                let request = Fetch {
                    isolation: Isolation::Uncommitted,
                    wait_max: *wait,
                    bytes_min: 1,
                    bytes_max: 2 * bytes_max,
                    partitions: vec![partition],
                };
                self.node.fetch(now, ticket, request, effects);
            }
            Ask::DeleteRecords { place, before } => {
                let (topic, partition) = named(*place);
                let partition = DeleteRecordsPartition { topic, partition, before: *before };
                let request =
                    DeleteRecords { timeout: Duration::from_secs(2), partitions: vec![partition] };
                self.node.delete_records(now, ticket, &request, effects);
            }
            Ask::Group(request) => {
                self.node.coordinate(now, ticket, (**request).clone(), effects);
            }
            // The shell answers, since the node does so at once.
            Ask::Committed { .. } => {}
            Ask::CreateTopics { topics, ids } => {
                let topics = topics.iter().zip(ids).enumerate().map(create_topic).collect();
                let request = Request::CreateTopics { topics, validate_only: false };
                self.node.control(now, Command::Request { ticket, request }, effects);
            }
        }
    }

    /// What the group has committed.
    pub(crate) fn committed(&self, places: &[Place]) -> Reply {
        let wanted = |place: &Place| WantedOffset { partition: place.in_group(), topic_id: None };
        let wanted: Vec<_> = places.iter().map(wanted).collect();
        match self.node.fetch_offsets(&GroupId(GROUP.into()), &wanted, false) {
            Ok(fetched) => Reply::Committed(fetched.into_iter().map(committed).collect()),
            Err(_) => Reply::Refused(Refusal::TryAgain),
        }
    }

    /// What can be seen of the node.
    #[must_use]
    pub(crate) fn view(&self) -> View {
        let partitions = self.node.partitions();
        View {
            process: self.number,
            partitions: partitions.into_iter().map(|seen| (seen.name.clone(), seen)).collect(),
            quorum: self.node.quorum(),
        }
    }
}

/// What the node answered, as the client understands it.
#[must_use]
pub(crate) fn reply(answer: Answer) -> Reply {
    match answer {
        Answer::ProducerId(Ok((id, epoch))) => Reply::ProducerId(id, epoch),
        Answer::ProducerId(Err(_)) => Reply::Refused(Refusal::TryAgain),
        Answer::Produce(mut results) => match results.pop() {
            Some(Ok(produced)) => Reply::Produced(produced.base_offset),
            Some(Err(error)) => Reply::Refused(produce_refusal(&error)),
            None => Reply::Refused(Refusal::Unexpected),
        },
        Answer::Fetch(mut results) => match results.pop() {
            Some(fetched) => fetched_reply(&fetched),
            None => Reply::Refused(Refusal::Unexpected),
        },
        Answer::DeleteRecords(mut outcomes) => match outcomes.pop() {
            Some(Ok(start)) => Reply::Deleted(start),
            Some(Err(error)) => Reply::Refused(deletion_refusal(&error)),
            None => Reply::Refused(Refusal::Unexpected),
        },
        Answer::Group(answer) => Reply::Group(answer),
        Answer::Control(Outcome::CreateTopics(results)) => {
            let is_there = |outcome: &Result<_, CreateTopicError>| {
                matches!(outcome, Ok(_) | Err(CreateTopicError::Exists(_)))
            };
            if results.iter().all(|result| is_there(&result.outcome)) {
                Reply::TopicsCreated
            } else {
                Reply::Refused(Refusal::Unexpected)
            }
        }
        Answer::Control(
            Outcome::DeleteTopics(_)
            | Outcome::AlterConfigs(_)
            | Outcome::CreatePartitions(_)
            | Outcome::UpdateFeatures(_)
            | Outcome::DescribeQuorum(_)
            | Outcome::Refused(_),
        ) => Reply::Refused(Refusal::TryAgain),
    }
}

fn produce_refusal(error: &ProduceError) -> Refusal {
    match error {
        ProduceError::OutOfOrderSequence(_) => Refusal::OutOfOrder,
        ProduceError::Partition(_) | ProduceError::Disk(_) | ProduceError::TimedOut => {
            Refusal::TryAgain
        }
        ProduceError::Invalid(_)
        | ProduceError::ExceedsSegment(_)
        | ProduceError::InternalTopic(_)
        | ProduceError::InvalidProducerEpoch(_)
        | ProduceError::OutsideTransaction(_) => Refusal::Unexpected,
    }
}

fn deletion_refusal(error: &DeleteRecordsError) -> Refusal {
    match error {
        DeleteRecordsError::Partition(PartitionError::OffsetOutOfRange) => Refusal::OutOfRange,
        DeleteRecordsError::Partition(_)
        | DeleteRecordsError::TimedOut { .. }
        | DeleteRecordsError::Disk(_) => Refusal::TryAgain,
        DeleteRecordsError::InternalTopic | DeleteRecordsError::Policy => Refusal::Unexpected,
    }
}

fn fetched_reply(fetched: &Fetched) -> Reply {
    match &fetched.error {
        Some(PartitionError::OffsetOutOfRange) => return Reply::Refused(Refusal::OutOfRange),
        Some(_) => return Reply::Refused(Refusal::TryAgain),
        None => {}
    }
    let records = match fetched.records.as_ref().map(runtime::FileSlice::read).transpose() {
        Ok(records) => records.unwrap_or_default(),
        // The connection that sends a slice breaks when the disk does.
        Err(_) => return Reply::Refused(Refusal::TryAgain),
    };
    Reply::Fetched {
        records: records.into(),
        high_watermark: fetched.high_watermark,
        log_start: fetched.log_start,
    }
}

fn committed(fetched: FetchedOffset) -> (Place, Option<(Offset, u64)>) {
    let committed = fetched.committed.expect("without transactions every offset is stable");
    let tagged = committed.map(|committed| (committed.offset, tag_of(&committed.metadata)));
    (Place::of(&fetched.partition), tagged)
}

fn named(place: Place) -> (TopicRef, PartitionIndex) {
    (TopicRef::Name(place.topic_name()), PartitionIndex(place.partition))
}

fn create_topic((number, (plan, id)): (usize, (&TopicPlan, &Uuid))) -> CreateTopic {
    let set = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()));
    let mut configs = Vec::new();
    // The default is what the topic of groups gets.
    let flush_messages = if plan.flushes { 1 } else { i64::MAX };
    configs.push(set("flush.messages", &flush_messages.to_string()));
    if plan.is_compacted {
        // With the other policy beside it, so that records can be deleted, too.
        configs.push(set("cleanup.policy", "compact,delete"));
        configs.push(set("min.cleanable.dirty.ratio", "0.2"));
    }
    let name = Place { topic: number, partition: 0 }.topic_name();
    CreateTopic {
        name: name.as_str().to_owned(),
        id: TopicId(*id),
        layout: Layout::Counts { partitions: plan.partitions, replicas: 1 },
        configs,
        seed: 0,
    }
}

fn config(plan: &Plan, random: &mut SimRandom) -> Config {
    let mut topics = TopicConfig::default();
    topics.log.segment_bytes = plan.segment_bytes;
    topics.log.index_interval_bytes = plan.index_interval_bytes;
    if let Some(group) = &plan.group {
        topics.log.segment_ms = group.segment_ms;
        topics.log.flush_messages = if group.flushes { 1 } else { i64::MAX };
    }
    let endpoint = |name: &str, port| Endpoint {
        name: name.to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
        security_protocol: 0,
    };
    Config {
        broker: BrokerId(1),
        rack: None,
        folder: PathBuf::from(DATA),
        formatting: Formatting::FirstVoter {
            cluster_id: "AAAAAAAAAAAAAAAAAAAAAQ".to_owned(),
            directory: DirectoryId(Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef)),
        },
        incarnation: random.uuid(),
        endpoints: vec![endpoint("PLAINTEXT", 9_092)],
        controller_endpoint: endpoint("CONTROLLER", 29_092),
        file: Layers::of_file(Arc::new(plan.group.as_ref().map(file).unwrap_or_default())),
        topics,
        partitions_default: 1,
        replicas_default: 1,
        request_timeout: Duration::from_secs(2),
        retention_check_interval: plan.retention_check_interval,
        recovery_point_interval: plan.checkpoint_interval,
        log_start_interval: plan.checkpoint_interval,
        high_watermark_interval: plan.checkpoint_interval,
        producer_expiration: Duration::from_secs(86_400),
        producer_expiration_check_interval: Duration::from_secs(600),
        snapshot_bytes: plan.snapshot_bytes,
        cleaner: plan.cleaner,
        open_files_max: plan.open_files_max,
    }
}

/// The broker's file, as far as groups go by it.
fn file(group: &GroupPlan) -> Texts {
    let keys = [
        ("group.initial.rebalance.delay.ms", group.initial_delay.as_millis().to_string()),
        ("group.min.session.timeout.ms", "1".to_owned()),
        ("offsets.topic.num.partitions", group.partitions.to_string()),
        ("offsets.load.buffer.size", "1000".to_owned()),
    ];
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
