//! DescribeProducers: who writes to partitions of this broker.

use std::sync::Arc;

use node::{
    Node,
    answer::{ActiveProducer, PartitionError},
    request::TopicRef,
};
use protocol::{
    ErrorCode,
    messages::{
        DescribeProducersRequest, DescribeProducersResponse,
        describe_producers::{PartitionResponse, ProducerState, TopicRequest, TopicResponse},
    },
};
use types::{PartitionIndex, TopicName};

use super::{call::Call, error_codes::Coded};
use crate::{network::Order, shell::Shell};

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DescribeProducersRequest) -> Order {
    let topics = request.topics.into_iter().map(|topic| describe_topic(&shell.node, topic));
    let response = DescribeProducersResponse { topics: topics.collect(), ..Default::default() };
    call.answer::<DescribeProducersRequest>(&shell.desk, &response);
    Order::Alone
}

fn describe_topic(node: &Node, topic: TopicRequest) -> TopicResponse {
    let indexes = topic.partition_indexes.iter();
    let partitions = match TopicName::parse(&topic.name) {
        Ok(name) => {
            let named = TopicRef::Name(name);
            indexes
                .map(|index| {
                    describe(*index, node.active_producers(&named, PartitionIndex(*index)))
                })
                .collect()
        }
        Err(error) => indexes
            .map(|index| refused(*index, ErrorCode::InvalidTopicException, error.to_string()))
            .collect(),
    };
    TopicResponse { name: topic.name, partitions }
}

fn describe(
    index: i32,
    producers: Result<Vec<ActiveProducer>, PartitionError>,
) -> PartitionResponse {
    match producers {
        Ok(producers) => PartitionResponse {
            partition_index: index,
            active_producers: producers.iter().map(state).collect(),
            ..PartitionResponse::default()
        },
        Err(error) => refused(index, error.code(), error.to_string()),
    }
}

fn state(producer: &ActiveProducer) -> ProducerState {
    ProducerState {
        producer_id: producer.id.0,
        producer_epoch: producer.epoch.0.into(),
        last_sequence: producer.last_sequence.0,
        last_timestamp: producer.last_timestamp.0,
        coordinator_epoch: producer.coordinator_epoch,
        current_txn_start_offset: producer.transaction_start.map_or(-1, |offset| offset.0),
    }
}

fn refused(partition_index: i32, error: ErrorCode, message: String) -> PartitionResponse {
    PartitionResponse {
        partition_index,
        error_code: error as i16,
        error_message: Some(message.into()),
        ..PartitionResponse::default()
    }
}
