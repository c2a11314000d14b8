//! Where brokers can be reached: by their own names inside, at nodes and load balancers outside.

use k8s_openapi::api::core::v1::{Node, Service};
use kube::runtime::reflector::ObjectRef;
use types::BrokerId;

use super::cache::Cache;
use super::names::{self, ADMIN_PORT, CONTROLLER_PORT};
use super::resources::LOG_DIR;
use crate::crd::Cluster;
use crate::crd::cluster::{EndpointStatus, Listener, ListenerAddress, ListenerType, Pool};
use crate::world::{Site, Template};

/// What addresses are made from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Addresses {
    /// The domain behind the names of Services.
    pub(crate) domain: String,
    /// The addresses of nodes, the best first; only looked up when a listener needs one.
    pub(crate) nodes: Vec<String>,
}

impl Addresses {
    /// Where a broker lives.
    pub(crate) fn site(
        &self,
        cluster: &Cluster,
        cache: &Cache,
        broker: BrokerId,
        pool: Option<&Pool>,
        template: Template,
    ) -> Site {
        let host = self.host(cluster, pool, broker);
        let mut listeners = Vec::new();
        let mut waits_for = None;
        for listener in &cluster.spec.listeners {
            match self.address(cluster, cache, listener, broker, &host) {
                Ok(address) => {
                    listeners.push(ListenerAddress { name: listener.name.clone(), address });
                }
                Err(why) => waits_for = waits_for.or(Some(why)),
            }
        }
        let bound = cluster.spec.listeners.iter().map(|it| (it.name.clone(), it.port));
        let own = [("controller", CONTROLLER_PORT), ("admin", ADMIN_PORT)];
        let own = own.into_iter().map(|(name, port)| (name.to_owned(), port));
        Site {
            endpoints: EndpointStatus {
                listeners,
                controller: format!("{host}:{CONTROLLER_PORT}"),
                admin: format!("{host}:{ADMIN_PORT}"),
            },
            log_dir: LOG_DIR.to_owned(),
            bound: bound.chain(own).map(|(name, port)| (name, format!("0.0.0.0:{port}"))).collect(),
            template,
            waits_for,
        }
    }

    fn host(&self, cluster: &Cluster, pool: Option<&Pool>, broker: BrokerId) -> String {
        let name = names::name(&cluster.metadata);
        let pod = names::pod(name, pool.map_or("", |pool| &pool.name), broker.0);
        let namespace = names::namespace(&cluster.metadata);
        format!("{pod}.{}.{namespace}.svc.{}", names::brokers(name), self.domain)
    }

    fn address(
        &self,
        cluster: &Cluster,
        cache: &Cache,
        listener: &Listener,
        broker: BrokerId,
        host: &str,
    ) -> Result<String, String> {
        if listener.type_ == ListenerType::Internal {
            return Ok(format!("{host}:{}", listener.port));
        }
        let name = names::outside(names::name(&cluster.metadata), &listener.name, broker.0);
        let key = ObjectRef::new(&name).within(names::namespace(&cluster.metadata));
        let service = cache.services.get(&key);
        let service = service.ok_or_else(|| format!("the Service {name} is not there yet"))?;
        if listener.type_ == ListenerType::LoadBalancer {
            let address = balancer(&service);
            return address.map(|host| join(&host, listener.port)).ok_or_else(|| {
                format!("the load balancer of the Service {name} has no address yet")
            });
        }
        let port = node_port(&service);
        let port = port.ok_or_else(|| format!("the Service {name} has no node port yet"))?;
        let current = current(cluster, listener, broker);
        let is_node = |host: &String| self.nodes.contains(host);
        let host = current.filter(is_node).or_else(|| self.nodes.first().cloned());
        let host = host.ok_or("no node that is ready has an address")?;
        Ok(join(&host, port))
    }
}

/// The host that is advertised already: another node's would be as good, and cost a restart.
fn current(cluster: &Cluster, listener: &Listener, broker: BrokerId) -> Option<String> {
    let status = cluster.status.as_ref()?;
    let broker = status.brokers.iter().find(|it| it.id == broker.0)?;
    let listener = broker.endpoints.listeners.iter().find(|it| it.name == listener.name)?;
    let (host, _) = listener.address.rsplit_once(':')?;
    Some(host.trim_matches(['[', ']']).to_owned())
}

fn join(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn node_port(service: &Service) -> Option<i32> {
    service.spec.as_ref()?.ports.as_ref()?.first()?.node_port
}

fn balancer(service: &Service) -> Option<String> {
    let balancer = service.status.as_ref()?.load_balancer.as_ref()?;
    let ingress = balancer.ingress.as_ref()?.first()?;
    ingress.hostname.clone().or_else(|| ingress.ip.clone())
}

/// The address of every node that is ready, one for each: the one from outside where there is one.
pub(crate) fn of_nodes(nodes: &[Node]) -> Vec<String> {
    let mut nodes: Vec<&Node> = nodes.iter().filter(|node| is_ready(node)).collect();
    nodes.sort_by(|one, other| one.metadata.name.cmp(&other.metadata.name));
    nodes.into_iter().filter_map(address).collect()
}

fn is_ready(node: &Node) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|it| it.type_ == "Ready" && it.status == "True")
}

fn address(node: &Node) -> Option<String> {
    let addresses = node.status.as_ref()?.addresses.as_ref()?;
    let of = |kind: &str| addresses.iter().find(|it| it.type_ == kind);
    Some(of("ExternalIP").or_else(|| of("InternalIP"))?.address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn node(name: &str, ready: &str, addresses: Value) -> Node {
        serde_json::from_value(json!({
            "metadata": { "name": name },
            "status": {
                "conditions": [{ "type": "Ready", "status": ready }],
                "addresses": addresses,
            },
        }))
        .unwrap()
    }

    #[test]
    fn nodes_are_reached_from_outside_where_they_can() {
        let inside = json!({ "type": "InternalIP", "address": "10.0.0.1" });
        let outside = json!({ "type": "ExternalIP", "address": "1.2.3.4" });
        let nodes = [
            node("b", "True", json!([inside])),
            node("a", "True", json!([inside, outside])),
            node("c", "False", json!([outside])),
        ];
        assert_eq!(of_nodes(&nodes), ["1.2.3.4", "10.0.0.1"]);
    }

    #[test]
    fn an_address_of_six_has_brackets() {
        assert_eq!(join("fd00::1", 9092), "[fd00::1]:9092");
    }
}
