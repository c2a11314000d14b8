//! The active controller: what it decides, and what it has decided that is not committed yet.
//!
//! Every decision is a function of an image and a command; it gives records and an answer. The
//! records go into [`Controller`], which makes the image for the next decision, and into the log;
//! the answer leaves after their commit. Nothing here sends, waits or writes.

mod assignment;
mod bootstrap;
mod configs;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod heartbeat;
mod leadership;
mod producer_ids;
mod registration;
mod sessions;
mod update_features;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use types::Offset;

pub use assignment::AssignmentError;
pub use bootstrap::bootstrap;
pub use configs::{
    AlterConfigError, Alteration, ConfigChange, ConfigOperation, Wanted, alter_configs,
};
pub use create_partitions::{
    AddPartitions, AddPartitionsError, AddPartitionsResult, create_partitions,
};
pub use create_topics::{
    CreateTopic, CreateTopicError, CreateTopicResult, CreatedTopic, Layout, create_topics,
};
pub use delete_topics::{DeleteTopicError, DeleteTopicResult, TopicRef, delete_topics};
pub use heartbeat::{Heartbeat, HeartbeatAnswer, fence, heartbeat};
pub use producer_ids::{AllocateError, ProducerIdBlock, allocate_producer_ids};
pub use registration::{
    BrokerEpochError, RegisterError, Registration, check_broker_epoch, register_broker,
};
pub use sessions::Sessions;
pub use update_features::{
    FeatureUpdate, LocalFeatures, UpdateFeaturesError, UpgradeType, update_features,
};

use crate::{
    image::{ApplyError, ConfigResource, Delta, Image, ResourceKind},
    records::MetadataRecord,
};

/// What a decision writes, and what its caller is told once that is committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<T> {
    /// The records, possibly none. They are in an order in which every prefix is safe, but those
    /// of one request of a user belong into one batch: they are at most [`RECORDS_MAX`].
    pub records: Vec<MetadataRecord>,
    /// What the caller is told.
    pub answer: T,
}

/// How many records one request of a user may make, and the most that belong into one batch.
pub const RECORDS_MAX: usize = 10_000;

/// The request would make more than [`RECORDS_MAX`] records, or records of too many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Unable to perform excessively large batch operation.")]
pub struct TooManyRecords;

/// What a decision has to know of configuration; the table of keys is the node's.
pub trait Settings {
    /// `num.partitions`.
    fn default_partitions(&self, image: &Image) -> i32;

    /// `default.replication.factor`.
    fn default_replicas(&self, image: &Image) -> i16;

    /// Whether the topic would rather lose records than be without a leader
    /// (`unclean.leader.election.enable`).
    fn elects_uncleanly(&self, image: &Image, topic: &str) -> bool;

    /// Checks a key and its value for a resource.
    ///
    /// # Errors
    /// A sentence for the user when the key does not exist or cannot have the value.
    fn check(&self, resource: &ConfigResource, key: &str, value: &str) -> Result<(), Unfit>;

    /// Checks whether the keys that a resource sets for itself agree with each other and with the
    /// defaults of the others.
    ///
    /// # Errors
    /// A sentence for the user that names the keys that contradict each other.
    fn check_together(
        &self,
        image: &Image,
        resource: &ConfigResource,
        configs: &BTreeMap<&str, &str>,
    ) -> Result<(), Unfit>;

    /// The default of a key whose value is a list, to which values can be added; `None` when it is
    /// no list.
    fn list_default(&self, kind: ResourceKind, key: &str) -> Option<String>;
}

/// Why a resource cannot be configured so: a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The configuration is not valid.
    #[error("{0}")]
    Config(String),
    /// The request asks for what cannot be.
    #[error("{0}")]
    Request(String),
}

/// The committed image and what was decided on top of it.
#[derive(Debug)]
pub struct Controller {
    committed: Image,
    latest: Image,
    next_offset: Offset,
    uncommitted: VecDeque<Uncommitted>,
}

/// The image after one batch that is not committed yet.
#[derive(Debug)]
struct Uncommitted {
    end: Offset,
    image: Image,
    delta: Delta,
}

impl Controller {
    /// A controller that has just become active: all that is in the log up to `next_offset` is
    /// committed and in the image.
    #[must_use]
    pub fn new(committed: Image, next_offset: Offset) -> Controller {
        let latest = committed.clone();
        Controller { committed, latest, next_offset, uncommitted: VecDeque::new() }
    }

    /// What is decided on: the committed image and all that was decided since.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.latest
    }

    /// What brokers may see.
    #[must_use]
    pub fn committed(&self) -> &Image {
        &self.committed
    }

    /// The offset of the next record.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        self.next_offset
    }

    /// Takes notice of records in the log that are none of the controller's: control records.
    ///
    /// # Panics
    /// When the log would become shorter.
    pub fn skip_to(&mut self, next_offset: Offset) {
        assert!(next_offset >= self.next_offset, "the log of a leader does not become shorter");
        self.next_offset = next_offset;
    }

    /// Takes one batch of decided records in; call it before the batch goes to the log.
    ///
    /// # Errors
    /// When a record does not fit. The batch must not be written then; nothing has changed.
    pub fn append(&mut self, records: &[MetadataRecord]) -> Result<(), ApplyError> {
        let (image, delta) = self.latest.apply(records)?;
        let count = i64::try_from(records.len()).expect("a batch has fewer than 2^63 records");
        self.next_offset = self.next_offset.plus(count);
        self.latest = image.clone();
        self.uncommitted.push_back(Uncommitted { end: self.next_offset, image, delta });
        Ok(())
    }

    /// Takes the batch back that was appended last: the log had no room for it.
    ///
    /// # Panics
    /// When there is none that is not committed.
    pub fn take_back(&mut self, records: &[MetadataRecord]) {
        self.uncommitted.pop_back().expect("what was just appended is not committed");
        let count = i64::try_from(records.len()).expect("a batch has fewer than 2^63 records");
        self.next_offset = self.next_offset.plus(-count);
        let before = self.uncommitted.back().map_or(&self.committed, |batch| &batch.image);
        self.latest = before.clone();
    }

    /// All before `end` is committed: moves the committed image on and says what changed.
    pub fn commit(&mut self, end: Offset) -> Delta {
        let mut changed = Delta::default();
        while let Some(batch) = self.uncommitted.pop_front_if(|batch| batch.end <= end) {
            self.committed = batch.image;
            changed.merge(batch.delta);
        }
        changed
    }

    /// Forgets what is not committed, for a controller that lost its leadership.
    #[must_use]
    pub fn into_committed(self) -> Image {
        self.committed
    }
}
