//! The PersistentVolumeClaim of a broker.
//!
//! It is made before the Pod, under the name that a StatefulSet would give it: which cluster it
//! belongs to stands on it before anything is written into it. It has no owner, so that it outlives
//! the object; a later cluster of the same name finds the identity and takes the data over.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::Blueprint;
use crate::cluster::Identity;
use crate::crd::cluster::Pool;
use crate::kubernetes::names;

/// The size of a volume whose pool names none.
const SIZE: &str = "10Gi";

pub(crate) fn claim(
    blueprint: &Blueprint<'_>,
    pool: &Pool,
    broker: i32,
    identity: &Identity,
) -> PersistentVolumeClaim {
    let identity = serde_json::to_string(identity).expect("an identity is plain data");
    let mut metadata = blueprint.lasting(names::claim(blueprint.name(), &pool.name, broker));
    let labels = metadata.labels.get_or_insert_default();
    labels.insert(names::POOL.to_owned(), pool.name.clone());
    labels.insert(names::BROKER_ID.to_owned(), broker.to_string());
    metadata.annotations = Some([(names::IDENTITY.to_owned(), identity)].into());
    PersistentVolumeClaim { metadata, spec: Some(spec(pool)), status: None }
}

/// What the volumes of a pool are like.
pub(super) fn spec(pool: &Pool) -> PersistentVolumeClaimSpec {
    let size = pool.storage.size.clone().unwrap_or_else(|| SIZE.to_owned());
    let requests = BTreeMap::from([("storage".to_owned(), Quantity(size))]);
    PersistentVolumeClaimSpec {
        access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
        resources: Some(VolumeResourceRequirements { requests: Some(requests), limits: None }),
        storage_class_name: pool.storage.class.clone(),
        ..PersistentVolumeClaimSpec::default()
    }
}
