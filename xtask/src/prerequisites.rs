//! What the tests need beside the Rust toolchain, and how to get it.

use crate::process;
use anyhow::{Result, bail};
use std::process::Command;

/// A program that tests start.
struct Program {
    name: &'static str,
    needed_for: &'static str,
    debian_package: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program { name: "cc", needed_for: "librdkafka and zstd", debian_package: "build-essential" },
    Program { name: "make", needed_for: "librdkafka", debian_package: "build-essential" },
    Program { name: "strip", needed_for: "the container image", debian_package: "build-essential" },
    Program {
        name: "javac",
        needed_for: "the Java client",
        debian_package: "default-jdk-headless",
    },
    Program {
        name: "java",
        needed_for: "Apache Kafka itself",
        debian_package: "default-jdk-headless",
    },
    Program { name: "mvn", needed_for: "Apache Kafka's jars", debian_package: "maven" },
    Program { name: "python3", needed_for: "the Python clients", debian_package: "python3-venv" },
    Program { name: "node", needed_for: "the client for Node.js", debian_package: "nodejs" },
    Program { name: "npm", needed_for: "the client for Node.js", debian_package: "npm" },
    Program { name: "go", needed_for: "the clients for Go", debian_package: "golang-go" },
    Program { name: "strace", needed_for: "disks that fail", debian_package: "strace" },
    Program { name: "mkfs.ext4", needed_for: "disks that are full", debian_package: "e2fsprogs" },
    Program {
        name: "prometheus",
        needed_for: "dashboards and alerts",
        debian_package: "prometheus",
    },
    Program { name: "kcat", needed_for: "the kcat client", debian_package: "kcat" },
    Program { name: "containerd", needed_for: CLUSTER, debian_package: "containerd" },
    Program { name: "runc", needed_for: CLUSTER, debian_package: "runc" },
    Program {
        name: "/usr/lib/cni/bridge",
        needed_for: CLUSTER,
        debian_package: "containernetworking-plugins",
    },
    Program { name: "ip", needed_for: CLUSTER, debian_package: "iproute2" },
    Program { name: "nft", needed_for: CLUSTER, debian_package: "nftables" },
    Program { name: "iptables", needed_for: CLUSTER, debian_package: "iptables" },
    Program { name: "conntrack", needed_for: CLUSTER, debian_package: "conntrack" },
    Program { name: "busybox", needed_for: CLUSTER, debian_package: "busybox-static" },
];

/// What a Kubernetes of its own needs, down to the Pods.
const CLUSTER: &str = "the test cluster";

/// What runs Apache Kafka and fetches it.
const KAFKA: [&str; 2] = ["java", "mvn"];

/// Makes sure that every program is there. CI, where nobody can, installs what is missing itself.
pub(crate) fn ensure() -> Result<()> {
    ensure_those(|_| true)
}

/// Makes sure that Apache Kafka can be started.
pub(crate) fn ensure_kafka() -> Result<()> {
    ensure_those(|program| KAFKA.contains(&program.name))
}

fn ensure_those(are_meant: impl Fn(&Program) -> bool) -> Result<()> {
    let missing = || missing().into_iter().filter(|program| are_meant(program)).collect::<Vec<_>>();
    if process::is_ci() && !missing().is_empty() {
        install(&missing())?;
    }
    let missing = missing();
    for program in &missing {
        println!("missing: {}, needed for {}", program.name, program.needed_for);
    }
    if !missing.is_empty() {
        bail!("install what is missing, on Debian with `apt-get install {}`", packages(&missing));
    }
    Ok(())
}

fn missing() -> Vec<&'static Program> {
    PROGRAMS.iter().filter(|program| !process::is_installed(program.name)).collect()
}

fn install(programs: &[&Program]) -> Result<()> {
    println!("installing {}", packages(programs));
    process::run(Command::new("apt-get").args(["update", "-qq"]))?;
    process::run(
        Command::new("apt-get")
            .args(["install", "-qq", "--yes", "--no-install-recommends"])
            .args(packages(programs).split(' ')),
    )
}

fn packages(programs: &[&Program]) -> String {
    let mut names: Vec<_> = programs.iter().map(|program| program.debian_package).collect();
    names.dedup();
    names.join(" ")
}
