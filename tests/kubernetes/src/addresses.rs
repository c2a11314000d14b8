//! The addresses of a cluster: the same in each, since each has a network of its own.

/// The API server, for who is in the cluster's network.
pub const API_SERVER: &str = "https://10.89.0.1:6443";

/// The DNS server.
pub const DNS: &str = "10.89.0.1";

/// What Services get.
pub const SERVICES: &str = "10.96.0.0/16";

/// What Pods get, over all nodes.
pub const PODS: &str = "10.244.0.0/16";

/// A node's own address, which clients outside the Pods can reach.
#[must_use]
pub fn node(node: u8) -> String {
    format!("10.89.0.{node}")
}

/// What the Pods of a node get.
#[must_use]
pub fn pods(node: u8) -> String {
    format!("10.244.{node}.0/24")
}
