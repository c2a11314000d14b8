//! The test cluster itself: what tests lean on, at the level of the API server.

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kubernetes_tests::folder::Folder;
use kubernetes_tests::init::cgroups;
use kubernetes_tests::{Cluster, Level, outside};
use std::process::{Command, Stdio};
use std::time::Duration;
use workshop::{process, wait};

/// An object of no consequence.
const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {key: value}\n";

#[test]
#[ignore = "needs a test cluster"]
fn applied_manifest_is_what_a_client_finds() -> Result<()> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    let namespace = cluster.namespace()?;
    cluster.apply(&namespace, MAP)?;
    let found = cluster.block_on(async {
        let maps: Api<ConfigMap> = Api::namespaced(cluster.client().await?, &namespace);
        Ok(maps.get("map").await?)
    })?;
    assert_eq!(found.data.context("it has data")?["key"], "value");
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn refusal_of_the_api_server_is_told() -> Result<()> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    let namespace = cluster.namespace()?;
    let refusal = cluster.apply(&namespace, &MAP.replace("name: map", "name: Map")).unwrap_err();
    assert!(refusal.to_string().contains("Invalid value: \"Map\""), "{refusal:#}");
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn writes_are_told_from_reads() -> Result<()> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    let namespace = cluster.namespace()?;
    let mut requests = cluster.requests()?;
    cluster.apply(&namespace, MAP)?;
    cluster.kubectl(&["get", "configmap", "map", "--namespace", &namespace])?;
    let ours: Vec<_> =
        requests.take()?.into_iter().filter(|request| request.namespace == namespace).collect();
    let writes: Vec<_> = ours.iter().filter(|request| request.is_write()).collect();
    assert_eq!(writes.len(), 1, "{ours:#?}");
    assert_eq!((writes[0].verb.as_str(), writes[0].code), ("create", 201));
    assert!(writes[0].user_agent.starts_with("kubectl/"), "{}", writes[0].user_agent);
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn killed_owner_takes_its_cluster_along() -> Result<()> {
    let own = std::env::current_exe()?;
    let mut owner = Command::new(own)
        .args(["--ignored", "--exact", "owner_waits_to_be_killed", "--nocapture"])
        .env("KLAMM_TEST_OWNER", "yes")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let folder = Folder::named(&format!("test-{}", owner.id()))?;
    wait::until(Duration::from_secs(120), "the cluster is ready", || {
        Ok(folder.file("ready").exists().then_some(()))
    })?;
    let outer = outside::outer_process(&folder).context("the cluster runs")?;
    owner.kill()?;
    owner.wait()?;
    wait::until(Duration::from_secs(30), "nothing is left", || {
        let gone = !folder.path().exists()
            && process::command_line(outer).is_err()
            && cgroups::left(&folder)?.is_empty();
        Ok(gone.then_some(()))
    })?;
    let mounts = std::fs::read_to_string("/proc/mounts")?;
    assert!(!mounts.contains(&folder.name()), "{mounts}");
    Ok(())
}

/// Not a test of its own: the owner in [`killed_owner_takes_its_cluster_along`].
#[test]
#[ignore = "needs a test cluster"]
fn owner_waits_to_be_killed() -> Result<()> {
    if std::env::var_os("KLAMM_TEST_OWNER").is_some() {
        Cluster::shared(Level::Api, 1)?;
        wait::pause(Duration::from_secs(300));
    }
    Ok(())
}
