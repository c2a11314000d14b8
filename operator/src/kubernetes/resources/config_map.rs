//! The ConfigMap with the `server.properties` of a pool's brokers, a key for each Pod.
//!
//! Its name follows from its text and it never changes: what a Pod mounts is what its broker was
//! started with, also after a crash, and no node can have an older text under the same name.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use types::BrokerId;

use super::Blueprint;
use crate::cluster::Properties;
use crate::crd::cluster::Pool;
use crate::kubernetes::names;

pub(crate) fn config_map(
    blueprint: &Blueprint<'_>,
    pool: &Pool,
    brokers: &BTreeMap<BrokerId, Properties>,
) -> ConfigMap {
    let ids = pool.ids.first..pool.ids.first.saturating_add(pool.ids.count);
    let ours = brokers.iter().filter(|(broker, _)| ids.contains(&broker.0));
    let data: BTreeMap<String, String> = ours
        .map(|(broker, properties)| {
            let pod = names::pod(blueprint.name(), &pool.name, broker.0);
            (names::file(&pod), properties.text())
        })
        .collect();
    let text = serde_json::to_string(&data).expect("a map of texts is plain data");
    let workload = names::workload(blueprint.name(), &pool.name);
    let mut metadata = blueprint.owned(format!("{workload}-{}", names::digest(&text)));
    metadata.labels.get_or_insert_default().insert(names::POOL.to_owned(), pool.name.clone());
    ConfigMap { metadata, data: Some(data), immutable: Some(true), binary_data: None }
}

/// The properties a Pod that mounts this ConfigMap was started with.
pub(crate) fn properties_in(config_map: &ConfigMap, pod: &str) -> Option<Properties> {
    config_map.data.as_ref()?.get(&names::file(pod)).map(|text| Properties::parse(text))
}
