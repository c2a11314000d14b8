//! Volumes for claims: a folder on the node that the scheduler chose, gone with its claim.
//!
//! A StatefulSet's claims are bound once a Pod is placed, as in a real cluster. Tests delete and
//! make claims again, so volumes are made when asked for instead of beforehand.

use crate::folder::Folder;
use anyhow::Result;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, Client, ResourceExt};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

/// Who makes the volumes, in the words of the class.
const PROVISIONER: &str = "klamm.dev/test-volumes";

/// The class's name, which is the default.
const CLASS: &str = "standard";

/// The scheduler's word for where it wants a volume.
const CHOSEN_NODE: &str = "volume.kubernetes.io/selected-node";

/// Between two looks at all claims.
const PAUSE: Duration = Duration::from_millis(200);

/// Makes the class.
pub(super) async fn make_class(client: &Client) -> Result<()> {
    let class = json!({
        "metadata": {
            "name": CLASS,
            "annotations": { "storageclass.kubernetes.io/is-default-class": "true" },
        },
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    });
    let classes: Api<StorageClass> = Api::all(client.clone());
    classes.create(&PostParams::default(), &serde_json::from_value(class)?).await?;
    Ok(())
}

/// Makes and removes volumes for as long as the cluster lives.
pub(super) async fn provide(client: &Client, folder: &Folder) {
    loop {
        if let Err(error) = turn(client, folder).await {
            eprintln!("volumes: {error:#}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn turn(client: &Client, folder: &Folder) -> Result<()> {
    let claims: Api<PersistentVolumeClaim> = Api::all(client.clone());
    let volumes: Api<PersistentVolume> = Api::all(client.clone());
    for claim in claims.list(&from_cache()).await? {
        if let Some(volume) = wanted(&claim, folder)? {
            make(&volumes, &volume).await?;
        }
    }
    for volume in volumes.list(&from_cache()).await? {
        let phase = volume.status.as_ref().and_then(|status| status.phase.as_deref());
        if phase == Some("Released") {
            remove(&volumes, &volume, folder).await?;
        }
    }
    Ok(())
}

/// The API server answers such a list from memory.
fn from_cache() -> ListParams {
    ListParams::default().match_any()
}

/// The volume that a claim waits for.
fn wanted(claim: &PersistentVolumeClaim, folder: &Folder) -> Result<Option<PersistentVolume>> {
    let Some(spec) = &claim.spec else { return Ok(None) };
    let node = claim.annotations().get(CHOSEN_NODE);
    let ours = spec.storage_class_name.as_deref() == Some(CLASS) && spec.volume_name.is_none();
    let (true, Some(node), Some(uid)) = (ours, node, claim.uid()) else { return Ok(None) };
    let name = format!("volume-{uid}");
    let path = folder.data().join("volumes").join(&name);
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let volume: Value = json!({
        "metadata": {
            "name": name,
            "annotations": { "pv.kubernetes.io/provisioned-by": PROVISIONER },
        },
        "spec": {
            "accessModes": spec.access_modes,
            "capacity": requests,
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": claim.name_any(),
                "namespace": claim.namespace(),
                "uid": uid,
            },
            "local": { "path": path },
            "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [
                { "key": "kubernetes.io/hostname", "operator": "In", "values": [node] },
            ]}]}},
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": CLASS,
        },
    });
    Ok(Some(serde_json::from_value(volume)?))
}

async fn make(volumes: &Api<PersistentVolume>, volume: &PersistentVolume) -> Result<()> {
    let local = volume.spec.as_ref().and_then(|spec| spec.local.as_ref());
    fs::create_dir_all(local.map(|local| local.path.as_str()).unwrap_or_default())?;
    match volumes.create(&PostParams::default(), volume).await {
        // Made in an earlier turn; its claim is about to be told.
        Err(kube::Error::Api(error)) if error.code == 409 => Ok(()),
        other => Ok(other.map(|_| ())?),
    }
}

async fn remove(
    volumes: &Api<PersistentVolume>,
    volume: &PersistentVolume,
    folder: &Folder,
) -> Result<()> {
    let path = folder.data().join("volumes").join(volume.name_any());
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    volumes.delete(&volume.name_any(), &DeleteParams::default()).await?;
    Ok(())
}
