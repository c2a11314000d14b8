//! The topic of groups is created when somebody first asks for a group's coordinator.

use std::sync::{Mutex, MutexGuard, atomic::Ordering};

use coordinator::{GroupError, GroupId, partition_of};
use metadata::controller::{CreateTopic, Layout};
use types::{BrokerId, Now, TopicId, Uuid};

use super::OFFSETS_TOPIC;
use crate::{
    Node,
    answer::Leader,
    control::{Outcome, Request},
    effect::{Effects, Ticket},
};

/// The ticket under which the topic's creation is asked for; the shell never draws it.
pub(crate) const CREATION: Ticket = Ticket(u64::MAX - 5);

/// Whether the topic has been asked for.
#[derive(Debug, Default)]
pub(super) struct Creation(Mutex<Attempts>);

#[derive(Debug, Default)]
struct Attempts {
    is_under_way: bool,
    count: u64,
}

impl Creation {
    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.lock().expect("no thread panics while it counts attempts")
    }
}

impl Node {
    /// The broker that looks after a group. While there is no topic to keep groups in, it is asked
    /// for, and the client has to come again.
    ///
    /// # Errors
    /// When nobody looks after the group yet.
    pub fn coordinator_of(
        &self,
        now: Now,
        group: &GroupId,
        effects: &mut Effects,
    ) -> Result<Leader, GroupError> {
        let image = self.image.load();
        let Some(topic) = image.topics.named(OFFSETS_TOPIC) else {
            self.create_offsets_topic(now, effects);
            return Err(GroupError::NotAvailable);
        };
        let count = i32::try_from(topic.partition_count()).unwrap_or(i32::MAX);
        let leader = Leader::of(topic.partition(partition_of(group, count)));
        if leader.broker == BrokerId::NONE { Err(GroupError::NotAvailable) } else { Ok(leader) }
    }

    /// Asks the controller for the topic of groups, unless it is there or has been asked for.
    pub(super) fn create_offsets_topic(&self, now: Now, effects: &mut Effects) {
        let image = self.image.load();
        let is_stopping = self.stopping.load(Ordering::Relaxed);
        if is_stopping || image.topics.named(OFFSETS_TOPIC).is_some() {
            return;
        }
        let attempt = {
            let mut attempts = self.coordinators.creation.attempts();
            if std::mem::replace(&mut attempts.is_under_way, true) {
                return;
            }
            attempts.count += 1;
            attempts.count
        };
        let brokers = image.brokers.iter().filter(|broker| !broker.in_controlled_shutdown).count();
        let topic = self.offsets_topic(attempt, brokers.max(1));
        let request = Request::CreateTopics { topics: vec![topic], validate_only: false };
        self.ask_controller(now, CREATION, self.config.request_timeout, request, effects);
    }

    /// The controller has answered, or not in time; who still needs the topic asks again.
    pub(crate) fn offsets_topic_asked(&self, outcome: &Outcome) {
        self.coordinators.creation.attempts().is_under_way = false;
        match outcome {
            Outcome::CreateTopics(results) => {
                for error in results.iter().filter_map(|result| result.outcome.as_ref().err()) {
                    tracing::warn!(%error, "failed to create {OFFSETS_TOPIC}");
                }
            }
            Outcome::Refused(refusal) => {
                tracing::warn!(%refusal, "failed to create {OFFSETS_TOPIC}");
            }
            Outcome::DeleteTopics(_)
            | Outcome::CreatePartitions(_)
            | Outcome::UpdateFeatures(_)
            | Outcome::DescribeQuorum(_)
            | Outcome::AlterConfigs(_) => {
                unreachable!("the controller answered another question: {outcome:?}")
            }
        }
    }

    fn offsets_topic(&self, attempt: u64, brokers: usize) -> CreateTopic {
        let settings = &self.coordinators.settings;
        let replicas = settings.replicas.min(i16::try_from(brokers).unwrap_or(i16::MAX));
        let config = |key: &str, value: String| (key.to_owned(), Some(value));
        CreateTopic {
            name: OFFSETS_TOPIC.to_owned(),
            id: self.topic_id(attempt),
            layout: Layout::Counts { partitions: settings.partitions, replicas },
            configs: vec![
                config("cleanup.policy", "compact".to_owned()),
                config("compression.type", "producer".to_owned()),
                config("segment.bytes", settings.segment_bytes.to_string()),
            ],
            seed: attempt,
        }
    }

    /// An id that no other topic has: the shell drew this run's name at random, and each attempt
    /// has another.
    fn topic_id(&self, attempt: u64) -> TopicId {
        let run = u128::from_be_bytes(*self.config.incarnation.as_bytes());
        TopicId(Uuid::from_u128(run ^ (u128::from(attempt) << 64)))
    }
}
