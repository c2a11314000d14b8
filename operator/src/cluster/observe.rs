//! What there is of a cluster: the object, its volumes, its brokers. Only reads.

use std::collections::BTreeMap;

use types::BrokerId;

use super::{Identity, status};
use crate::config;
use crate::crd::Cluster;
use crate::refusal::Refusal;
use crate::world::{
    AdminError, Brokers, HeldAlone, KafkaAdmin, ObservedBroker, Phase, Site, WorkloadError,
};

/// Everything a plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The object.
    pub cluster: Cluster,
    /// What the volumes say of the cluster they belong to.
    pub on_volumes: Option<Identity>,
    /// The brokers the manifest wants, and where they live.
    pub wanted: BTreeMap<BrokerId, WantedBroker>,
    /// The brokers there are.
    pub found: BTreeMap<BrokerId, ObservedBroker>,
    /// What is set for all brokers together.
    pub config: FoundConfig,
    /// What the manifest wants that cannot be had.
    pub refusal: Option<Refusal>,
    /// What a broker takes with it when it stops; looked up only when one is to be disturbed.
    pub held_alone: BTreeMap<BrokerId, HeldAlone>,
}

/// What is known of the configuration of all brokers together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FoundConfig {
    /// Nothing: no broker can be asked.
    #[default]
    NotAsked,
    /// Nothing: a broker that should answer did not.
    Unknown(AdminError),
    /// All of it.
    Known(config::Found),
}

/// A broker the manifest wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedBroker {
    /// Its pool.
    pub pool: String,
    /// Where it lives.
    pub site: Site,
}

impl FoundConfig {
    /// Why nothing is known that should be.
    #[must_use]
    pub fn failure(&self) -> Option<AdminError> {
        match self {
            Self::Unknown(error) => Some(error.clone()),
            Self::NotAsked | Self::Known(_) => None,
        }
    }
}

/// Looks at everything that belongs to this cluster.
pub async fn observe(cluster: Cluster, world: &impl Brokers) -> Result<Observation, WorkloadError> {
    let on_volumes = world.identity().await?;
    let found = world.observe().await;
    let wanted = wanted(&cluster, world);
    let refusal = world.refusal(&cluster, &wanted).await;
    Ok(Observation {
        cluster,
        on_volumes,
        wanted,
        refusal,
        found,
        config: FoundConfig::NotAsked,
        held_alone: BTreeMap::new(),
    })
}

/// Asks the brokers what is set for all of them, when one of them can be asked.
pub async fn observe_config(seen: &mut Observation, admin: &impl KafkaAdmin) {
    if !seen.found.values().any(|broker| broker.phase == Phase::Ready) {
        return;
    }
    seen.config = match admin.describe_all_brokers(&status::bootstrap_servers(seen)).await {
        Ok(found) => FoundConfig::Known(found),
        Err(error) => FoundConfig::Unknown(error),
    };
}

/// Asks the brokers what only one of them holds. That nobody answers hinders nothing.
pub async fn observe_held_alone(seen: &mut Observation, admin: &impl KafkaAdmin) {
    if seen.found.values().any(|broker| broker.phase == Phase::Ready) {
        let found = admin.held_alone(&status::bootstrap_servers(seen)).await;
        seen.held_alone = found.unwrap_or_default();
    }
}

/// Takes what was last known for what there is, for a plan while no broker can be asked.
pub fn remember_config(seen: &mut Observation) {
    let owned = seen.cluster.status_or_default().config.unwrap_or_default();
    seen.config = FoundConfig::Known(config::Found::from(&owned));
}

/// The brokers a manifest wants.
#[must_use]
pub fn wanted(cluster: &Cluster, world: &impl Brokers) -> BTreeMap<BrokerId, WantedBroker> {
    let pools = cluster.spec.pools.iter();
    let ids = pools.flat_map(|pool| {
        (0..pool.replicas).map(|index| (BrokerId(pool.ids.first + index), pool.name.clone()))
    });
    let brokers = ids.enumerate().map(|(index, (broker, pool))| {
        (broker, WantedBroker { pool, site: world.site(cluster, index, broker) })
    });
    brokers.collect()
}

impl Observation {
    /// Who the cluster is, as far as the object knows.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Identity::of(&self.cluster.status_or_default())
    }

    /// Whether the object is being deleted.
    #[must_use]
    pub fn is_being_deleted(&self) -> bool {
        self.cluster.metadata.deletion_timestamp.is_some()
    }
}
