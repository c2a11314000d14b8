//! The NetworkPolicy: clients and who asks for metrics reach the brokers, and only brokers the
//! controllers.

use k8s_openapi::api::networking::v1::{
    NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Blueprint;
use crate::kubernetes::names::{ADMIN_PORT, CONTROLLER_PORT};

pub(crate) fn network_policy(blueprint: &Blueprint<'_>) -> NetworkPolicy {
    let clients = blueprint.cluster.spec.listeners.iter().map(|listener| port(listener.port));
    let everyone = NetworkPolicyIngressRule {
        from: None,
        ports: Some(clients.chain([port(ADMIN_PORT)]).collect()),
    };
    let peers = NetworkPolicyPeer {
        pod_selector: Some(blueprint.label_selector()),
        ..NetworkPolicyPeer::default()
    };
    let controllers = NetworkPolicyIngressRule {
        from: Some(vec![peers]),
        ports: Some(vec![port(CONTROLLER_PORT)]),
    };
    NetworkPolicy {
        metadata: blueprint.owned(blueprint.name().to_owned()),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(blueprint.label_selector()),
            ingress: Some(vec![everyone, controllers]),
            egress: None,
            policy_types: Some(vec!["Ingress".to_owned()]),
        }),
    }
}

fn port(port: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some("TCP".to_owned()),
        end_port: None,
    }
}
