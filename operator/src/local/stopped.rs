//! What commands do with a cluster that no `up` runs.

use super::admission::Admission;
use super::message::Report;
use super::proposal::Proposal;
use super::up::{Options, UpError, now};
use super::{ObjectStore, Processes};
use crate::cluster::{self, apply::ApplyError, observe, reconcile::Circumstances};
use crate::crd::Cluster;
use crate::crd::cluster::DeletionPolicy;
use crate::manifest::{Manifest, Object, ObjectId};
use crate::topic::{self, Found};
use crate::world::{KafkaAdmin, Store};

/// Why objects of a stopped cluster were not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// Another process has begun to run the cluster.
    #[error("a `klamm up` has just begun to run this cluster: try again")]
    InUse,
    /// There is none.
    #[error("there is no {0}")]
    Missing(ObjectId),
    /// Its records can only be deleted by brokers.
    #[error(
        "{0} is to be deleted with its records, and for that its cluster has to run: start it with `klamm up`"
    )]
    NeedsBrokers(ObjectId),
    /// The folder cannot be used.
    #[error(transparent)]
    Up(#[from] UpError),
    /// The cluster could not be taken down.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// How everything is: as the objects say, but that nothing runs.
pub async fn report(options: &Options) -> Result<Report, UpError> {
    let store = open(options)?;
    let (processes, _happenings) = Processes::new(options.folder.clone(), options.program.clone());
    let mut objects = Vec::new();
    for object in store.list() {
        objects.push(match object {
            Object::Cluster(cluster) => {
                stopped_cluster(*cluster, &processes, &options.version).await?
            }
            Object::Topic(topic) => {
                let found = Found::Unknown("the cluster does not run".to_owned());
                let seen = topic::Observation { topic: *topic, found, rival: None };
                let plan = topic::plan::plan(&seen);
                let status = topic::status::status(&seen, &plan, None, now());
                Object::Topic(Box::new(crate::crd::Topic { status: Some(status), ..seen.topic }))
            }
        });
    }
    Ok(Report { running: false, objects })
}

async fn stopped_cluster(
    cluster: Cluster,
    processes: &Processes,
    version: &str,
) -> Result<Object, UpError> {
    let seen = observe::observe(cluster, processes)
        .await
        .map_err(super::admission::AdmissionError::from)?;
    let plan = cluster::plan::plan(&seen);
    let mut status = cluster::status::status(&seen, &plan, None, version, now());
    status.plan = None;
    Ok(Object::Cluster(Box::new(Cluster { status: Some(status), ..seen.cluster })))
}

/// What manifests would change.
pub async fn plan(
    options: &Options,
    admin: &impl KafkaAdmin,
    manifests: &[Manifest],
) -> Result<Proposal, UpError> {
    let store = open(options)?;
    let (processes, _happenings) = Processes::new(options.folder.clone(), options.program.clone());
    let admission = Admission {
        store: &store,
        processes: &processes,
        program: &options.program,
        version: &options.version,
        kafka: (admin, None),
    };
    Ok(admission.admit(manifests).await?)
}

/// Takes objects down that need no broker for it.
pub async fn delete(
    options: &Options,
    admin: &impl KafkaAdmin,
    ids: &[ObjectId],
) -> Result<(), DeleteError> {
    let lock = options.folder.lock().map_err(UpError::from)?.ok_or(DeleteError::InUse)?;
    let store = open(options)?;
    for id in ids {
        check(&store, id, ids)?;
    }
    for id in ids {
        store.delete(id, now()).map_err(UpError::from)?;
        match store.find(id) {
            Some(Object::Cluster(cluster)) => take_down(*cluster, &store, admin, options).await?,
            Some(Object::Topic(_)) | None => store.release(id).await.map_err(UpError::from)?,
        }
    }
    drop(lock);
    Ok(())
}

fn check(store: &ObjectStore, id: &ObjectId, ids: &[ObjectId]) -> Result<(), DeleteError> {
    match store.find(id) {
        None => Err(DeleteError::Missing(id.clone())),
        Some(Object::Cluster(_)) => Ok(()),
        Some(Object::Topic(topic)) => {
            let records_go = topic.spec.deletion_policy == DeletionPolicy::Delete;
            if records_go && !volumes_go(store, &topic.spec.cluster, ids) {
                return Err(DeleteError::NeedsBrokers(id.clone()));
            }
            Ok(())
        }
    }
}

/// Whether a cluster is among what is deleted, with all its data, or is not there at all.
fn volumes_go(store: &ObjectStore, name: &str, ids: &[ObjectId]) -> bool {
    let mut clusters = store.list().into_iter().filter_map(Object::into_cluster);
    let cluster = clusters.find(|cluster| cluster.metadata.name.as_deref() == Some(name));
    cluster.is_none_or(|cluster| {
        let named = ids.contains(&Object::Cluster(Box::new(cluster.clone())).id());
        let mut pools = cluster.spec.pools.iter();
        named && pools.all(|pool| pool.storage.deletion_policy == DeletionPolicy::Delete)
    })
}

async fn take_down(
    cluster: Cluster,
    store: &ObjectStore,
    admin: &impl KafkaAdmin,
    options: &Options,
) -> Result<(), ApplyError> {
    let (processes, _happenings) = Processes::new(options.folder.clone(), options.program.clone());
    let circumstances = Circumstances { version: &options.version, now: now() };
    let name = cluster.metadata.name.clone().unwrap_or_default();
    while let Some(cluster) = Store::cluster(store, &name).await? {
        let no_ids = || unreachable!("what is taken down gains no identity");
        let pass =
            cluster::reconcile::pass(cluster, store, &processes, admin, &circumstances, no_ids);
        pass.await?;
    }
    Ok(())
}

fn open(options: &Options) -> Result<ObjectStore, UpError> {
    Ok(ObjectStore::open(&options.folder.objects())?)
}
