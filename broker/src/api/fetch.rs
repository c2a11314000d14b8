//! Fetch: batches out, as slices of the files they lie in.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bytes::Bytes;
use bytestring::ByteString;
use node::{
    Node,
    answer::{Fetched, PartitionError},
    fetch_sessions::{
        LAST_EPOCH, NO_SESSION, Seen, SessionKey, SessionMode, SessionRequest, SessionTopic, Wanted,
    },
    request::{Fetch, FetchPartition, Isolation, TopicRef},
};
use protocol::{
    ErrorCode, Records,
    messages::{
        FetchRequest, FetchResponse,
        fetch::{
            AbortedTransaction, EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch,
            NodeEndpoint, PartitionData,
        },
    },
};
use runtime::FileSlice;
use types::{BrokerId, LeaderEpoch, Offset, PartitionIndex, TopicId, TopicName, Uuid};

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
    leaders,
    view::Reached,
};
use crate::{network::Order, shell::Shell};

/// The first version that has sessions.
const SESSIONS: i16 = 7;
/// The first version whose errors name the leader.
const NAMES_LEADERS: i16 = 12;
/// The first version that names topics by id.
const BY_ID: i16 = 13;
/// The first version that says where leaders are reached.
const NAMES_ENDPOINTS: i16 = 16;
/// The longest wait for bytes: no client asks for more, but for a hostile one.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// What the answer has to repeat of the request.
pub(super) struct Shape {
    mode: SessionMode,
    wanted: Vec<Wanted>,
    isolation: Isolation,
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: FetchRequest) -> Order {
    shell.desk.telemetry.requests.topics.fetch_requests.inc();
    if is_from_a_follower(&request, call.version) {
        return refuse(&shell.desk, call, ErrorCode::InvalidRequest);
    }
    let (version, now) = (call.version, call.now);
    let isolation = isolation(request.isolation_level);
    let fetch = Fetch {
        isolation,
        wait_max: Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0))
            .min(WAIT_MAX),
        bytes_min: usize::try_from(request.min_bytes).unwrap_or(0),
        bytes_max: usize::try_from(request.max_bytes)
            .unwrap_or(0)
            .min(shell.desk.settings.fetch_bytes_max),
        partitions: Vec::new(),
    };
    let begun = shell.desk.sessions().begin(now.instant, session_request(request, version));
    let (mode, wanted) = match begun {
        Ok(begun) => begun,
        Err(error) => return refuse(&shell.desk, call, error.code()),
    };
    let partitions = wanted.iter().map(node_partition).collect();
    let shape = Shape { mode, wanted, isolation };
    let ticket = shell.desk.park(call, Then::Fetch(shape));
    let mut effects = Vec::new();
    shell.node.fetch(now, ticket, Fetch { partitions, ..fetch }, &mut effects);
    shell.perform(effects);
    Order::Alone
}

/// What a request's isolation level stands for.
pub(super) fn isolation(level: i8) -> Isolation {
    const READ_COMMITTED: i8 = 1;
    if level == READ_COMMITTED { Isolation::Committed } else { Isolation::Uncommitted }
}

/// Followers come with replication; until then such a request is a mistake.
fn is_from_a_follower(request: &FetchRequest, version: i16) -> bool {
    let replica = if version >= 15 { request.replica_state.replica_id } else { request.replica_id };
    replica >= 0
}

fn session_request(request: FetchRequest, version: i16) -> SessionRequest {
    let by_id = version >= BY_ID;
    let mut wanted = Vec::new();
    for topic in request.topics {
        let name = session_topic(by_id, &topic.topic, topic.topic_id);
        wanted.extend(topic.partitions.into_iter().map(|one| Wanted {
            topic: name.clone(),
            partition: PartitionIndex(one.partition),
            current_epoch: epoch(one.current_leader_epoch),
            last_fetched_epoch: epoch(one.last_fetched_epoch),
            offset: Offset(one.fetch_offset),
            bytes_max: usize::try_from(one.partition_max_bytes).unwrap_or(0),
        }));
    }
    let mut forgotten: Vec<SessionKey> = Vec::new();
    for topic in request.forgotten_topics_data {
        let name = session_topic(by_id, &topic.topic, topic.topic_id);
        forgotten
            .extend(topic.partitions.into_iter().map(|one| (name.clone(), PartitionIndex(one))));
    }
    let (id, epoch) = if version >= SESSIONS {
        (request.session_id, request.session_epoch)
    } else {
        (NO_SESSION, LAST_EPOCH)
    };
    SessionRequest { id, epoch, by_id, wanted, forgotten }
}

fn session_topic(by_id: bool, name: &ByteString, id: Uuid) -> SessionTopic {
    if by_id { SessionTopic::Id(TopicId(id)) } else { SessionTopic::Name(Arc::from(&**name)) }
}

fn epoch(number: i32) -> Option<LeaderEpoch> {
    (number >= 0).then_some(LeaderEpoch(number))
}

fn node_partition(wanted: &Wanted) -> FetchPartition {
    let topic = match &wanted.topic {
        SessionTopic::Id(id) => TopicRef::Id(*id),
        SessionTopic::Name(name) => {
            TopicName::parse(name).map_or(TopicRef::InvalidName, TopicRef::Name)
        }
    };
    FetchPartition {
        topic,
        partition: wanted.partition,
        current_epoch: wanted.current_epoch,
        last_fetched_epoch: wanted.last_fetched_epoch,
        offset: wanted.offset,
        bytes_max: wanted.bytes_max,
    }
}

pub(super) fn answer(desk: &Desk, node: &Node, call: Call, shape: Shape, found: Vec<Fetched>) {
    let seen: Vec<Seen> = found.iter().map(seen).collect();
    let random = desk.random();
    let now = desk.clock.now().instant;
    let (session_id, included) =
        desk.sessions().finish(now, shape.mode, &shape.wanted, &seen, random);
    let mut building = Building::new(call.version, shape.isolation);
    let metrics = &desk.telemetry.requests.topics;
    for ((wanted, fetched), included) in shape.wanted.iter().zip(found).zip(included) {
        metrics.bytes_out.inc_by(fetched.size() as u64);
        if fetched.error.is_some() {
            metrics.failed_fetch.inc();
        }
        if included {
            building.add(wanted, fetched);
        }
    }
    let node_endpoints = endpoints(desk, node, &call, &building.leading);
    let response = FetchResponse {
        session_id,
        responses: building.topics,
        node_endpoints,
        ..FetchResponse::default()
    };
    call.answer_with_files::<FetchRequest>(desk, &response, &building.files);
}

fn seen(fetched: &Fetched) -> Seen {
    Seen {
        high_watermark: fetched.high_watermark,
        log_start: fetched.log_start,
        has_records: fetched.size() > 0,
        is_urgent: fetched.error.is_some() || fetched.diverging.is_some(),
    }
}

/// An answer that is being put together.
struct Building {
    version: i16,
    isolation: Isolation,
    topics: Vec<FetchableTopicResponse>,
    files: Vec<FileSlice>,
    leading: BTreeSet<BrokerId>,
}

impl Building {
    fn new(version: i16, isolation: Isolation) -> Building {
        Building {
            version,
            isolation,
            topics: Vec::new(),
            files: Vec::new(),
            leading: BTreeSet::new(),
        }
    }

    /// Adds a partition behind those of its topic, if that came last.
    fn add(&mut self, wanted: &Wanted, fetched: Fetched) {
        let (topic, topic_id) = match &wanted.topic {
            // What is asked for by name has no id on the wire, and may not even be there.
            SessionTopic::Name(name) => (ByteString::from(&**name), Uuid::ZERO),
            SessionTopic::Id(id) => (ByteString::new(), id.0),
        };
        let partition = self.describe(wanted.partition, fetched);
        match self.topics.last_mut() {
            Some(last) if last.topic == topic && last.topic_id == topic_id => {
                last.partitions.push(partition);
            }
            Some(_) | None => {
                let partitions = vec![partition];
                self.topics.push(FetchableTopicResponse { topic, topic_id, partitions });
            }
        }
    }

    fn describe(&mut self, partition: PartitionIndex, fetched: Fetched) -> PartitionData {
        let mut data = PartitionData {
            partition_index: partition.0,
            error_code: fetched.error.as_ref().map_or(0, Coded::number),
            high_watermark: fetched.high_watermark.0,
            last_stable_offset: fetched.last_stable.0,
            log_start_offset: fetched.log_start.0,
            aborted_transactions: self.describe_aborted(&fetched),
            // Clients take null for a mistake of the broker's.
            records: Some(Records::Bytes(Bytes::new())),
            ..PartitionData::default()
        };
        if self.version >= NAMES_LEADERS {
            self.describe_epochs(&mut data, &fetched);
        }
        if let Some(slice) = fetched.records {
            data.records = Some(Records::Slot { slot: self.files.len(), size: slice.size });
            self.files.push(slice);
        }
        data
    }

    /// Only who reads committed records is told what to leave out; of what is not there, as Kafka
    /// says it, there is nothing.
    fn describe_aborted(&self, fetched: &Fetched) -> Option<Vec<AbortedTransaction>> {
        let aborted = fetched.aborted.iter().map(|(producer, first)| AbortedTransaction {
            producer_id: producer.0,
            first_offset: first.0,
        });
        match self.isolation {
            Isolation::Uncommitted if is_unknown(fetched) => Some(Vec::new()),
            Isolation::Uncommitted => None,
            Isolation::Committed => Some(aborted.collect()),
        }
    }

    fn describe_epochs(&mut self, data: &mut PartitionData, fetched: &Fetched) {
        if let Some((epoch, end)) = fetched.diverging {
            data.diverging_epoch = EpochEndOffset { epoch: epoch.0, end_offset: end.0 };
        }
        if let Some(leader) = fetched.error.as_ref().and_then(leaders::named_by) {
            self.leading.insert(leader.broker);
            data.current_leader =
                LeaderIdAndEpoch { leader_id: leader.broker.0, leader_epoch: leader.epoch.0 };
        }
    }
}

fn is_unknown(fetched: &Fetched) -> bool {
    let error = fetched.error.as_ref();
    error.is_some_and(|error| {
        matches!(error, PartitionError::UnknownPartition | PartitionError::UnknownTopicId)
    })
}

fn endpoints(
    desk: &Desk,
    node: &Node,
    call: &Call,
    leading: &BTreeSet<BrokerId>,
) -> Vec<NodeEndpoint> {
    if leading.is_empty() || call.version < NAMES_ENDPOINTS {
        return Vec::new();
    }
    let reached = leaders::reached(&node.image(), desk.listener(call), leading);
    let endpoint = |one: Reached| NodeEndpoint {
        node_id: one.id,
        host: one.host,
        port: one.port,
        rack: one.rack,
    };
    reached.into_iter().map(endpoint).collect()
}

fn refuse(desk: &Desk, call: Call, error: ErrorCode) -> Order {
    let response = FetchResponse { error_code: error as i16, ..FetchResponse::default() };
    call.answer::<FetchRequest>(desk, &response);
    Order::Alone
}
