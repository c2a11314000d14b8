//! The Services: names for the Pods, one door for all of them, and one for each broker outside.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Blueprint;
use crate::crd::cluster::{Listener, ListenerType};
use crate::kubernetes::names::{self, ADMIN_PORT, CONTROLLER_PORT};

/// All Services of the cluster.
pub(crate) fn services(blueprint: &Blueprint<'_>) -> Vec<Service> {
    let spec = &blueprint.cluster.spec;
    let outside = spec.listeners.iter().filter(|it| it.type_ != ListenerType::Internal);
    let brokers = spec.pools.iter().flat_map(|pool| {
        (pool.ids.first..pool.ids.first + pool.replicas).map(|id| (pool.name.as_str(), id))
    });
    let brokers: Vec<(&str, i32)> = brokers.collect();
    let of_brokers = outside.flat_map(|listener| {
        brokers.iter().map(move |(pool, broker)| of_broker(blueprint, listener, pool, *broker))
    });
    [headless(blueprint), bootstrap(blueprint)].into_iter().chain(of_brokers).collect()
}

/// Names for the Pods, also for those that are not ready: controllers must find each other to
/// become so.
fn headless(blueprint: &Blueprint<'_>) -> Service {
    let own = [port("controller", CONTROLLER_PORT), port("admin", ADMIN_PORT)];
    Service {
        metadata: blueprint.owned(names::brokers(blueprint.name())),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            ports: Some(internal(blueprint).chain(own).collect()),
            selector: Some(blueprint.selector()),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

/// One address for all brokers that are ready.
fn bootstrap(blueprint: &Blueprint<'_>) -> Service {
    Service {
        metadata: blueprint.owned(names::bootstrap(blueprint.name())),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            ports: Some(internal(blueprint).collect()),
            selector: Some(blueprint.selector()),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

/// The way from outside to one broker.
fn of_broker(blueprint: &Blueprint<'_>, listener: &Listener, pool: &str, broker: i32) -> Service {
    let pod = names::pod(blueprint.name(), pool, broker);
    let name = names::outside(blueprint.name(), &listener.name, broker);
    let mut metadata = blueprint.owned(name);
    let labels = metadata.labels.get_or_insert_default();
    labels.insert(names::BROKER_ID.to_owned(), broker.to_string());
    let annotations = listener.annotations.iter();
    let annotations: BTreeMap<String, String> =
        annotations.map(|(key, value)| (key.clone(), value.0.clone())).collect();
    metadata.annotations = (!annotations.is_empty()).then_some(annotations);
    let selector = [("statefulset.kubernetes.io/pod-name".to_owned(), pod)];
    Service {
        metadata,
        spec: Some(ServiceSpec {
            type_: Some(kind(listener.type_).to_owned()),
            publish_not_ready_addresses: Some(true),
            ports: Some(vec![port(&listener.name, listener.port)]),
            selector: Some(selector.into()),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

fn kind(listener: ListenerType) -> &'static str {
    match listener {
        ListenerType::Internal => "ClusterIP",
        ListenerType::NodePort => "NodePort",
        ListenerType::LoadBalancer => "LoadBalancer",
    }
}

fn internal<'a>(blueprint: &Blueprint<'a>) -> impl Iterator<Item = ServicePort> + 'a {
    let listeners = blueprint.cluster.spec.listeners.iter();
    let listeners = listeners.filter(|listener| listener.type_ == ListenerType::Internal);
    listeners.map(|listener| port(&listener.name, listener.port))
}

fn port(name: &str, number: i32) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port: number,
        target_port: Some(IntOrString::Int(number)),
        protocol: Some("TCP".to_owned()),
        ..ServicePort::default()
    }
}
