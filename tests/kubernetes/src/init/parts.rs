//! The parts that a cluster has once, and the words they are started with.

use crate::addresses;
use crate::folder::Folder;
use crate::programs;
use anyhow::Result;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

const ETCD: &str = "http://127.0.0.1:2379";

/// Keeps the objects. Its data are in memory, so that no flush matters.
pub(super) fn etcd(folder: &Folder, programs: &Path) -> Command {
    let mut etcd = Command::new(programs::part(programs, "etcd"));
    etcd.arg("--data-dir").arg(folder.data().join("etcd"));
    etcd.args(["--unsafe-no-fsync", "--log-level", "warn"]);
    etcd.args(["--listen-client-urls", ETCD, "--advertise-client-urls", ETCD]);
    etcd
}

/// Checks and serves the objects; notes every request, so that tests can count them.
pub(super) fn api_server(folder: &Folder, programs: &Path) -> Result<Command> {
    let policy = folder.file("audit-policy.json");
    let rules = json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{ "level": "Metadata" }],
    });
    fs::write(&policy, serde_json::to_vec(&rules)?)?;
    let key = |name: &str| folder.keys().join(name).display().to_string();
    let mut server = Command::new(programs::part(programs, "kube-apiserver"));
    server.args(flags(&[
        ("etcd-servers", ETCD),
        ("bind-address", "0.0.0.0"),
        ("advertise-address", addresses::DNS),
        ("secure-port", "6443"),
        ("tls-cert-file", &key("api-server.crt")),
        ("tls-private-key-file", &key("api-server.key")),
        ("client-ca-file", &key("ca.crt")),
        ("kubelet-certificate-authority", &key("ca.crt")),
        ("kubelet-client-certificate", &key("administrator.crt")),
        ("kubelet-client-key", &key("administrator.key")),
        ("kubelet-preferred-address-types", "InternalIP"),
        ("service-account-key-file", &key("accounts.pub")),
        ("service-account-signing-key-file", &key("accounts.key")),
        ("service-account-issuer", "https://kubernetes.default.svc.cluster.local"),
        ("service-cluster-ip-range", addresses::SERVICES),
        ("authorization-mode", "Node,RBAC"),
        ("allow-privileged", "true"),
        ("endpoint-reconciler-type", "lease"),
        ("audit-policy-file", &policy.to_string_lossy()),
        ("audit-log-path", &folder.file("audit.log").to_string_lossy()),
    ]));
    Ok(server)
}

/// Acts on the objects. A lost node is noticed after ten seconds instead of forty.
pub(super) fn controllers(folder: &Folder, programs: &Path) -> Command {
    let key = |name: &str| folder.keys().join(name).display().to_string();
    let mut controllers = Command::new(programs::part(programs, "kube-controller-manager"));
    controllers.args(flags(&[
        ("kubeconfig", &folder.kubeconfig().to_string_lossy()),
        ("use-service-account-credentials", "false"),
        ("leader-elect", "false"),
        ("allocate-node-cidrs", "false"),
        ("node-monitor-grace-period", "10s"),
        ("node-monitor-period", "1s"),
        ("service-account-private-key-file", &key("accounts.key")),
        ("root-ca-file", &key("ca.crt")),
        ("cluster-signing-cert-file", &key("ca.crt")),
        ("cluster-signing-key-file", &key("ca.key")),
    ]));
    controllers
}

/// Gives Pods their nodes.
pub(super) fn scheduler(folder: &Folder, programs: &Path) -> Command {
    let mut scheduler = Command::new(programs::part(programs, "kube-scheduler"));
    let kubeconfig = folder.kubeconfig();
    scheduler
        .args(flags(&[("kubeconfig", &kubeconfig.to_string_lossy()), ("leader-elect", "false")]));
    scheduler
}

/// Answers for the names of Services and Pods, as a process beside the cluster.
pub(super) fn dns(folder: &Folder, program: &Path) -> Result<Command> {
    let corefile = folder.file("Corefile");
    let kubeconfig = folder.kubeconfig();
    let text = format!(
        ".:53 {{\n  bind {address}\n  errors\n  kubernetes cluster.local in-addr.arpa {{\n    \
         kubeconfig {kubeconfig} test\n    ttl 1\n    pods insecure\n  }}\n}}\n",
        address = addresses::DNS,
        kubeconfig = kubeconfig.display(),
    );
    fs::write(&corefile, text)?;
    let mut dns = Command::new(program);
    dns.arg("-conf").arg(corefile);
    Ok(dns)
}

/// Flags as Kubernetes' programs take them.
pub(super) fn flags(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs.iter().map(|(name, value)| format!("--{name}={value}")).collect()
}
