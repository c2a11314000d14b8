//! The ports of a laptop's brokers.
//!
//! Broker i listens for clients on the manifest's port + i. The cluster's own ports follow from it,
//! 10000 above for replication (kept free), 15000 for `/readyz` and `/metrics`, 20000 for
//! controllers: 9092 gives 19092, 24092, 29092. Where there is no room above, they lie as far below.
//!
//! With Kafka's port all of them lie below 32768, where Linux begins to hand out ports to outgoing
//! connections: above, any program's connection could hold one by chance.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::cluster::observe::WantedBroker;
use crate::crd::ClusterSpec;
use crate::crd::cluster::{EndpointStatus, ListenerAddress};
use crate::manifest::Violation;
use types::BrokerId;

const ADMIN_DISTANCE: i32 = 15_000;
const CONTROLLER_DISTANCE: i32 = 20_000;

/// The addresses of the broker that is the `index`th of its cluster.
pub(super) fn endpoints(spec: &ClusterSpec, index: usize) -> EndpointStatus {
    let index = i32::try_from(index).expect("a pool has less than 10000 brokers");
    let listeners = spec.listeners.iter().map(|listener| ListenerAddress {
        name: listener.name.clone(),
        address: loopback(listener.port + index),
    });
    let first = spec.listeners.first().map_or(9092, |listener| listener.port);
    EndpointStatus {
        listeners: listeners.collect(),
        controller: loopback(at_distance(first, CONTROLLER_DISTANCE) + index),
        admin: loopback(at_distance(first, ADMIN_DISTANCE) + index),
    }
}

fn at_distance(port: i32, distance: i32) -> i32 {
    let has_room_above = port + CONTROLLER_DISTANCE <= i32::from(u16::MAX);
    if has_room_above { port + distance } else { port - distance }
}

fn loopback(port: i32) -> String {
    format!("{}:{port}", Ipv4Addr::LOCALHOST)
}

/// What is said of every address of a broker that someone else listens on; `own` are those its
/// running self holds.
pub(super) fn taken(
    broker: BrokerId,
    wanted: &WantedBroker,
    own: &BTreeSet<String>,
) -> Vec<Violation> {
    let endpoints = &wanted.site.endpoints;
    let clients = endpoints.listeners.iter().enumerate().map(|(index, listener)| {
        let sentence = format!(
            "{} is taken by another program (broker {broker} listens there for clients): end that program, or choose another port",
            listener.address
        );
        (listener.address.as_str(), format!("spec.listeners[{index}].port"), sentence)
    });
    let inner =
        [(&endpoints.controller, "its controller"), (&endpoints.admin, "/readyz and /metrics")];
    let inner = inner.into_iter().map(|(address, purpose)| {
        let sentence = format!(
            "{address} is taken by another program (broker {broker} uses it for {purpose}; it follows from this port): end that program, or choose another port"
        );
        (address.as_str(), "spec.listeners[0].port".to_owned(), sentence)
    });
    let all = clients.chain(inner).filter(|(address, _, _)| !own.contains(*address));
    let taken = all.filter(|(address, _, _)| !is_free(address));
    taken.map(|(_, path, sentence)| Violation { path, sentence }).collect()
}

fn is_free(address: &str) -> bool {
    address.parse::<SocketAddr>().is_ok_and(|address| TcpListener::bind(address).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes;
    use crate::world::Site;

    fn of_port(port: u16, index: usize) -> EndpointStatus {
        let spec = format!("{{ listeners: [{{ name: plain, port: {port} }}] }}");
        endpoints(&fakes::cluster(&spec).spec, index)
    }

    fn all(endpoints: &EndpointStatus) -> Vec<&str> {
        let clients = endpoints.listeners.iter().map(|listener| listener.address.as_str());
        clients.chain([endpoints.controller.as_str(), endpoints.admin.as_str()]).collect()
    }

    #[test]
    fn the_default_ports_are_kafkas_and_their_neighbours() {
        assert_eq!(
            all(&of_port(9092, 0)),
            ["127.0.0.1:9092", "127.0.0.1:29092", "127.0.0.1:24092"]
        );
        assert_eq!(
            all(&of_port(9092, 2)),
            ["127.0.0.1:9094", "127.0.0.1:29094", "127.0.0.1:24094"]
        );
    }

    #[test]
    fn clusters_with_other_ports_have_other_inner_ports() {
        assert_eq!(
            all(&of_port(9192, 0)),
            ["127.0.0.1:9192", "127.0.0.1:29192", "127.0.0.1:24192"]
        );
        assert_eq!(
            all(&of_port(50_000, 0)),
            ["127.0.0.1:50000", "127.0.0.1:30000", "127.0.0.1:35000"]
        );
    }

    #[test]
    fn a_taken_port_is_named_with_what_to_do() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let site = Site {
            endpoints: of_port(port.max(1024), 0),
            log_dir: String::new(),
            bound: std::collections::BTreeMap::new(),
            template: std::collections::BTreeMap::new(),
            waits_for: None,
        };
        let wanted = WantedBroker { pool: "brokers".to_owned(), site };
        let found = taken(BrokerId(0), &wanted, &BTreeSet::new());
        assert_eq!(found[0].path, "spec.listeners[0].port");
        assert!(found[0].sentence.starts_with(&format!("127.0.0.1:{port} is taken")), "{found:?}");
        let own = BTreeSet::from([format!("127.0.0.1:{port}")]);
        assert!(
            !taken(BrokerId(0), &wanted, &own)
                .iter()
                .any(|found| found.sentence.contains("for clients"))
        );
    }
}
