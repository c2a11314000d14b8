//! CreateTopics: topics to be made, decided by the controller.

use std::sync::Arc;

use configuration::describe;
use node::{
    Node,
    control::{Outcome, Refusal, Request},
    metadata::{
        controller::{CreateTopic, CreateTopicResult, CreatedTopic, Layout},
        image::ResourceKind,
    },
};
use protocol::messages::{
    CreateTopicsRequest, CreateTopicsResponse,
    create_topics::{CreatableTopic, CreatableTopicConfigs, CreatableTopicResult},
};
use types::BrokerId;

use super::{
    call::Call,
    config_entries::source_number,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::{network::Order, shell::Shell};

/// The names in the request, for an answer that refuses all of it.
pub(super) struct Shape {
    names: Vec<String>,
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: CreateTopicsRequest) -> Order {
    let names = request.topics.iter().map(|topic| topic.name.to_string()).collect();
    let topics = request.topics.iter().map(|topic| wanted(&shell.desk, topic)).collect();
    let (validate_only, timeout_ms, now) = (request.validate_only, request.timeout_ms, call.now);
    let ticket = shell.desk.park(call, Then::CreateTopics(Shape { names }));
    let request = Request::CreateTopics { topics, validate_only };
    shell.ask_controller(now, ticket, Some(timeout_ms), request);
    Order::Alone
}

fn wanted(desk: &Desk, topic: &CreatableTopic) -> CreateTopic {
    let (partitions, replicas) = (topic.num_partitions, topic.replication_factor);
    let layout = if topic.assignments.is_empty() {
        Layout::Counts { partitions, replicas }
    } else {
        let brokers = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
        let assignments = topic.assignments.iter();
        let assignments = assignments.map(|one| (one.partition_index, brokers(&one.broker_ids)));
        Layout::Manual { partitions, replicas, assignments: assignments.collect() }
    };
    let configs = topic.configs.iter();
    CreateTopic {
        name: topic.name.to_string(),
        id: desk.new_topic_id(),
        layout,
        configs: configs
            .map(|one| (one.name.to_string(), one.value.as_ref().map(ToString::to_string)))
            .collect(),
        seed: desk.random(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the controller answers what it was asked")]
pub(super) fn answer(desk: &Desk, node: &Node, call: Call, shape: Shape, outcome: Outcome) {
    let topics = match outcome {
        Outcome::CreateTopics(results) => {
            results.into_iter().map(|result| describe(node, result)).collect()
        }
        Outcome::Refused(refusal) => {
            shape.names.into_iter().map(|name| refused(name, refusal)).collect()
        }
        other => unreachable!("the controller answered another question: {other:?}"),
    };
    let response = CreateTopicsResponse { topics, ..CreateTopicsResponse::default() };
    call.answer::<CreateTopicsRequest>(desk, &response);
}

fn describe(node: &Node, result: CreateTopicResult) -> CreatableTopicResult {
    let name = result.name.into();
    match result.outcome {
        Ok(created) => CreatableTopicResult {
            name,
            topic_id: created.id.0,
            num_partitions: i32::try_from(created.partitions).unwrap_or(i32::MAX),
            replication_factor: i16::try_from(created.replicas).unwrap_or(i16::MAX),
            configs: Some(describe_configs(node, &created)),
            error_message: None,
            ..CreatableTopicResult::default()
        },
        Err(error) => CreatableTopicResult {
            name,
            error_code: error.number(),
            error_message: Some(error.to_string().into()),
            ..CreatableTopicResult::default()
        },
    }
}

/// All of the topic's configuration, with the values that were set for it on top.
fn describe_configs(node: &Node, created: &CreatedTopic) -> Vec<CreatableTopicConfigs> {
    let entries = describe::created_topic(node.effective().layers(), &created.configs);
    let described = entries.into_iter().map(|entry| CreatableTopicConfigs {
        name: entry.key.name.into(),
        value: entry.value.map(Into::into),
        read_only: entry.is_read_only,
        config_source: source_number(entry.source, ResourceKind::Topic),
        is_sensitive: entry.key.is_sensitive(),
    });
    described.collect()
}

fn refused(name: String, refusal: Refusal) -> CreatableTopicResult {
    CreatableTopicResult {
        name: name.into(),
        error_code: refusal.number(),
        error_message: Some(refusal.to_string().into()),
        ..CreatableTopicResult::default()
    }
}
