//! The charts on a real node: from `helm install` to records, through upgrade and rollback, and what
//! stays when they are uninstalled.

use anyhow::{Context, Result, bail};
use kubernetes_tests::{Cluster, Level, programs};
use std::process::Command;
use std::time::Duration;
use workshop::process;

const CHARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../charts");
/// What a Pod gets to be ready, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(90);
/// The image is on the node and nowhere else.
const IMAGE: [&str; 6] = [
    "--set=image.repository=localhost/klamm",
    "--set=image.tag=test",
    "--set=image.pullPolicy=Never",
    "--wait",
    "--timeout",
    "90s",
];
const CHAT: [&str; 3] = [
    "--set=topics[0].name=messages",
    "--set=spec.pools[0].name=brokers",
    "--set=spec.pools[0].storage.size=1Gi",
];

/// A namespace, where Helm finds everything.
struct Place {
    cluster: &'static Cluster,
    namespace: String,
}

#[test]
#[ignore = "needs a test cluster"]
fn charts_are_installed_tested_upgraded_rolled_back_and_taken_away_and_data_stay() -> Result<()> {
    let cluster = Cluster::shared(Level::Node, 1)?;
    cluster.import_klamm()?;
    let place = Place { cluster, namespace: cluster.namespace()? };
    // The API server itself refuses Pods that may do more than they have to.
    let restricted = "pod-security.kubernetes.io/enforce=restricted";
    cluster.kubectl(&["label", "namespace", &place.namespace, restricted])?;

    let said = place.install("klamm", "klamm", &[])?;
    assert!(said.contains("brokers go on running"), "{said}");
    assert!(said.contains("every Cluster, Topic and volume; a later install takes them"), "{said}");
    let said = place.install("chat", "klamm-cluster", &CHAT)?;
    assert!(said.contains("Volumes stay unless"), "{said}");
    place.ready("clusters.klamm.dev/chat")?;
    place.ready("topics.klamm.dev/messages")?;
    place.helm(&["test", "chat", "--timeout", "90s"])?;
    let id = place.field("clusters.klamm.dev/chat", ".status.clusterId")?;

    an_upgrade_is_taken_back(&place)?;
    another_install_takes_over_what_stayed(&place, &id)
}

/// Of the cluster with one more topic, and of the operator with another log level.
fn an_upgrade_is_taken_back(place: &Place) -> Result<()> {
    let broker = place.field("pod/chat-brokers-0", ".metadata.uid")?;
    let more = [CHAT[0], "--set=topics[1].name=more"];
    place.upgrade("chat", "klamm-cluster", &more)?;
    place.ready("topics.klamm.dev/more")?;
    place.helm(&["rollback", "chat", "1"])?;
    place.gone("topics.klamm.dev/more")?;
    place.upgrade("klamm", "klamm", &["--set=logLevel=debug"])?;
    place.helm(&["rollback", "klamm", "1", "--wait", "--timeout", "90s"])?;
    place.ready("clusters.klamm.dev/chat")?;
    assert_eq!(place.field("pod/chat-brokers-0", ".metadata.uid")?, broker, "a broker restarted");
    Ok(())
}

/// First of the operator alone, whose brokers go on, then of the cluster, whose volume stays.
fn another_install_takes_over_what_stayed(place: &Place, id: &str) -> Result<()> {
    let broker = place.field("pod/chat-brokers-0", ".metadata.uid")?;
    let said = place.helm(&["uninstall", "klamm", "--wait"])?;
    assert!(said.contains("kept due to the resource policy"), "{said}");
    place.install("klamm", "klamm", &[])?;
    place.ready("clusters.klamm.dev/chat")?;
    assert_eq!(place.field("pod/chat-brokers-0", ".metadata.uid")?, broker, "a broker restarted");

    place.helm(&["uninstall", "chat"])?;
    place.gone("pod/chat-brokers-0")?;
    let claim = "persistentvolumeclaim/data-chat-brokers-0";
    place.field(claim, ".metadata.uid").context("the volume stays")?;
    place.install("chat", "klamm-cluster", &CHAT)?;
    place.ready("clusters.klamm.dev/chat")?;
    place.ready("topics.klamm.dev/messages")?;
    assert_eq!(place.field("clusters.klamm.dev/chat", ".status.clusterId")?, id);
    Ok(())
}

impl Place {
    fn install(&self, release: &str, chart: &str, words: &[&str]) -> Result<String> {
        self.helm(
            &[&["install", release, &format!("{CHARTS}/{chart}")], &IMAGE[..], words].concat(),
        )
    }

    /// With the values it has, and these.
    fn upgrade(&self, release: &str, chart: &str, words: &[&str]) -> Result<String> {
        let chart = format!("{CHARTS}/{chart}");
        let upgrade = ["upgrade", release, &chart, "--reuse-values", "--wait", "--timeout", "90s"];
        self.helm(&[&upgrade[..], words].concat())
    }

    fn helm(&self, words: &[&str]) -> Result<String> {
        let mut helm: Command = self.cluster.command(&programs::helm()?);
        let home = self.cluster.folder().file("helm");
        for folder in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            helm.env(folder, &home);
        }
        let output = process::output(helm.args(words).args(["--namespace", &self.namespace]))?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        if !output.status.success() {
            bail!("helm {}: {said}\n{}", words.join(" "), self.seen()?);
        }
        Ok(said)
    }

    fn ready(&self, object: &str) -> Result<()> {
        let patience = format!("--timeout={}s", PATIENCE.as_secs());
        let wait = ["wait", "--for=condition=Ready", &patience, object, "-n", &self.namespace];
        match self.cluster.kubectl(&wait) {
            Ok(_) => Ok(()),
            Err(error) => bail!("{error:#}\n{}", self.seen()?),
        }
    }

    fn gone(&self, object: &str) -> Result<()> {
        let patience = format!("--timeout={}s", PATIENCE.as_secs());
        let wait = ["wait", "--for=delete", &patience, object, "--namespace", &self.namespace];
        self.cluster.kubectl(&wait).map(drop)
    }

    fn field(&self, object: &str, path: &str) -> Result<String> {
        let path = format!("jsonpath={{{path}}}");
        self.cluster.kubectl(&["get", object, "--output", &path, "--namespace", &self.namespace])
    }

    /// What a person would look at.
    fn seen(&self) -> Result<String> {
        let all = "clusters,topics,statefulsets,pods,persistentvolumeclaims,events";
        let seen = ["get", all, "--output=wide", "--namespace", &self.namespace];
        let log = ["logs", "deployment/klamm", "--tail=40", "--namespace", &self.namespace];
        let log = self.cluster.kubectl_output(&log)?.stdout;
        Ok(format!("{}\n{}", self.cluster.kubectl(&seen)?, String::from_utf8_lossy(&log)))
    }
}
