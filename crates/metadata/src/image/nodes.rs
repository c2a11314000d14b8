//! The brokers and controllers that are registered.

use std::{collections::BTreeMap, sync::Arc};

use imbl::OrdMap;
use types::{BrokerEpoch, BrokerId, DirectoryId, Uuid};

/// The registered brokers by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brokers {
    by_id: OrdMap<BrokerId, Arc<Broker>>,
}

/// One broker as it registered, and whether it may serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Its id.
    pub id: BrokerId,
    /// This incarnation's epoch.
    pub epoch: BrokerEpoch,
    /// Drawn by the process at its start.
    pub incarnation: Uuid,
    /// Where it can be reached, in the order it named them.
    pub endpoints: Vec<Endpoint>,
    /// The feature levels it can work with.
    pub features: BTreeMap<String, LevelRange>,
    /// The rack it stands in.
    pub rack: Option<String>,
    /// A fenced broker leads nothing and is in no ISR it was not the last of.
    pub fenced: bool,
    /// It asked to stop, and is about to lose what it leads.
    pub in_controlled_shutdown: bool,
    /// Its log folders that work.
    pub directories: Vec<DirectoryId>,
    /// Its log folders that get no new partitions; `None` before it said so.
    pub cordoned_directories: Option<Vec<DirectoryId>>,
}

/// An address of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name.
    pub name: String,
    /// The name or address to connect to.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Kafka's number of the protocol: 0 plaintext, 1 TLS, 2 SASL, 3 SASL over TLS.
    pub security_protocol: i16,
}

/// The levels of a feature from `min` to `max`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelRange {
    /// The lowest.
    pub min: i16,
    /// The highest.
    pub max: i16,
}

impl LevelRange {
    /// Whether the level lies within.
    #[must_use]
    pub fn contains(self, level: i16) -> bool {
        (self.min..=self.max).contains(&level)
    }
}

impl Broker {
    /// Whether it may lead partitions and join their ISRs.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// The address of the listener with this name.
    #[must_use]
    pub fn endpoint(&self, listener: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.name == listener)
    }

    /// Whether a replica in this directory could be served.
    #[must_use]
    pub fn has_online(&self, directory: DirectoryId) -> bool {
        match directory {
            DirectoryId::UNASSIGNED | DirectoryId::MIGRATING => true,
            DirectoryId::LOST => false,
            directory => self.directories.contains(&directory),
        }
    }

    /// Where new replicas go: the only directory, or left to the broker when it has several.
    #[must_use]
    pub fn default_directory(&self) -> DirectoryId {
        match self.directories[..] {
            [] => DirectoryId::MIGRATING,
            [only] => only,
            [_, _, ..] => DirectoryId::UNASSIGNED,
        }
    }
}

impl Brokers {
    /// The broker with this id.
    #[must_use]
    pub fn get(&self, id: BrokerId) -> Option<&Broker> {
        self.by_id.get(&id).map(|broker| &**broker)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Broker> {
        self.by_id.values().map(|broker| &**broker)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether the broker is registered, not fenced and not about to stop.
    #[must_use]
    pub fn is_active(&self, id: BrokerId) -> bool {
        self.get(id).is_some_and(Broker::is_active)
    }

    pub(super) fn insert(&mut self, broker: Broker) {
        self.by_id.insert(broker.id, Arc::new(broker));
    }

    pub(super) fn remove(&mut self, id: BrokerId) {
        self.by_id.remove(&id);
    }
}

/// The registered controllers by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Controllers {
    by_id: OrdMap<BrokerId, Arc<RegisteredController>>,
}

/// One controller as it registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredController {
    /// Its id.
    pub id: BrokerId,
    /// Drawn by the process at its start.
    pub incarnation: Uuid,
    /// Where it can be reached.
    pub endpoints: Vec<Endpoint>,
    /// The feature levels it can work with.
    pub features: BTreeMap<String, LevelRange>,
}

impl Controllers {
    /// The controller with this id.
    #[must_use]
    pub fn get(&self, id: BrokerId) -> Option<&RegisteredController> {
        self.by_id.get(&id).map(|controller| &**controller)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &RegisteredController> {
        self.by_id.values().map(|controller| &**controller)
    }

    pub(super) fn insert(&mut self, controller: RegisteredController) {
        self.by_id.insert(controller.id, Arc::new(controller));
    }
}
