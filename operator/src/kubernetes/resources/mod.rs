//! What a cluster consists of on Kubernetes, as values: one kind a file. Pure: no file here reads or
//! writes, and the same cluster always gives the same objects.

mod account;
mod budget;
mod claim;
mod clashes;
mod config_map;
mod native;
mod network_policy;
mod pod;
mod services;
mod stateful_set;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use kube::Resource;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::names;
use crate::crd::Cluster;

pub(crate) use account::account;
pub(crate) use budget::budget;
pub(crate) use claim::claim;
pub(crate) use config_map::{config_map, properties_in};
pub(crate) use network_policy::network_policy;
pub(crate) use pod::{LOG_DIR, made_from, trial};
pub(crate) use services::services;
pub(crate) use stateful_set::stateful_set;

/// What a manifest says of Pods cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {sentence}")]
pub(crate) struct Unbuildable {
    /// Where it stands, below the pool.
    pub(crate) path: String,
    /// What is wrong with it.
    pub(crate) sentence: String,
}

/// The cluster everything is built for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blueprint<'a> {
    /// The object.
    pub(crate) cluster: &'a Cluster,
    /// The image of brokers whose cluster names none.
    pub(crate) default_image: &'a str,
}

impl<'a> Blueprint<'a> {
    fn name(&self) -> &'a str {
        names::name(&self.cluster.metadata)
    }

    /// The labels of everything that belongs to the cluster.
    fn labels(&self) -> BTreeMap<String, String> {
        let labels = [
            ("app.kubernetes.io/name", "klamm"),
            ("app.kubernetes.io/instance", self.name()),
            ("app.kubernetes.io/component", "broker"),
            (names::MANAGED_BY, names::MANAGER),
            (names::CLUSTER, self.name()),
        ];
        labels.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// What finds the cluster's Pods.
    fn selector(&self) -> BTreeMap<String, String> {
        [(names::CLUSTER.to_owned(), self.name().to_owned())].into()
    }

    fn label_selector(&self) -> LabelSelector {
        LabelSelector { match_labels: Some(self.selector()), match_expressions: None }
    }

    /// What goes with the cluster's object when that is deleted.
    fn owned(&self, name: String) -> ObjectMeta {
        let owner: Option<OwnerReference> = self.cluster.controller_owner_ref(&());
        ObjectMeta { owner_references: owner.map(|owner| vec![owner]), ..self.lasting(name) }
    }

    /// What stays.
    fn lasting(&self, name: String) -> ObjectMeta {
        ObjectMeta {
            name: Some(name),
            namespace: self.cluster.metadata.namespace.clone(),
            labels: Some(self.labels()),
            ..ObjectMeta::default()
        }
    }
}

/// A literal of ours in a shape of Kubernetes' own.
fn literal<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the literal has Kubernetes' shape")
}

#[cfg(test)]
mod tests;
