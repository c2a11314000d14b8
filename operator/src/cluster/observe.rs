//! What there is of a cluster: the object, its volumes, its brokers. Only reads.

use std::collections::BTreeMap;

use types::BrokerId;

use super::Identity;
use crate::crd::Cluster;
use crate::world::{Brokers, ObservedBroker, Site, WorkloadError};

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
}

/// A broker the manifest wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedBroker {
    /// Its pool.
    pub pool: String,
    /// Where it lives.
    pub site: Site,
}

/// Looks at everything that belongs to this cluster.
pub async fn observe(cluster: Cluster, world: &impl Brokers) -> Result<Observation, WorkloadError> {
    let on_volumes = world.identity().await?;
    let found = world.observe().await;
    let wanted = wanted(&cluster, world);
    Ok(Observation { cluster, on_volumes, wanted, found })
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
