//! The StatefulSet of a pool.
//!
//! Its Pods are replaced only when somebody deletes them (`OnDelete`), so that the plan decides which
//! broker is restarted when. Ordinals are broker ids.

use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetOrdinals, StatefulSetPersistentVolumeClaimRetentionPolicy,
    StatefulSetSpec, StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::{Blueprint, Unbuildable, claim, pod};
use crate::crd::cluster::{DeletionPolicy, Pool};
use crate::kubernetes::names;

/// The workload of a pool whose brokers find their files in this ConfigMap.
pub(crate) fn stateful_set(
    blueprint: &Blueprint<'_>,
    pool: &Pool,
    config_map: &str,
) -> Result<StatefulSet, Unbuildable> {
    let mut metadata = blueprint.owned(names::workload(blueprint.name(), &pool.name));
    metadata.labels.get_or_insert_default().insert(names::POOL.to_owned(), pool.name.clone());
    let mut selector = blueprint.selector();
    selector.insert(names::POOL.to_owned(), pool.name.clone());
    let spec = StatefulSetSpec {
        replicas: Some(pool.replicas),
        service_name: Some(names::brokers(blueprint.name())),
        selector: LabelSelector { match_labels: Some(selector), match_expressions: None },
        ordinals: Some(StatefulSetOrdinals { start: Some(pool.ids.first) }),
        pod_management_policy: Some("Parallel".to_owned()),
        update_strategy: Some(StatefulSetUpdateStrategy {
            type_: Some("OnDelete".to_owned()),
            rolling_update: None,
        }),
        persistent_volume_claim_retention_policy: Some(retention(pool)),
        template: pod::template(blueprint, pool, config_map)?,
        volume_claim_templates: Some(vec![volume(blueprint, pool)]),
        ..StatefulSetSpec::default()
    };
    Ok(StatefulSet { metadata, spec: Some(spec), status: None })
}

fn retention(pool: &Pool) -> StatefulSetPersistentVolumeClaimRetentionPolicy {
    let when_deleted = match pool.storage.deletion_policy {
        DeletionPolicy::Retain => "Retain",
        DeletionPolicy::Delete => "Delete",
    };
    StatefulSetPersistentVolumeClaimRetentionPolicy {
        when_deleted: Some(when_deleted.to_owned()),
        when_scaled: Some("Retain".to_owned()),
    }
}

fn volume(blueprint: &Blueprint<'_>, pool: &Pool) -> PersistentVolumeClaim {
    let metadata = ObjectMeta {
        name: Some("data".to_owned()),
        labels: Some(blueprint.labels()),
        ..ObjectMeta::default()
    };
    PersistentVolumeClaim { metadata, spec: Some(claim::spec(pool)), status: None }
}
