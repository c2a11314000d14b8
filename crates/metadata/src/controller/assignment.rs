//! Where the replicas of new partitions go: placed by us, or named by the user.

use std::collections::BTreeMap;

use placement::{BrokerLoad, PlaceError};
use types::{BrokerId, TopicId};

use crate::image::{Broker, Image, Partition};

/// Why partitions cannot be assigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// There are too few brokers, or none that serves.
    #[error("Unable to replicate the partition {replicas} time(s): {why}")]
    Replicas {
        /// The replication factor.
        replicas: usize,
        /// What is missing.
        why: PlaceError,
    },
    /// Every broker chosen is about to stop.
    #[error(
        "Unable to replicate the partition {replicas} time(s): All brokers are currently fenced \
         or in controlled shutdown."
    )]
    NoneActive {
        /// The replication factor.
        replicas: usize,
    },
    /// The user named no broker.
    #[error("The manual partition assignment includes an empty replica list.")]
    Empty,
    /// The user named a broker that does not exist.
    #[error(
        "The manual partition assignment includes broker {0}, but no such broker is registered."
    )]
    UnknownBroker(BrokerId),
    /// The user named a broker twice.
    #[error("The manual partition assignment includes the broker {0} more than once.")]
    RepeatedBroker(BrokerId),
    /// The user wants more replicas of one partition than of another.
    #[error(
        "The manual partition assignment includes a partition with {given} replica(s), but this \
         is not consistent with previous partitions, which have {expected} replica(s)."
    )]
    Uneven {
        /// The replicas of this partition.
        given: usize,
        /// The replicas of those before it.
        expected: usize,
    },
    /// None of the brokers that the user named could lead.
    #[error(
        "All brokers specified in the manual partition assignment for partition {0} are fenced or \
         in controlled shutdown."
    )]
    NamedInactive(i32),
}

/// What the brokers hold, for one request that may create several topics.
pub(super) struct Loads {
    by_broker: BTreeMap<BrokerId, BrokerLoad>,
}

impl Loads {
    /// What every broker that is not about to stop holds.
    pub(super) fn of(image: &Image) -> Loads {
        let load = |broker: &Broker| BrokerLoad {
            fenced: broker.fenced,
            ..BrokerLoad::empty(broker.id, broker.rack.as_deref())
        };
        let usable = image.brokers.iter().filter(|broker| !broker.in_controlled_shutdown);
        let by_broker = usable.map(|broker| (broker.id, load(broker))).collect();
        let mut loads = Loads { by_broker };
        for (_, _, partition) in image.topics.partitions() {
            loads.add(&partition.replicas);
        }
        loads
    }

    /// Counts one more partition with these replicas.
    fn add(&mut self, replicas: &[BrokerId]) {
        for (position, replica) in replicas.iter().enumerate() {
            if let Some(load) = self.by_broker.get_mut(replica) {
                load.replicas = load.replicas.saturating_add(1);
                load.leaders = load.leaders.saturating_add(u32::from(position == 0));
            }
        }
    }

    /// Chooses replicas for new partitions of a topic, which may have some already.
    pub(super) fn place(
        &mut self,
        image: &Image,
        topic: Option<TopicId>,
        partitions: usize,
        replicas: usize,
        seed: u64,
    ) -> Result<Vec<Partition>, AssignmentError> {
        let brokers = self.with_topic(image, topic);
        let placed = placement::place(&brokers, partitions, replicas, seed)
            .map_err(|why| AssignmentError::Replicas { replicas, why })?;
        placed
            .into_iter()
            .map(|chosen| {
                self.add(&chosen);
                new_partition(image, chosen).ok_or(AssignmentError::NoneActive { replicas })
            })
            .collect()
    }

    fn with_topic(&self, image: &Image, topic: Option<TopicId>) -> Vec<BrokerLoad> {
        let mut brokers = self.by_broker.clone();
        let topic = topic.and_then(|id| image.topics.get(id));
        for (_, partition) in topic.iter().flat_map(|topic| topic.partitions()) {
            for (position, replica) in partition.replicas.iter().enumerate() {
                if let Some(load) = brokers.get_mut(replica) {
                    load.topic_replicas += 1;
                    load.topic_leaders += u32::from(position == 0);
                }
            }
        }
        brokers.into_values().collect()
    }

    /// Takes the replicas that the user named for a partition.
    pub(super) fn take(
        &mut self,
        image: &Image,
        partition: i32,
        replicas: &[BrokerId],
        expected: Option<usize>,
    ) -> Result<Partition, AssignmentError> {
        check(image, replicas, expected)?;
        self.add(replicas);
        new_partition(image, replicas.to_vec()).ok_or(AssignmentError::NamedInactive(partition))
    }
}

fn check(
    image: &Image,
    replicas: &[BrokerId],
    expected: Option<usize>,
) -> Result<(), AssignmentError> {
    if replicas.is_empty() {
        return Err(AssignmentError::Empty);
    }
    let mut sorted = replicas.to_vec();
    sorted.sort_unstable();
    for (position, &replica) in sorted.iter().enumerate() {
        if image.brokers.get(replica).is_none() {
            return Err(AssignmentError::UnknownBroker(replica));
        }
        if sorted[..position].last() == Some(&replica) {
            return Err(AssignmentError::RepeatedBroker(replica));
        }
    }
    match expected {
        Some(expected) if expected != replicas.len() => {
            Err(AssignmentError::Uneven { given: replicas.len(), expected })
        }
        Some(_) | None => Ok(()),
    }
}

/// The partition with those replicas in sync that may serve; `None` when none may.
fn new_partition(image: &Image, replicas: Vec<BrokerId>) -> Option<Partition> {
    let isr: Vec<_> =
        replicas.iter().copied().filter(|&replica| image.brokers.is_active(replica)).collect();
    let directories = replicas
        .iter()
        .map(|&replica| image.brokers.get(replica).map(Broker::default_directory))
        .collect::<Option<_>>()?;
    (!isr.is_empty()).then(|| Partition::new(replicas, directories, isr))
}
