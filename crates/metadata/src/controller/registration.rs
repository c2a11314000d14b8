//! A broker registers, or registers again.

use std::collections::{BTreeMap, BTreeSet};

use types::{BrokerEpoch, BrokerId, DirectoryId, Instant, Offset, Uuid};

use super::{Decision, Sessions, Settings, leadership};
use crate::image::{Broker, Endpoint, Image, LevelRange, register_broker as broker_record};

/// What a broker says of itself when it registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its id.
    pub broker: BrokerId,
    /// Drawn by the process at its start.
    pub incarnation: Uuid,
    /// Where it can be reached.
    pub endpoints: Vec<Endpoint>,
    /// The feature levels it can work with.
    pub features: BTreeMap<String, LevelRange>,
    /// The rack it stands in.
    pub rack: Option<String>,
    /// Its log folders.
    pub directories: Vec<DirectoryId>,
}

/// Why a broker may not register.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// A living broker has the id, and other folders: it is another one.
    #[error("Another broker is registered with that broker id.")]
    Duplicate,
    /// The broker names no folder.
    #[error("No directories specified in request")]
    NoDirectories,
    /// The id means something else.
    #[error("Reserved directory ID in request")]
    ReservedDirectory,
    /// The broker names a folder twice.
    #[error("Duplicate directory ID in request")]
    RepeatedDirectory,
    /// The folder is another broker's: it was copied, or mounted twice.
    #[error("Broker {owner} is already registered with directory {directory}")]
    ForeignDirectory {
        /// The other broker.
        owner: BrokerId,
        /// The folder.
        directory: DirectoryId,
    },
    /// The broker is too old or too new for the cluster.
    #[error(
        "Unable to register because the broker does not support finalized version {level} of \
         {feature}. The broker wants a version between {} and {}, inclusive.",
        supported.min, supported.max
    )]
    UnsupportedFeature {
        /// The feature.
        feature: String,
        /// The finalised level.
        level: i16,
        /// What the broker can work with.
        supported: LevelRange,
    },
}

/// Registers a broker, or a new incarnation of it, at `next_offset`; answers its epoch.
///
/// A broker that is believed to live is replaced at once when the folders are the same: only the
/// process that holds their locks can know their ids, so the old one is gone. The new incarnation
/// begins fenced, outside every ISR it was not the last of. Tell [`Sessions::begin`] of it.
///
/// # Errors
/// When the broker is not who it says, or does not fit the cluster.
pub fn register_broker(
    image: &Image,
    settings: &dyn Settings,
    sessions: &Sessions,
    now: Instant,
    next_offset: Offset,
    registration: &Registration,
) -> Result<Decision<BrokerEpoch>, RegisterError> {
    let before = image.brokers.get(registration.broker);
    check_identity(before, sessions, now, registration)?;
    check_directories(image, registration)?;
    check_features(image, registration)?;
    // With other folders, even the same process begins anew: it may lack what it leads.
    let amended = before.filter(|before| {
        before.incarnation == registration.incarnation
            && before.directories == registration.directories
    });
    let mut records = match (before, amended) {
        (Some(_), None) => leadership::without(image, settings, registration.broker),
        (None, _) | (_, Some(_)) => Vec::new(),
    };
    let changes = i64::try_from(records.len()).expect("a cluster has fewer than 2^63 partitions");
    let own_offset = next_offset.plus(changes);
    let epoch = amended.map_or(BrokerEpoch(own_offset.0), |before| before.epoch);
    let broker = Broker {
        id: registration.broker,
        epoch,
        incarnation: registration.incarnation,
        endpoints: registration.endpoints.clone(),
        features: registration.features.clone(),
        rack: registration.rack.clone(),
        fenced: amended.is_none_or(|before| before.fenced),
        in_controlled_shutdown: amended.is_some_and(|before| before.in_controlled_shutdown),
        directories: registration.directories.clone(),
        cordoned_directories: None,
    };
    records.push(broker_record(&broker).into());
    Ok(Decision { records, answer: epoch })
}

fn check_identity(
    before: Option<&Broker>,
    sessions: &Sessions,
    now: Instant,
    registration: &Registration,
) -> Result<(), RegisterError> {
    let Some(before) = before else { return Ok(()) };
    let is_itself = before.incarnation == registration.incarnation
        || before.directories == registration.directories;
    if is_itself || !sessions.is_valid(before, now) {
        return Ok(());
    }
    Err(RegisterError::Duplicate)
}

fn check_directories(image: &Image, registration: &Registration) -> Result<(), RegisterError> {
    let directories = &registration.directories;
    if directories.is_empty() {
        return Err(RegisterError::NoDirectories);
    }
    let mut seen = BTreeSet::new();
    for &directory in directories {
        if is_reserved(directory) {
            return Err(RegisterError::ReservedDirectory);
        }
        if !seen.insert(directory) {
            return Err(RegisterError::RepeatedDirectory);
        }
    }
    let others = image.brokers.iter().filter(|broker| broker.id != registration.broker);
    for owner in others {
        if let Some(&directory) = owner.directories.iter().find(|id| seen.contains(id)) {
            return Err(RegisterError::ForeignDirectory { owner: owner.id, directory });
        }
    }
    Ok(())
}

/// Kafka keeps the first hundred ids for meanings such as "lost".
fn is_reserved(directory: DirectoryId) -> bool {
    u128::from_be_bytes(*directory.0.as_bytes()) < 100
}

/// A broker that does not name a feature supports only its level 0.
fn check_features(image: &Image, registration: &Registration) -> Result<(), RegisterError> {
    for (feature, level) in image.features.iter() {
        let none = LevelRange { min: 0, max: 0 };
        let supported = registration.features.get(feature).copied().unwrap_or(none);
        if !supported.contains(level) {
            let feature = feature.to_owned();
            return Err(RegisterError::UnsupportedFeature { feature, level, supported });
        }
    }
    Ok(())
}

/// Why a broker that speaks is not the one that is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokerEpochError {
    /// The broker is not registered.
    #[error("No broker registration found for broker id {0}")]
    Unregistered(BrokerId),
    /// Another incarnation is registered.
    #[error("Expected broker epoch {registered}, but got broker epoch {given}")]
    Stale {
        /// The epoch of the incarnation that is registered.
        registered: BrokerEpoch,
        /// The epoch of the one that speaks.
        given: BrokerEpoch,
    },
}

/// Finds the broker that speaks, if it is still the one that is registered.
///
/// # Errors
/// When it is not.
pub fn check_broker_epoch(
    image: &Image,
    broker: BrokerId,
    epoch: BrokerEpoch,
) -> Result<&Broker, BrokerEpochError> {
    let registered = image.brokers.get(broker).ok_or(BrokerEpochError::Unregistered(broker))?;
    if registered.epoch != epoch {
        let (registered, given) = (registered.epoch, epoch);
        return Err(BrokerEpochError::Stale { registered, given });
    }
    Ok(registered)
}
