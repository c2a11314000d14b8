//! The cluster's network: one bridge that joins the nodes. It has no way out.

use super::children::run;
use crate::addresses;
use anyhow::Result;
use rustix::process::Pid;
use std::fs;

/// The bridge, which is also the link of node 1.
const BRIDGE: &str = "node0";

/// Makes the bridge in the cluster's own network namespace.
pub(super) fn make(nodes: u8) -> Result<()> {
    ip("link set lo up")?;
    ip(&format!("link add {BRIDGE} type bridge forward_delay 0"))?;
    ip(&format!("addr add {}/24 dev {BRIDGE}", addresses::node(1)))?;
    // A bridge with nothing in it is down.
    ip("link add carrier0 type veth peer name carrier1")?;
    ip(&format!("link set carrier0 master {BRIDGE}"))?;
    for link in ["carrier0", "carrier1", BRIDGE] {
        ip(&format!("link set {link} up"))?;
    }
    // Services are unreachable without any route, though their addresses are rewritten later.
    ip(&format!("route add default dev {BRIDGE}"))?;
    forward(1, nodes)
}

/// Makes the link to another node, whose namespace that process is in.
pub(super) fn join(node: u8, process: Pid) -> Result<()> {
    let (here, number) = (link(node), process.as_raw_nonzero());
    ip(&format!("link add {here} type veth peer name eth0 netns {number}"))?;
    ip(&format!("link set {here} master {BRIDGE}"))?;
    ip(&format!("link set {here} up"))
}

/// Sets up another node's end, inside its namespace.
pub(super) fn enter(node: u8, nodes: u8) -> Result<()> {
    ip("link set lo up")?;
    ip(&format!("addr add {}/24 dev eth0", addresses::node(node)))?;
    ip("link set eth0 up")?;
    ip(&format!("route add default via {}", addresses::node(1)))?;
    forward(node, nodes)
}

/// Cuts a node's link, or mends it.
pub(super) fn set_link(node: u8, state: &str) -> Result<()> {
    ip(&format!("link set {} {state}", link(node)))
}

/// The end of a node's link that lies in the cluster's own namespace.
fn link(node: u8) -> String {
    format!("to-node{node}")
}

fn forward(own: u8, nodes: u8) -> Result<()> {
    fs::write("/proc/sys/net/ipv4/ip_forward", "1")?;
    for other in (1..=nodes).filter(|other| *other != own) {
        ip(&format!("route add {} via {}", addresses::pods(other), addresses::node(other)))?;
    }
    Ok(())
}

fn ip(line: &str) -> Result<()> {
    run("ip", &line.split(' ').collect::<Vec<_>>())
}
