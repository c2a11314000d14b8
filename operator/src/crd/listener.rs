//! `spec.listeners` of a `Cluster`: where clients connect.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cluster::ConfigValue;

/// One way for clients to connect.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = Rule::new("self.type == 'Internal' || self.insecure")
    .message("this listener can be reached from outside and is not encrypted: say `insecure: true` if that is what you want"))]
pub struct Listener {
    /// The listener's name, unique in the cluster. Services for brokers outside carry it in their names.
    #[schemars(length(min = 1, max = 32), regex(pattern = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"))]
    #[x_kube(validation = Rule::new("!(self in ['controller', 'replication'])")
        .message("the names `controller` and `replication` are reserved for the cluster's own listeners"))]
    pub name: String,
    /// The port that brokers listen on. A `NodePort` listener is reached at a port that Kubernetes
    /// draws. On a laptop broker 0 has this one, broker 1 the next, and so on.
    #[schemars(range(min = 1024, max = 65535))]
    #[x_kube(validation = Rule::new("!(self in [9091, 9093, 9644])")
        .message("the ports 9091, 9093 and 9644 are reserved for the cluster's own listeners"))]
    pub port: i32,
    /// From where it can be reached: from inside the Kubernetes cluster (`Internal`; on a laptop from
    /// the laptop), at a port of its nodes (`NodePort`), or at load balancers (`LoadBalancer`), one
    /// for each broker.
    #[serde(default, rename = "type")]
    pub type_: ListenerType,
    /// Says that clients from outside may be served unencrypted and unauthenticated. Required of a
    /// listener that can be reached from outside, without effect on others.
    #[serde(default)]
    pub insecure: bool,
    /// Annotations of the Services behind a listener that can be reached from outside, as load
    /// balancers understand them. Without effect on a laptop.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    pub annotations: BTreeMap<String, ConfigValue>,
}

/// From where a listener can be reached.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListenerType {
    /// From inside the Kubernetes cluster, or on a laptop from the laptop.
    #[default]
    Internal,
    /// From outside, at a port of the nodes of the Kubernetes cluster: one for each broker.
    NodePort,
    /// From outside, at a load balancer: one for each broker.
    LoadBalancer,
}

pub(super) fn default_listeners() -> Vec<Listener> {
    vec![Listener {
        name: "plain".to_owned(),
        port: 9092,
        type_: ListenerType::Internal,
        insecure: false,
        annotations: BTreeMap::new(),
    }]
}
