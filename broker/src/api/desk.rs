//! What all handlers share, and the requests that wait for the node's answer.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use node::{Ticket, answer::Answer, fetch_sessions::FetchSessions};
use runtime::{Clock, Random};
use types::{TopicId, Uuid};

use super::{
    call::Call, config_alterations, create_partitions, create_topics, delete_records,
    delete_topics, describe_quorum, fetch, gathering::Gathering, groups, init_producer_id,
    metadata, produce, update_features,
};
use crate::{config::ListenerConfig, telemetry::Telemetry};

/// Partitions that all fetch sessions remember together, for each session allowed.
const PARTITIONS_PER_SESSION: usize = 1000;
/// Maps that the waiting requests are spread over.
const SHARDS: usize = 16;

/// What handlers have to know of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) cluster_id: Uuid,
    pub(crate) listeners: Vec<ListenerConfig>,
    pub(crate) auto_create: bool,
    pub(crate) topics_may_be_deleted: bool,
    pub(crate) fetch_bytes_max: usize,
    pub(crate) fetch_sessions_max: usize,
    pub(crate) described_partitions_max: usize,
}

/// The handlers' shared state.
pub(crate) struct Desk {
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Arc<Telemetry>,
    random: Mutex<Box<dyn Random>>,
    sessions: Mutex<FetchSessions>,
    waiting: [Mutex<BTreeMap<u64, Waiting>>; SHARDS],
    next_ticket: AtomicU64,
}

/// Who waits for an answer of the node's.
enum Waiting {
    /// A request, and what its answer is made of.
    Call { call: Call, then: Then },
    /// One of several answers that a request waits for.
    Part { gathering: Arc<Gathering>, index: usize },
}

/// What to make of the node's answer.
pub(super) enum Then {
    Produce(produce::Shape),
    Fetch(fetch::Shape),
    InitProducerId,
    CreateTopics(create_topics::Shape),
    DeleteTopics(delete_topics::Shape),
    DeleteRecords(delete_records::Shape),
    CreatePartitions(create_partitions::Shape),
    AlterConfigs(config_alterations::Shape),
    UpdateFeatures(update_features::Shape),
    DescribeQuorum,
    /// Metadata of topics that are being created.
    Metadata(metadata::Shape),
    /// Something of a group.
    Group(groups::Then),
}

impl Desk {
    pub(crate) fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        telemetry: Arc<Telemetry>,
        random: Box<dyn Random>,
    ) -> Desk {
        let sessions_max = settings.fetch_sessions_max;
        let partitions_max = sessions_max.saturating_mul(PARTITIONS_PER_SESSION);
        Desk {
            settings,
            clock,
            telemetry,
            random: Mutex::new(random),
            sessions: Mutex::new(FetchSessions::new(sessions_max, partitions_max)),
            waiting: Default::default(),
            next_ticket: AtomicU64::new(1),
        }
    }

    /// Lets a request wait for the node's answer, under a ticket drawn for it.
    pub(super) fn park(&self, call: Call, then: Then) -> Ticket {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        call.park(ticket);
        self.shard(ticket).insert(ticket, Waiting::Call { call, then });
        Ticket(ticket)
    }

    /// Draws a ticket for one of several answers that a request waits for.
    pub(super) fn gather(&self, gathering: &Arc<Gathering>, index: usize) -> Ticket {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        let gathering = gathering.clone();
        self.shard(ticket).insert(ticket, Waiting::Part { gathering, index });
        Ticket(ticket)
    }

    /// Gives the node's answer to whom it belongs; nobody waits when the connection is gone.
    pub(crate) fn answer(&self, node: &node::Node, ticket: Ticket, answer: Answer) {
        let (call, then) = match self.take(ticket) {
            Some(Waiting::Call { call, then }) => (call, then),
            Some(Waiting::Part { gathering, index }) => {
                return groups::settle(self, &gathering, index, answer);
            }
            None => return,
        };
        match (then, answer) {
            (Then::Produce(shape), Answer::Produce(results)) => {
                produce::answer(self, node, call, shape, results);
            }
            (Then::Fetch(shape), Answer::Fetch(found)) => {
                fetch::answer(self, node, call, shape, found);
            }
            (Then::InitProducerId, Answer::ProducerId(given)) => {
                init_producer_id::answer(self, call, given);
            }
            (Then::CreateTopics(shape), Answer::Control(outcome)) => {
                create_topics::answer(self, node, call, shape, outcome);
            }
            (Then::DeleteTopics(shape), Answer::Control(outcome)) => {
                delete_topics::answer(self, call, shape, outcome);
            }
            (Then::DeleteRecords(shape), Answer::DeleteRecords(outcomes)) => {
                delete_records::answer(self, call, shape, outcomes);
            }
            (Then::CreatePartitions(shape), Answer::Control(outcome)) => {
                create_partitions::answer(self, call, shape, outcome);
            }
            (Then::UpdateFeatures(shape), Answer::Control(outcome)) => {
                update_features::answer(self, call, shape, outcome);
            }
            (Then::DescribeQuorum, Answer::Control(outcome)) => {
                describe_quorum::answer(self, call, &outcome);
            }
            (Then::AlterConfigs(shape), Answer::Control(outcome)) => {
                config_alterations::answer(self, call, shape, outcome);
            }
            (Then::Metadata(shape), Answer::Control(_)) => {
                metadata::answer_created(self, node, call, &shape);
            }
            (Then::Group(then), Answer::Group(answer)) => groups::answer(self, call, then, answer),
            (_, answer) => unreachable!("the node answered another question: {answer:?}"),
        }
    }

    /// Has the connection of a parked fetch go on with it.
    pub(crate) fn nudge(&self, ticket: Ticket) {
        if let Some(Waiting::Call { call, .. }) = self.shard(ticket.0).get(&ticket.0) {
            call.nudge(ticket.0);
        }
    }

    /// Forgets a request; nobody waits for its answer.
    pub(super) fn forget(&self, ticket: Ticket) {
        self.take(ticket);
    }

    fn take(&self, ticket: Ticket) -> Option<Waiting> {
        self.shard(ticket.0).remove(&ticket.0)
    }

    /// Ends all fetches that wait, so that a stop need not wait for them.
    pub(crate) fn close_fetches(&self) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        for shard in 0..SHARDS as u64 {
            let is_fetch = |_: &u64, one: &mut Waiting| {
                matches!(one, Waiting::Call { then: Then::Fetch(_), .. })
            };
            let fetches: Vec<_> = self.shard(shard).extract_if(.., is_fetch).collect();
            for (ticket, waiting) in fetches {
                tickets.push(Ticket(ticket));
                if let Waiting::Call { call, .. } = waiting {
                    call.close(self, "the broker stops".to_owned());
                }
            }
        }
        tickets
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, FetchSessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many fetch sessions there are.
    pub(crate) fn fetch_sessions(&self) -> usize {
        self.sessions().len()
    }

    pub(super) fn random(&self) -> u64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }

    pub(super) fn new_topic_id(&self) -> TopicId {
        TopicId(self.new_uuid())
    }

    pub(super) fn new_uuid(&self) -> Uuid {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).uuid()
    }

    /// The name of the listener that a call came in through.
    pub(super) fn listener(&self, call: &Call) -> &str {
        &self.settings.listeners[call.client.listener].name
    }

    fn shard(&self, ticket: u64) -> MutexGuard<'_, BTreeMap<u64, Waiting>> {
        let shard = usize::try_from(ticket % SHARDS as u64).expect("there are few shards");
        self.waiting[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
