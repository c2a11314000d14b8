//! DescribeTopicPartitions: topics with their partitions, sorted, a page at a time (KIP-966).

use std::{collections::BTreeSet, sync::Arc};

use bytestring::ByteString;
use node::metadata::image::{Partition, Topic};
use protocol::{
    ErrorCode,
    messages::{
        DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
        describe_topic_partitions::{
            Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
        },
    },
};
use types::{BrokerId, PartitionIndex, TopicName};

use super::{
    call::Call,
    operations,
    view::{View, numbers},
};
use crate::{network::Order, shell::Shell};

pub(super) fn call(
    shell: &Arc<Shell>,
    call: Call,
    request: DescribeTopicPartitionsRequest,
) -> Order {
    let response = if is_valid(&request) {
        let image = shell.node.image();
        let view = View { image: &image, listener: shell.desk.listener(&call) };
        let limit = shell.desk.settings.described_partitions_max;
        let asked = usize::try_from(request.response_partition_limit).unwrap_or(0);
        Page { view, left: asked.min(limit).max(1), topics: Vec::new(), next: None }.fill(&request)
    } else {
        refuse(&request)
    };
    call.answer::<DescribeTopicPartitionsRequest>(&shell.desk, &response);
    Order::Alone
}

/// A cursor points at a partition of a topic that is asked for.
fn is_valid(request: &DescribeTopicPartitionsRequest) -> bool {
    let Some(cursor) = &request.cursor else { return true };
    let is_asked_for = request.topics.iter().any(|topic| topic.name == cursor.topic_name);
    cursor.partition_index >= 0 && (request.topics.is_empty() || is_asked_for)
}

fn refuse(request: &DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
    let refused = |name: &ByteString| DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::InvalidRequest as i16,
        name: Some(name.clone()),
        ..DescribeTopicPartitionsResponseTopic::default()
    };
    let topics = request.topics.iter().map(|topic| refused(&topic.name));
    DescribeTopicPartitionsResponse { topics: topics.collect(), ..Default::default() }
}

/// An answer that is being filled.
struct Page<'a> {
    view: View<'a>,
    /// How many partitions still fit.
    left: usize,
    topics: Vec<DescribeTopicPartitionsResponseTopic>,
    next: Option<Cursor>,
}

impl Page<'_> {
    fn fill(mut self, request: &DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
        let (first, start) = match &request.cursor {
            Some(cursor) => (&*cursor.topic_name, cursor.partition_index),
            None => ("", 0),
        };
        let start_in = |topic: &str| if topic == first { start } else { 0 };
        if request.topics.is_empty() {
            let all = self.view.image.topics.iter().map(|topic| topic.name.as_str());
            for name in all.skip_while(|name| *name < first) {
                if !self.take(name, start_in(name)) {
                    break;
                }
            }
        } else {
            let asked: BTreeSet<&str> = request.topics.iter().map(|topic| &*topic.name).collect();
            for name in asked.range(first..) {
                if !self.take(name, start_in(name)) {
                    break;
                }
            }
        }
        DescribeTopicPartitionsResponse {
            topics: self.topics,
            next_cursor: self.next,
            ..DescribeTopicPartitionsResponse::default()
        }
    }

    /// Puts a topic from a partition on onto the page; whether the page goes on behind it.
    fn take(&mut self, name: &str, start: i32) -> bool {
        if self.left == 0 {
            self.next = Some(Cursor { topic_name: name.into(), partition_index: 0 });
            return false;
        }
        let Some(topic) = self.view.image.topics.named(name) else {
            self.topics.push(unknown(name));
            return true;
        };
        let behind = topic.partitions().filter(|(index, _)| index.0 >= start);
        let mut behind = behind.peekable();
        let mut partitions = Vec::new();
        while self.left > 0
            && let Some((index, known)) = behind.next()
        {
            partitions.push(self.partition(index, known));
            self.left -= 1;
        }
        let rest = behind.peek().map(|(index, _)| index.0);
        self.topics.push(describe(topic, partitions));
        self.next = rest.map(|partition_index| Cursor { topic_name: name.into(), partition_index });
        rest.is_none()
    }

    fn partition(
        &self,
        index: PartitionIndex,
        known: &Partition,
    ) -> DescribeTopicPartitionsResponsePartition {
        DescribeTopicPartitionsResponsePartition {
            error_code: ErrorCode::None as i16,
            partition_index: index.0,
            leader_id: self.view.leader(known).unwrap_or(BrokerId::NONE).0,
            leader_epoch: known.leader_epoch.0,
            replica_nodes: numbers(&known.replicas),
            isr_nodes: numbers(&known.isr),
            eligible_leader_replicas: Some(numbers(&known.eligible)),
            last_known_elr: Some(numbers(&known.last_known_eligible)),
            offline_replicas: numbers(&self.view.offline(known)),
        }
    }
}

fn describe(
    topic: &Topic,
    partitions: Vec<DescribeTopicPartitionsResponsePartition>,
) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::None as i16,
        name: Some(topic.name.as_str().into()),
        topic_id: topic.id.0,
        is_internal: topic.name.is_internal(),
        partitions,
        topic_authorized_operations: operations::TOPIC,
    }
}

fn unknown(name: &str) -> DescribeTopicPartitionsResponseTopic {
    let parsed = TopicName::parse(name);
    let error = match &parsed {
        Ok(_) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    DescribeTopicPartitionsResponseTopic {
        error_code: error as i16,
        name: Some(name.into()),
        is_internal: parsed.is_ok_and(|name| name.is_internal()),
        topic_authorized_operations: operations::TOPIC,
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}
