//! The partitions on this broker, each behind a lock of its own.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicI64, Ordering},
};

use arc_swap::ArcSwap;
use imbl::OrdMap;
use protocol::records::ProduceRules;
use storage::{Closed, Log};
use types::{Offset, TopicIdPartition, TopicPartition};

use crate::{partition::Partition, traffic::Traffic};

/// A partition's place on this broker, whatever its state.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) id: TopicIdPartition,
    pub(crate) name: TopicPartition,
    rules: ArcSwap<Rules>,
    replicated: AtomicI64,
    pub(crate) traffic: Traffic,
    state: Mutex<State>,
}

/// The rules for newer and older requests.
#[derive(Debug)]
struct Rules {
    all: Arc<ProduceRules>,
    without_zstd: Arc<ProduceRules>,
}

impl Rules {
    fn new(rules: ProduceRules) -> Rules {
        let without_zstd = ProduceRules { accepts_zstd: false, ..rules };
        Rules { all: Arc::new(rules), without_zstd: Arc::new(without_zstd) }
    }
}

/// What stands behind a [`Slot`].
#[derive(Debug)]
pub(crate) enum State {
    /// The log is being opened and recovered, or being closed for good.
    Away,
    /// The log is open, but this broker does not lead the partition.
    Idle(Box<Log>),
    /// This broker leads the partition.
    Leading(Box<Partition>),
    /// The log could not be opened, or was closed.
    Failed,
}

impl State {
    /// Whether nothing can be written here before the next start.
    pub(crate) fn is_offline(&self) -> bool {
        let is_failed = |log: &Log| matches!(log.closed(), Some(Closed::Failed(_)));
        match self {
            State::Away => false,
            State::Idle(log) => is_failed(log),
            State::Leading(partition) => is_failed(partition.log()),
            State::Failed => true,
        }
    }
}

impl Slot {
    pub(crate) fn new(id: TopicIdPartition, name: TopicPartition, rules: ProduceRules) -> Slot {
        let rules = ArcSwap::from_pointee(Rules::new(rules));
        let replicated = AtomicI64::new(0);
        Slot {
            id,
            name,
            rules,
            replicated,
            traffic: Traffic::default(),
            state: Mutex::new(State::Away),
        }
    }

    /// Up to where the log was known to be replicated when it was last led, here or before this
    /// process.
    pub(crate) fn replicated(&self) -> Offset {
        Offset(self.replicated.load(Ordering::Relaxed))
    }

    pub(crate) fn set_replicated(&self, upto: Offset) {
        self.replicated.store(upto.0, Ordering::Relaxed);
    }

    /// What batches for this partition have to keep to, in requests that may carry zstd or not.
    pub(crate) fn rules(&self, zstd_allowed: bool) -> Arc<ProduceRules> {
        let rules = self.rules.load();
        Arc::clone(if zstd_allowed { &rules.all } else { &rules.without_zstd })
    }

    pub(crate) fn set_rules(&self, rules: ProduceRules) {
        self.rules.store(Arc::new(Rules::new(rules)));
    }

    /// Locks the partition.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds a partition")
    }
}

/// All partitions on this broker; read without a lock.
#[derive(Debug, Default)]
pub(crate) struct Slots(ArcSwap<OrdMap<TopicIdPartition, Arc<Slot>>>);

impl Slots {
    pub(crate) fn find(&self, id: TopicIdPartition) -> Option<Arc<Slot>> {
        self.0.load().get(&id).cloned()
    }

    pub(crate) fn insert(&self, slot: Arc<Slot>) {
        self.0.rcu(|slots| slots.update(slot.id, Arc::clone(&slot)));
    }

    pub(crate) fn remove(&self, id: TopicIdPartition) -> Option<Arc<Slot>> {
        let removed = self.find(id);
        self.0.rcu(|slots| slots.without(&id));
        removed
    }

    /// All of them, by id.
    pub(crate) fn all(&self) -> Vec<Arc<Slot>> {
        self.0.load().values().cloned().collect()
    }
}
