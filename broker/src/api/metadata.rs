//! Metadata: the brokers as this listener's clients reach them, and topics with their leaders.

use std::{collections::BTreeSet, sync::Arc};

use bytestring::ByteString;
use node::{
    Node,
    control::Request,
    metadata::{
        Image,
        controller::{CreateTopic, Layout},
        image::{Partition, Topic},
    },
};
use protocol::{
    ErrorCode,
    messages::{
        MetadataRequest, MetadataResponse,
        metadata::{
            MetadataRequestTopic, MetadataResponseBroker, MetadataResponsePartition,
            MetadataResponseTopic,
        },
    },
};
use types::{BrokerId, PartitionIndex, TopicId, TopicName};

use super::{
    call::Call,
    desk::{Desk, Then},
    operations,
    view::{View, numbers},
};
use crate::{network::Order, shell::Shell};

/// The first version that may name topics by id.
const BY_ID: i16 = 12;
/// The first version that may keep a topic from being created by asking for it.
const MAY_FORBID_CREATION: i16 = 4;

/// What a request asks for.
pub(super) struct Shape {
    topics: Topics,
    with_cluster_operations: bool,
    with_topic_operations: bool,
}

enum Topics {
    All,
    Some(Vec<Asked>),
}

/// One topic that is asked for.
#[derive(Clone)]
enum Asked {
    Name(ByteString),
    Id(TopicId),
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: MetadataRequest) -> Order {
    if let Some(topics) = &request.topics
        && call.version < BY_ID
        && topics.iter().any(|topic| topic.name.is_none() || !topic.topic_id.is_zero())
    {
        refuse(&shell.desk, call, topics);
        return Order::Alone;
    }
    let may_create = shell.desk.settings.auto_create
        && (call.version < MAY_FORBID_CREATION || request.allow_auto_topic_creation);
    let shape = Shape::of(request, call.version);
    let image = shell.node.image();
    let missing = if may_create { shape.missing(&image) } else { Vec::new() };
    if missing.is_empty() {
        answer(&shell.desk, &shell.node, call, &shape);
    } else {
        create(shell, call, shape, missing);
    }
    Order::Alone
}

/// Creates topics for asking (`auto.create.topics.enable`) and answers when they are there.
fn create(shell: &Arc<Shell>, call: Call, shape: Shape, names: Vec<TopicName>) {
    let now = call.now;
    let ticket = shell.desk.park(call, Then::Metadata(shape));
    let wanted = names.into_iter().map(|name| CreateTopic {
        name: name.to_string(),
        id: shell.desk.new_topic_id(),
        layout: Layout::Counts { partitions: -1, replicas: -1 },
        configs: Vec::new(),
        seed: shell.desk.random(),
    });
    let request = Request::CreateTopics { topics: wanted.collect(), validate_only: false };
    shell.ask_controller(now, ticket, None, request);
}

/// Answers a request whose topics were created, or could not be: those still missing are to be
/// asked for again.
pub(super) fn answer_created(desk: &Desk, node: &Node, call: Call, shape: &Shape) {
    let mut response = shape.response(desk, node, &call);
    for topic in &mut response.topics {
        if topic.error_code == ErrorCode::UnknownTopicOrPartition as i16 {
            topic.error_code = ErrorCode::LeaderNotAvailable as i16;
        }
    }
    call.answer::<MetadataRequest>(desk, &response);
}

fn answer(desk: &Desk, node: &Node, call: Call, shape: &Shape) {
    let response = shape.response(desk, node, &call);
    call.answer::<MetadataRequest>(desk, &response);
}

impl Shape {
    fn of(request: MetadataRequest, version: i16) -> Shape {
        let topics = match request.topics {
            None => Topics::All,
            // In version 0 nobody could ask for nothing.
            Some(topics) if version == 0 && topics.is_empty() => Topics::All,
            Some(topics) => Topics::Some(asked(topics)),
        };
        Shape {
            topics,
            with_cluster_operations: request.include_cluster_authorized_operations,
            with_topic_operations: request.include_topic_authorized_operations,
        }
    }

    /// The topics asked for by name that do not exist and could.
    fn missing(&self, image: &Image) -> Vec<TopicName> {
        let Topics::Some(asked) = &self.topics else { return Vec::new() };
        let names = asked.iter().filter_map(|asked| match asked {
            Asked::Name(name) => TopicName::parse(name).ok(),
            Asked::Id(_) => None,
        });
        let is_missing = |name: &TopicName| {
            image.topics.named(name.as_str()).is_none()
                && image.topics.colliding(name).is_none()
                && !name.is_internal()
        };
        names.filter(is_missing).collect()
    }

    fn response(&self, desk: &Desk, node: &Node, call: &Call) -> MetadataResponse {
        let image = node.image();
        let listing = Listing {
            view: View { image: &image, listener: desk.listener(call) },
            version: call.version,
            operations: operations::when(self.with_topic_operations, operations::TOPIC),
        };
        let topics = match &self.topics {
            Topics::All => image.topics.iter().map(|topic| listing.topic(topic)).collect(),
            Topics::Some(asked) => asked.iter().map(|asked| listing.asked(asked)).collect(),
        };
        MetadataResponse {
            brokers: listing.brokers(),
            cluster_id: Some(desk.settings.cluster_id.to_string().into()),
            // Whoever turns to this broker for what only the controller can do is served.
            controller_id: node.config().broker.0,
            topics,
            cluster_authorized_operations: operations::when(
                self.with_cluster_operations,
                operations::CLUSTER,
            ),
            ..MetadataResponse::default()
        }
    }
}

/// What is asked for, each once.
fn asked(topics: Vec<MetadataRequestTopic>) -> Vec<Asked> {
    let mut names = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let mut all = Vec::with_capacity(topics.len());
    for topic in topics {
        if !topic.topic_id.is_zero() {
            if ids.insert(topic.topic_id) {
                all.push(Asked::Id(TopicId(topic.topic_id)));
            }
        } else if let Some(name) = topic.name
            && names.insert(name.clone())
        {
            all.push(Asked::Name(name));
        }
    }
    all
}

/// The image as one request wants it described.
struct Listing<'a> {
    view: View<'a>,
    version: i16,
    operations: i32,
}

impl Listing<'_> {
    fn brokers(&self) -> Vec<MetadataResponseBroker> {
        let active = self.view.brokers().filter(|broker| !broker.fenced);
        let described = active.map(|broker| MetadataResponseBroker {
            node_id: broker.id,
            host: broker.host,
            port: broker.port,
            rack: broker.rack,
        });
        described.collect()
    }

    fn asked(&self, asked: &Asked) -> MetadataResponseTopic {
        let topics = &self.view.image.topics;
        match asked {
            Asked::Name(name) => match topics.named(name) {
                Some(topic) => self.topic(topic),
                None => self.unknown(name),
            },
            Asked::Id(id) => match topics.get(*id) {
                Some(topic) => self.topic(topic),
                None => unknown_id(*id),
            },
        }
    }

    fn topic(&self, topic: &Topic) -> MetadataResponseTopic {
        let partitions = topic.partitions();
        MetadataResponseTopic {
            error_code: ErrorCode::None as i16,
            name: Some(topic.name.as_str().into()),
            topic_id: topic.id.0,
            is_internal: topic.name.is_internal(),
            partitions: partitions.map(|(index, known)| self.partition(index, known)).collect(),
            topic_authorized_operations: self.operations,
        }
    }

    fn partition(&self, index: PartitionIndex, known: &Partition) -> MetadataResponsePartition {
        let leader = self.view.leader(known);
        let offline = self.view.offline(known);
        let mut response = MetadataResponsePartition {
            error_code: ErrorCode::None as i16,
            partition_index: index.0,
            leader_id: leader.unwrap_or(BrokerId::NONE).0,
            leader_epoch: known.leader_epoch.0,
            replica_nodes: numbers(&known.replicas),
            isr_nodes: numbers(&known.isr),
            offline_replicas: numbers(&offline),
        };
        if leader.is_none() {
            response.error_code = self.no_leader(known) as i16;
        } else if self.version == 0 && !offline.is_empty() {
            // That version has no field for replicas that are offline.
            response.error_code = ErrorCode::ReplicaNotAvailable as i16;
            response.replica_nodes.retain(|id| !offline.contains(&BrokerId(*id)));
            response.isr_nodes.retain(|id| !offline.contains(&BrokerId(*id)));
        }
        response
    }

    fn no_leader(&self, known: &Partition) -> ErrorCode {
        let brokers = &self.view.image.brokers;
        let is_active = known.leader.is_some_and(|leader| brokers.is_active(leader));
        if is_active && self.version >= 6 {
            ErrorCode::ListenerNotFound
        } else {
            ErrorCode::LeaderNotAvailable
        }
    }

    fn unknown(&self, name: &ByteString) -> MetadataResponseTopic {
        let parsed = TopicName::parse(name);
        let error = match &parsed {
            Ok(_) => ErrorCode::UnknownTopicOrPartition,
            Err(_) => ErrorCode::InvalidTopicException,
        };
        MetadataResponseTopic {
            error_code: error as i16,
            name: Some(name.clone()),
            is_internal: parsed.is_ok_and(|name| name.is_internal()),
            topic_authorized_operations: self.operations,
            ..MetadataResponseTopic::default()
        }
    }
}

fn unknown_id(id: TopicId) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: ErrorCode::UnknownTopicId as i16,
        name: None,
        topic_id: id.0,
        ..MetadataResponseTopic::default()
    }
}

/// Refuses ids and missing names in versions that have a field for them but no use.
fn refuse(desk: &Desk, call: Call, topics: &[MetadataRequestTopic]) {
    let refused = topics.iter().map(|topic| MetadataResponseTopic {
        error_code: ErrorCode::InvalidRequest as i16,
        name: Some(topic.name.clone().unwrap_or_default()),
        topic_id: topic.topic_id,
        ..MetadataResponseTopic::default()
    });
    let response = MetadataResponse { topics: refused.collect(), ..MetadataResponse::default() };
    call.answer::<MetadataRequest>(desk, &response);
}
