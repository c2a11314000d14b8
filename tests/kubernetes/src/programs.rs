//! The programs of Kubernetes and its surroundings, built from source once and kept in the user's
//! cache.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use workshop::cache;

/// The release of Kubernetes, as `go/go.mod` names it.
pub const KUBERNETES: &str = "v1.36.4";

/// The one program's source, as the name of what it makes.
const SOURCE: [&str; 3] =
    [include_str!("../go/go.mod"), include_str!("../go/go.sum"), include_str!("../go/main.go")];
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go");

/// Other flags would compile everything anew.
const FLAGS: [&str; 2] = ["-trimpath", "-gcflags=all=-dwarf=false"];
const SMALL: &str = "-s -w";

/// How many packages pass between two signs of life.
const PACKAGES_PER_LINE: usize = 200;

/// The part that each name of the one program plays.
pub const PARTS: [&str; 7] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
];

/// A folder with Kubernetes under the names of [`PARTS`].
pub fn kubernetes() -> Result<PathBuf> {
    let flags = format!("{SMALL} {}", version_flags());
    cache::folder("kubernetes", &(SOURCE, FLAGS, &flags), |folder| {
        let mut go = go(&["build", "-v", "-mod=readonly"], &flags);
        go.arg("-o").arg(folder.join("kubernetes")).arg(".").current_dir(FOLDER);
        build(&format!("Kubernetes {KUBERNETES}"), &mut go)?;
        for part in PARTS {
            std::os::unix::fs::symlink("kubernetes", folder.join(part))?;
        }
        Ok(())
    })
}

/// Helm, for charts.
pub fn helm() -> Result<PathBuf> {
    installed("helm", "helm.sh/helm/v4/cmd/helm", "v4.3.1")
}

/// The cluster's DNS server.
pub fn coredns() -> Result<PathBuf> {
    installed("coredns", "github.com/coredns/coredns", "v1.15.0")
}

/// What checks manifests against schemas without a server.
pub fn kubeconform() -> Result<PathBuf> {
    installed("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform", "v0.8.0")
}

/// Builds all of them, so that no test waits for it.
pub fn make_all() -> Result<()> {
    for make in [kubernetes, coredns, helm, kubeconform] {
        make()?;
    }
    Ok(())
}

/// A program that is its module's own.
fn installed(name: &str, package: &str, version: &str) -> Result<PathBuf> {
    let folder = cache::folder(name, &(package, version, FLAGS), |folder| {
        let mut go = go(&["install", "-v"], SMALL);
        go.arg(format!("{package}@{version}")).env("GOBIN", folder);
        build(&format!("{name} {version}"), &mut go)
    })?;
    Ok(folder.join(name))
}

/// Go at low priority: whoever works on this machine comes first.
fn go(words: &[&str], linker_flags: &str) -> Command {
    let mut go = Command::new("nice");
    go.args(["-n", "10", "go"]).args(words).args(FLAGS).args(["-ldflags", linker_flags]);
    go.env("CGO_ENABLED", "0");
    go
}

/// Without these the programs take themselves for an unknown version, and clients complain.
fn version_flags() -> String {
    let number = KUBERNETES.trim_start_matches('v');
    let (major, minor) = number.split_once('.').unwrap_or_default();
    let minor = minor.split('.').next().unwrap_or_default();
    let set = |name: &str, value: &str| format!("-X k8s.io/component-base/version.{name}={value}");
    [
        set("gitVersion", KUBERNETES),
        set("gitMajor", major),
        set("gitMinor", minor),
        set("gitTreeState", "clean"),
    ]
    .join(" ")
}

/// Runs a build that prints a line for each package; shows that it lives, and all of it when it
/// fails.
fn build(what: &str, go: &mut Command) -> Result<()> {
    eprintln!("building {what}: several minutes, once");
    let mut child = go.stderr(Stdio::piped()).spawn().context("failed to start go")?;
    let output = child.stderr.take().context("a pipe was asked for")?;
    let mut printed = Vec::new();
    for line in BufReader::new(output).lines() {
        printed.push(line?);
        if printed.len().is_multiple_of(PACKAGES_PER_LINE) {
            eprintln!("building {what}: {} packages", printed.len());
        }
    }
    if !child.wait()?.success() {
        bail!("go failed:\n{}", printed.join("\n"));
    }
    Ok(())
}

/// A part of Kubernetes in the folder of [`kubernetes`].
#[must_use]
pub fn part(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}
