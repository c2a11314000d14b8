//! The charts on a real node: from `helm install` to records, through upgrade and rollback, and what
//! stays when they are uninstalled.

use anyhow::{Context, Result, anyhow};
use kubernetes_tests::{Cluster, Level, Place, programs};
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
struct Releases {
    place: Place,
}

#[test]
#[ignore = "needs a test cluster"]
fn charts_are_installed_tested_upgraded_rolled_back_and_taken_away_and_data_stay() -> Result<()> {
    let cluster = Cluster::shared(Level::Node, 1)?;
    cluster.import_klamm()?;
    let releases = Releases { place: Place::new(cluster, PATIENCE)? };
    let place = &releases.place;
    place.restrict()?;

    let said = releases.install("klamm", "klamm", &[])?;
    assert!(said.contains("brokers go on running"), "{said}");
    assert!(said.contains("every Cluster, Topic and volume; a later install takes them"), "{said}");
    let said = releases.install("chat", "klamm-cluster", &CHAT)?;
    assert!(said.contains("Volumes stay unless"), "{said}");
    place.ready("clusters.klamm.dev/chat")?;
    place.ready("topics.klamm.dev/messages")?;
    releases.helm(&["test", "chat", "--timeout", "90s"])?;
    let id = place.known("clusters.klamm.dev/chat", ".status.clusterId")?;

    an_upgrade_is_taken_back(&releases)?;
    another_install_takes_over_what_stayed(&releases, &id)
}

/// Of the cluster with one more topic, and of the operator with another log level.
fn an_upgrade_is_taken_back(releases: &Releases) -> Result<()> {
    let place = &releases.place;
    let broker = place.known("pod/chat-brokers-0", ".metadata.uid")?;
    let more = [CHAT[0], "--set=topics[1].name=more"];
    releases.upgrade("chat", "klamm-cluster", &more)?;
    place.ready("topics.klamm.dev/more")?;
    releases.helm(&["rollback", "chat", "1"])?;
    place.gone("topics.klamm.dev/more")?;
    releases.upgrade("klamm", "klamm", &["--set=logLevel=debug"])?;
    releases.helm(&["rollback", "klamm", "1", "--wait", "--timeout", "90s"])?;
    place.ready("clusters.klamm.dev/chat")?;
    assert_eq!(place.known("pod/chat-brokers-0", ".metadata.uid")?, broker, "a broker restarted");
    Ok(())
}

/// First of the operator alone, whose brokers go on, then of the cluster, whose volume stays.
fn another_install_takes_over_what_stayed(releases: &Releases, id: &str) -> Result<()> {
    let place = &releases.place;
    let broker = place.known("pod/chat-brokers-0", ".metadata.uid")?;
    let said = releases.helm(&["uninstall", "klamm", "--wait"])?;
    assert!(said.contains("kept due to the resource policy"), "{said}");
    releases.install("klamm", "klamm", &[])?;
    place.ready("clusters.klamm.dev/chat")?;
    assert_eq!(place.known("pod/chat-brokers-0", ".metadata.uid")?, broker, "a broker restarted");

    releases.helm(&["uninstall", "chat"])?;
    place.gone("pod/chat-brokers-0")?;
    let claim = "persistentvolumeclaim/data-chat-brokers-0";
    place.known(claim, ".metadata.uid").context("the volume stays")?;
    releases.install("chat", "klamm-cluster", &CHAT)?;
    place.ready("clusters.klamm.dev/chat")?;
    place.ready("topics.klamm.dev/messages")?;
    assert_eq!(place.known("clusters.klamm.dev/chat", ".status.clusterId")?, id);
    Ok(())
}

impl Releases {
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
        let mut helm: Command = self.place.cluster.command(&programs::helm()?);
        let home = self.place.cluster.folder().file("helm");
        for folder in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            helm.env(folder, &home);
        }
        let output =
            process::output(helm.args(words).args(["--namespace", &self.place.namespace]))?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        if !output.status.success() {
            return self.place.explain(&anyhow!("helm {}: {said}", words.join(" ")));
        }
        Ok(said)
    }
}
