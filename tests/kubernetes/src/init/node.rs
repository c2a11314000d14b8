//! A node: containerd, kubelet and kube-proxy, with their own view of a few fixed places and, but
//! for the first node, a network of their own.

use super::children::{Children, run};
use super::parts::flags;
use super::{cgroups, mounts, network};
use crate::addresses;
use crate::folder::Folder;
use crate::programs;
use anyhow::{Context, Result};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use workshop::wait;

/// How long a node waits for its link and for containerd.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at who has ended.
const PAUSE: Duration = Duration::from_millis(200);

/// A node as its own process is told of it.
#[derive(Debug, Clone, clap::Args)]
pub struct Node {
    /// The cluster's folder
    pub folder: std::path::PathBuf,
    /// Which one, from 1
    pub number: u8,
    /// Of how many
    pub nodes: u8,
}

/// The process of a node, as the first process of the cluster starts it.
pub fn command(node: &Node) -> Result<Command> {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--uts", "--propagation", "private"]);
    command.args((node.number > 1).then_some("--net"));
    command.arg("--").arg(std::env::current_exe()?).arg("node").arg(&node.folder);
    command.args([node.number.to_string(), node.nodes.to_string()]);
    Ok(command)
}

/// Runs the node until it is killed.
pub fn serve(node: &Node) -> Result<()> {
    let folder = Folder::at(node.folder.clone());
    let own = folder.node(node.number);
    if node.number > 1 {
        fs::write(own.join("entered"), "")?;
        until(|| own.join("linked").exists(), "the node has its link")?;
        network::enter(node.number, node.nodes)?;
    }
    mounts::fixed_places()?;
    let children = Children::new(folder.clone());
    let name = |part: &str| format!("node{}-{part}", node.number);
    children.start(&name("containerd"), containerd(&own, node.number)?)?;
    let programs = programs::kubernetes()?;
    children.start(&name("proxy"), proxy(&folder, node, &programs)?)?;
    until(|| own.join("containerd.sock").exists(), "containerd listens")?;
    import(&folder, node.number, &folder.data().join("pause.tar"))?;
    cgroups::make(&folder, node.number)?;
    children.start(&name("kubelet"), kubelet(&folder, node, &programs)?)?;
    loop {
        children.bury();
        wait::pause(PAUSE);
    }
}

/// Gives a node an image from an archive.
pub fn import(folder: &Folder, node: u8, archive: &Path) -> Result<()> {
    let socket = folder.node(node).join("containerd.sock");
    let (socket, archive) = (socket.to_string_lossy(), archive.to_string_lossy());
    run("ctr", &["-a", &socket, "-n", "k8s.io", "images", "import", &archive])
}

fn containerd(own: &Path, number: u8) -> Result<Command> {
    let networks = own.join("cni");
    fs::create_dir_all(&networks)?;
    fs::write(networks.join("10-test.conflist"), serde_json::to_vec(&pod_network(own, number))?)?;
    let config = own.join("containerd.toml");
    fs::write(&config, containerd_config(own))?;
    let mut containerd = Command::new("containerd");
    containerd.arg("--config").arg(config);
    Ok(containerd)
}

fn containerd_config(own: &Path) -> String {
    let own = own.display();
    format!(
        "version = 2\n\
         root = \"{own}/images\"\n\
         state = \"{own}/state\"\n\
         disabled_plugins = [\"io.containerd.snapshotter.v1.aufs\", \
         \"io.containerd.snapshotter.v1.btrfs\", \"io.containerd.snapshotter.v1.devmapper\", \
         \"io.containerd.snapshotter.v1.zfs\", \"io.containerd.tracing.processor.v1.otlp\", \
         \"io.containerd.internal.v1.tracing\", \"io.containerd.internal.v1.opt\"]\n\
         [grpc]\n\
         address = \"{own}/containerd.sock\"\n\
         [plugins.\"io.containerd.grpc.v1.cri\"]\n\
         sandbox_image = \"localhost/pause:1\"\n\
         restrict_oom_score_adj = true\n\
         [plugins.\"io.containerd.grpc.v1.cri\".containerd]\n\
         snapshotter = \"overlayfs\"\n\
         [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n\
         runtime_type = \"io.containerd.runc.v2\"\n\
         [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n\
         SystemdCgroup = false\n\
         [plugins.\"io.containerd.grpc.v1.cri\".cni]\n\
         bin_dir = \"/usr/lib/cni\"\n\
         conf_dir = \"{own}/cni\"\n"
    )
}

/// Each Pod is joined to its node by a link of its own: so every packet passes the rules that
/// rewrite the addresses of Services, on the way back too.
fn pod_network(own: &Path, number: u8) -> serde_json::Value {
    json!({
        "cniVersion": "0.4.0",
        "name": "test",
        "plugins": [
            { "type": "ptp", "ipMasq": false, "ipam": {
                "type": "host-local",
                "dataDir": own.join("addresses"),
                "ranges": [[{ "subnet": addresses::pods(number) }]],
                "routes": [{ "dst": "0.0.0.0/0" }],
            }},
            { "type": "portmap", "capabilities": { "portMappings": true }, "snat": false },
        ],
    })
}

fn kubelet(folder: &Folder, node: &Node, programs: &Path) -> Result<Command> {
    let (own, name) = (folder.node(node.number), format!("node{}", node.number));
    let key = |file: String| folder.keys().join(file);
    let config = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": { "enabled": false },
            "webhook": { "enabled": true },
            "x509": { "clientCAFile": key("ca.crt".to_owned()) },
        },
        "authorization": { "mode": "Webhook" },
        "address": addresses::node(node.number),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroups::of_node(folder, node.number),
        "clusterDNS": [addresses::DNS],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": format!("unix://{}/containerd.sock", own.display()),
        "evictionHard": { "memory.available": "1Mi", "nodefs.available": "1Mi" },
        "failCgroupV1": false,
        "failSwapOn": false,
        "imageGCHighThresholdPercent": 100,
        "nodeLeaseDurationSeconds": 8,
        "nodeStatusUpdateFrequency": "2s",
        "podLogsDir": own.join("logs"),
        "resolvConf": "",
        "serializeImagePulls": false,
        "tlsCertFile": key(format!("{name}-server.crt")),
        "tlsPrivateKeyFile": key(format!("{name}-server.key")),
        "volumePluginDir": own.join("plugins"),
    });
    let file = own.join("kubelet.json");
    fs::write(&file, serde_json::to_vec(&config)?).context("failed to write a file")?;
    let labels = format!("topology.kubernetes.io/zone=zone-{}", node.number);
    let mut kubelet = Command::new(programs::part(programs, "kubelet"));
    kubelet.args(flags(&[
        ("config", &file.to_string_lossy()),
        ("kubeconfig", &key(format!("{name}.kubeconfig")).to_string_lossy()),
        ("root-dir", &own.join("kubelet").to_string_lossy()),
        ("cert-dir", &own.join("certificates").to_string_lossy()),
        ("hostname-override", &name),
        ("node-ip", &addresses::node(node.number)),
        ("node-labels", &labels),
    ]));
    Ok(kubelet)
}

/// Waits a tenth of its usual second before it writes rules: a Pod that is ready is reachable.
fn proxy(folder: &Folder, node: &Node, programs: &Path) -> Result<Command> {
    let config = json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "nftables": { "minSyncPeriod": "100ms" },
        "clusterCIDR": addresses::PODS,
        "hostnameOverride": format!("node{}", node.number),
        "clientConnection": { "kubeconfig": folder.kubeconfig() },
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpCloseWaitTimeout": "0s",
            "tcpEstablishedTimeout": "0s",
        },
    });
    let file = folder.node(node.number).join("proxy.json");
    fs::write(&file, serde_json::to_vec(&config)?)?;
    let mut proxy = Command::new(programs::part(programs, "kube-proxy"));
    proxy.args(flags(&[("config", &file.to_string_lossy())]));
    Ok(proxy)
}

fn until(done: impl Fn() -> bool, what: &str) -> Result<()> {
    wait::until(PATIENCE, what, || Ok(done().then_some(())))
}
