//! Brokers in Pods: the world's answers about one cluster, for one turn.
//!
//! A StatefulSet keeps the Pods; we decide when one is replaced, by deleting it. What a broker was
//! started with is read off its Pod: the ConfigMap it mounts and what its annotation says it was made
//! from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, PodSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;
use kube::api::ListParams;
use kube::runtime::reflector::ObjectRef;
use serde_json::json;
use tokio::sync::OnceCell;
use tracing::warn;
use types::BrokerId;

use super::addresses::Addresses;
use super::cache::Cache;
use super::fitness::{self, CheckProperties};
use super::names;
use super::objects::{Objects, refused};
use super::phase::phase;
use super::resources::{self, Blueprint};
use super::trials::Trials;
use crate::cluster::observe::WantedBroker;
use crate::cluster::{Identity, Properties};
use crate::crd::Cluster;
use crate::crd::cluster::Pool;
use crate::refusal::Refusal;
use crate::world::{Brokers, ObservedBroker, Phase, Site, Template, WorkloadError};

/// The Pods of one cluster and what belongs to them.
pub(crate) struct Pods<'a> {
    /// The cluster, as it was when the turn began.
    pub(crate) cluster: &'a Cluster,
    /// What is known.
    pub(crate) cache: &'a Cache,
    /// How it is changed.
    pub(crate) objects: Objects<'a>,
    /// The image of brokers whose cluster names none.
    pub(crate) default_image: &'a str,
    /// Where brokers can be reached.
    pub(crate) addresses: Addresses,
    /// What Pods the API server was asked about.
    pub(crate) trials: &'a Trials,
    /// What the brokers' program says to their properties.
    pub(crate) check: CheckProperties,
    /// ConfigMaps that the cache did not have.
    pub(crate) fetched: OnceCell<BTreeMap<String, ConfigMap>>,
}

impl Pods<'_> {
    /// What everything of it is built from.
    pub(super) fn blueprint(&self) -> Blueprint<'_> {
        Blueprint { cluster: self.cluster, default_image: self.default_image }
    }

    fn name(&self) -> &str {
        names::name(&self.cluster.metadata)
    }

    fn key<K>(&self, name: &str) -> ObjectRef<K>
    where
        K: kube::runtime::reflector::Lookup<DynamicType = ()>,
    {
        ObjectRef::new(name).within(names::namespace(&self.cluster.metadata))
    }

    fn pod(&self, pool: &str, broker: i32) -> Option<Arc<Pod>> {
        self.cache.pods.get(&self.key(&names::pod(self.name(), pool, broker)))
    }

    fn workload(&self, pool: &str) -> Option<Arc<StatefulSet>> {
        self.cache.workloads.get(&self.key(&names::workload(self.name(), pool)))
    }

    fn pool_of(&self, broker: BrokerId) -> Option<&Pool> {
        let pools = self.cluster.spec.pools.iter();
        pools.into_iter().find(|pool| {
            (pool.ids.first..pool.ids.first.saturating_add(pool.ids.count)).contains(&broker.0)
        })
    }

    /// The brokers of a pool that are meant to run.
    async fn observe_pool(&self, pool: &Pool) -> Vec<(BrokerId, ObservedBroker)> {
        let Some(workload) = self.workload(&pool.name) else { return Vec::new() };
        let Some(spec) = workload.spec.as_ref() else { return Vec::new() };
        let next = (spec.template.metadata.as_ref(), spec.template.spec.as_ref());
        let first = spec.ordinals.as_ref().and_then(|it| it.start).unwrap_or(0);
        let mut found = Vec::new();
        for id in first..first + spec.replicas.unwrap_or(1) {
            let pod = self.pod(&pool.name, id);
            let phase = pod.as_ref().map_or(Phase::Starting, |pod| phase(pod));
            // Of a Pod that is on its way out counts what comes after it.
            let current = pod.as_ref().filter(|_| phase != Phase::Stopping);
            let (meta, spec) = current.map_or(next, |pod| (Some(&pod.metadata), pod.spec.as_ref()));
            let name = names::pod(self.name(), &pool.name, id);
            let properties = Some(self.started_with(spec, &name).await);
            let template = made_from(meta);
            let rack = pod.as_ref().and_then(|pod| names::annotation(&pod.metadata, names::RACK));
            let rack = rack.map(str::to_owned);
            found.push((BrokerId(id), ObservedBroker { phase, properties, template, rack }));
        }
        found
    }

    /// The properties in the ConfigMap that a Pod mounts; none when that is gone, so that all of
    /// them count as changed.
    async fn started_with(&self, spec: Option<&PodSpec>, pod: &str) -> Properties {
        let volumes = spec.and_then(|spec| spec.volumes.as_ref()).into_iter().flatten();
        let mounted = volumes.filter(|volume| volume.name == "config");
        let name = mounted.filter_map(|it| it.config_map.as_ref()).map(|it| it.name.clone()).next();
        let Some(name) = name else { return Properties::default() };
        let config_map = match self.cache.config_maps.get(&self.key(&name)) {
            Some(known) => Some(known.as_ref().clone()),
            None => self.fetched().await.get(&name).cloned(),
        };
        let found = config_map.and_then(|it| resources::properties_in(&it, pod));
        found.unwrap_or_default()
    }

    /// The cache of one kind may be behind that of another: then the API server is asked.
    async fn fetched(&self) -> &BTreeMap<String, ConfigMap> {
        let fetch = async || {
            let selector = format!("{}={}", names::CLUSTER, self.name());
            let list = ListParams::default().labels(&selector);
            let found = self.objects.api::<ConfigMap>().list(&list).await;
            let items = found.map(|found| found.items).unwrap_or_default().into_iter();
            items.map(|config_map| (config_map.name_any(), config_map)).collect()
        };
        self.fetched.get_or_init(fetch).await
    }

    /// Writes on each Pod what is known only when there is one: the broker's id, and the rack of the
    /// node it was given. The broker reads the rack off its Pod.
    async fn mark_pods(&self) -> Result<(), WorkloadError> {
        for pool in &self.cluster.spec.pools {
            for id in pool.ids.first..pool.ids.first + pool.replicas {
                if let Some(pod) = self.pod(&pool.name, id) {
                    self.mark_pod(pool, id, &pod).await?;
                }
            }
        }
        Ok(())
    }

    async fn mark_pod(&self, pool: &Pool, id: i32, pod: &Pod) -> Result<(), WorkloadError> {
        let is_named = names::label(&pod.metadata, names::BROKER_ID).is_some();
        let is_placed = names::annotation(&pod.metadata, names::RACK).is_some();
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        let rack = match (&pool.rack, node) {
            (Some(rack), Some(node)) if !is_placed => self.rack(node, &rack.node_label).await,
            (_, _) => None,
        };
        if (is_named && rack.is_none()) || pod.metadata.deletion_timestamp.is_some() {
            return Ok(());
        }
        let mut metadata =
            json!({ "uid": pod.uid(), "labels": { (names::BROKER_ID): id.to_string() } });
        if let Some(rack) = rack {
            metadata["annotations"] = json!({ (names::RACK): rack });
        }
        self.objects.merge::<Pod>(&pod.name_any(), &json!({ "metadata": metadata })).await
    }

    /// A node that cannot be read costs the broker its rack, and nothing else.
    async fn rack(&self, node: &str, label: &str) -> Option<String> {
        match self.objects.node(node).await {
            Ok(found) => names::label(&found.metadata, label).map(str::to_owned),
            Err(error) => {
                warn!(node, %error, "failed to read the node that a rack is named by");
                None
            }
        }
    }

    async fn apply_claims(&self, identity: &Identity) -> Result<(), WorkloadError> {
        let blueprint = self.blueprint();
        for pool in &self.cluster.spec.pools {
            for id in pool.ids.first..pool.ids.first + pool.replicas {
                let claim = resources::claim(&blueprint, pool, id, identity);
                self.objects.apply(&self.cache.claims, claim).await?;
            }
        }
        Ok(())
    }

    /// What brokers stand on, whatever they are run with.
    async fn apply_ground(&self) -> Result<(), WorkloadError> {
        let (blueprint, cache) = (self.blueprint(), self.cache);
        let services = resources::services(&blueprint);
        let keep = services.iter().map(ResourceExt::name_any).collect();
        for service in services {
            self.objects.apply(&cache.services, service).await?;
        }
        self.objects.apply(&cache.accounts, resources::account(&blueprint)).await?;
        self.objects.apply(&cache.budgets, resources::budget(&blueprint)).await?;
        self.objects.apply(&cache.policies, resources::network_policy(&blueprint)).await?;
        self.objects.prune(&cache.services, &self.uid(), &keep).await
    }

    /// What brokers are run with from their next start on.
    async fn apply_workloads(
        &self,
        brokers: &BTreeMap<BrokerId, Properties>,
    ) -> Result<(), WorkloadError> {
        let mut kept = self.mounted();
        for pool in &self.cluster.spec.pools {
            let config_map = resources::config_map(&self.blueprint(), pool, brokers);
            let name = config_map.name_any();
            self.objects.apply(&self.cache.config_maps, config_map).await?;
            self.apply_workload(pool, &name).await?;
            kept.insert(name);
        }
        self.objects.prune(&self.cache.config_maps, &self.uid(), &kept).await
    }

    async fn apply_workload(&self, pool: &Pool, config_map: &str) -> Result<(), WorkloadError> {
        let wanted = resources::stateful_set(&self.blueprint(), pool, config_map);
        let mut wanted = wanted.map_err(|error| WorkloadError::Manifest(error.to_string()))?;
        let live = self.workload(&pool.name);
        if let (Some(spec), Some(live)) = (wanted.spec.as_mut(), live)
            && let Some(live) = &live.spec
        {
            // Fewer brokers are a step of the plan.
            spec.replicas = spec.replicas.max(live.replicas);
            keep_size(spec, live);
        }
        self.objects.apply(&self.cache.workloads, wanted).await
    }

    /// The ConfigMaps that Pods of the cluster, or the next ones, mount.
    fn mounted(&self) -> BTreeSet<String> {
        let namespace = names::namespace(&self.cluster.metadata);
        let is_ours = |meta: &ObjectMeta| {
            names::namespace(meta) == namespace
                && names::label(meta, names::CLUSTER) == Some(self.name())
        };
        let pods = self.cache.pods.state_filter(|pod| is_ours(&pod.metadata)).into_iter();
        let pods = pods.filter_map(|pod| pod.spec.clone());
        let next = self.cache.workloads.state_filter(|it| is_ours(&it.metadata)).into_iter();
        let next = next.filter_map(|workload| workload.spec.clone()?.template.spec);
        let volumes = pods.chain(next).flat_map(|spec| spec.volumes.unwrap_or_default());
        volumes.filter_map(|volume| volume.config_map).map(|source| source.name).collect()
    }

    fn uid(&self) -> String {
        self.cluster.metadata.uid.clone().unwrap_or_default()
    }
}

/// A StatefulSet's template of volumes can never change: each volume is made, and grown, by itself.
fn keep_size(wanted: &mut StatefulSetSpec, live: &StatefulSetSpec) {
    let wanted = wanted.volume_claim_templates.iter_mut().flatten();
    for (wanted, live) in wanted.zip(live.volume_claim_templates.iter().flatten()) {
        if let (Some(wanted), Some(live)) = (wanted.spec.as_mut(), live.spec.as_ref()) {
            wanted.resources.clone_from(&live.resources);
        }
    }
}

fn made_from(meta: Option<&ObjectMeta>) -> Template {
    let text = meta.and_then(|meta| names::annotation(meta, names::MADE_FROM));
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

impl Brokers for Pods<'_> {
    fn site(&self, cluster: &Cluster, _: usize, broker: BrokerId) -> Site {
        let pool = self.pool_of(broker);
        let template =
            pool.map(|pool| resources::made_from(&self.blueprint(), pool)).unwrap_or_default();
        self.addresses.site(cluster, self.cache, broker, pool, template)
    }

    async fn refusal(
        &self,
        cluster: &Cluster,
        wanted: &BTreeMap<BrokerId, WantedBroker>,
    ) -> Option<Refusal> {
        let known = fitness::of_definition(cluster);
        match known.or_else(|| fitness::of_config(cluster, wanted, self.check)) {
            Some(refusal) => Some(refusal),
            None => self.refused_template().await,
        }
    }

    async fn observe(&self) -> BTreeMap<BrokerId, ObservedBroker> {
        let mut found = BTreeMap::new();
        for pool in &self.cluster.spec.pools {
            found.extend(self.observe_pool(pool).await);
        }
        found
    }

    /// Asked of the API server itself, and only while the object does not say who the cluster is: a
    /// cache that is behind must not make a new cluster of an old one.
    async fn identity(&self) -> Result<Option<Identity>, WorkloadError> {
        if self.cluster.status.as_ref().is_some_and(|status| status.cluster_id.is_some()) {
            return Ok(None);
        }
        let selector = format!("{}={}", names::CLUSTER, self.name());
        let list = ListParams::default().labels(&selector);
        let found = self.objects.api::<PersistentVolumeClaim>().list(&list).await;
        let found =
            found.map_err(|error| refused("PersistentVolumeClaims of", self.name(), error))?;
        let mut claims: Vec<_> = found.items;
        claims.sort_by_key(ResourceExt::name_any);
        let written = claims.iter().find_map(|claim| {
            Some((claim.name_any(), names::annotation(&claim.metadata, names::IDENTITY)?))
        });
        let Some((name, text)) = written else { return Ok(None) };
        let identity = serde_json::from_str(text);
        identity.map(Some).map_err(|error| WorkloadError::Malformed(name, error))
    }

    async fn write_identity(&self, identity: &Identity) -> Result<(), WorkloadError> {
        self.apply_claims(identity).await
    }

    async fn prepare(
        &self,
        cluster: &Cluster,
        brokers: Option<&BTreeMap<BrokerId, Properties>>,
    ) -> Result<(), WorkloadError> {
        self.apply_ground().await?;
        self.mark_pods().await?;
        let Some(brokers) = brokers else { return Ok(()) };
        if let Some(identity) = Identity::of(&cluster.status_or_default()) {
            self.apply_claims(&identity).await?;
        }
        self.apply_workloads(brokers).await
    }

    /// What it is run with stands ready: a new Pod takes the place of the one that is deleted.
    async fn run(&self, broker: BrokerId, _: &Properties) -> Result<(), WorkloadError> {
        let Some(pool) = self.pool_of(broker) else { return Ok(()) };
        match self.pod(&pool.name, broker.0) {
            Some(pod) => self.objects.delete(pod.as_ref()).await,
            None => Ok(()),
        }
    }

    /// The highest broker of a pool leaves; its volume stays.
    async fn stop(&self, broker: BrokerId) -> Result<(), WorkloadError> {
        let Some(pool) = self.pool_of(broker) else { return Ok(()) };
        let Some(workload) = self.workload(&pool.name) else { return Ok(()) };
        let mut fewer = workload.as_ref().clone();
        fewer.metadata.managed_fields = None;
        fewer.metadata.resource_version = None;
        if let Some(spec) = fewer.spec.as_mut() {
            spec.replicas = Some(broker.0 - pool.ids.first);
        }
        fewer.status = None;
        self.objects.apply(&self.cache.workloads, fewer).await
    }

    async fn remove_volume(&self, broker: BrokerId) -> Result<(), WorkloadError> {
        let Some(pool) = self.pool_of(broker) else { return Ok(()) };
        let name = names::claim(self.name(), &pool.name, broker.0);
        match self.cache.claims.get(&self.key(&name)) {
            Some(claim) => self.objects.delete(claim.as_ref()).await,
            None => Ok(()),
        }
    }
}
