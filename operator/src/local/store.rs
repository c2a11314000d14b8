//! The objects of a cluster in a folder: what an API server is on Kubernetes.
//!
//! Every object is one file, replaced as a whole. Users write manifests (`put`, `delete`), the
//! reconcilers write status.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use types::{Timestamp, Uuid};

use super::folder;
use crate::crd::cluster::DeletionPolicy;
use crate::crd::conditions::time;
use crate::crd::{
    APPROVED_PLAN, Cluster, ClusterStatus, FINALIZER, TOPIC_FINALIZER, Topic, TopicStatus,
};
use crate::manifest::{Kind, Object, ObjectId};
use crate::topic::rivals;
use crate::world::{Store, StoreError};

/// The objects in a folder.
#[derive(Debug)]
pub struct ObjectStore {
    folder: PathBuf,
    objects: Mutex<Objects>,
}

#[derive(Debug, Default)]
struct Objects {
    by_id: BTreeMap<ObjectId, Object>,
    last_version: u64,
    writes: u64,
}

/// What `put` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// There was no such object.
    Created,
    /// Its spec, labels or annotations are other ones.
    Changed,
    /// It is as it was.
    Unchanged,
}

impl ObjectStore {
    /// Reads every object of a folder, which may be missing.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let mut objects = Objects::default();
        for kind in Kind::ALL {
            for path in files(&folder.join(kind.plural()))? {
                objects.insert(read(kind, &path)?);
            }
        }
        Ok(Self { folder: folder.to_owned(), objects: Mutex::new(objects) })
    }

    /// Every object, clusters first.
    #[must_use]
    pub fn list(&self) -> Vec<Object> {
        self.lock().by_id.values().cloned().collect()
    }

    /// One object.
    #[must_use]
    pub fn find(&self, id: &ObjectId) -> Option<Object> {
        self.lock().by_id.get(id).cloned()
    }

    /// How often anything was written since the store was opened.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// The object as it would be stored, and whether that changes anything.
    #[must_use]
    pub fn merged(&self, object: Object) -> (Object, Put) {
        match self.find(&object.id()) {
            None => (holding(object), Put::Created),
            Some(old) => {
                let merged = holding(merge(object, &old));
                let put = if merged == old { Put::Unchanged } else { Put::Changed };
                (merged, put)
            }
        }
    }

    /// Takes a manifest in; the status stays.
    pub fn put(&self, object: Object, uid: Uuid, now: Timestamp) -> Result<Put, StoreError> {
        let (mut object, put) = self.merged(object);
        match put {
            Put::Unchanged => return Ok(put),
            Put::Changed => {}
            Put::Created => complete(&mut object, uid, now),
        }
        self.write(object)?;
        Ok(put)
    }

    /// Approves the plan of this hash.
    pub fn approve(&self, id: &ObjectId, hash: &str) -> Result<bool, StoreError> {
        let Some(mut object) = self.find(id) else { return Ok(false) };
        let annotations = object.meta_mut().annotations.get_or_insert_default();
        annotations.insert(APPROVED_PLAN.to_owned(), hash.to_owned());
        self.write(object)?;
        Ok(true)
    }

    /// Marks an object as one to be taken down; the reconcilers release it when that is done.
    pub fn delete(&self, id: &ObjectId, now: Timestamp) -> Result<bool, StoreError> {
        let Some(mut object) = self.find(id) else { return Ok(false) };
        if object.meta().deletion_timestamp.is_none() {
            object.meta_mut().deletion_timestamp = Some(time(now));
            self.write(object)?;
        }
        Ok(true)
    }

    fn write(&self, mut object: Object) -> Result<(), StoreError> {
        let mut objects = self.lock();
        object.meta_mut().resource_version = Some((objects.last_version + 1).to_string());
        let path = self.path(&object.id());
        let text = serde_json::to_vec_pretty(&object).expect("an object is plain data");
        folder::replace(&path, &text).map_err(|error| io_error(&path, error))?;
        objects.insert(object);
        objects.writes += 1;
        Ok(())
    }

    fn remove(&self, id: &ObjectId) -> Result<(), StoreError> {
        let mut objects = self.lock();
        let path = self.path(id);
        folder::remove(&path).map_err(|error| io_error(&path, error))?;
        objects.by_id.remove(id);
        objects.writes += 1;
        Ok(())
    }

    /// The file of an object.
    #[must_use]
    pub fn path(&self, id: &ObjectId) -> PathBuf {
        self.folder.join(id.kind.plural()).join(format!("{}.json", id.name))
    }

    fn lock(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().expect("nobody panics while holding the objects")
    }
}

impl Objects {
    fn insert(&mut self, object: Object) {
        let version = object.meta().resource_version.as_deref().and_then(|text| text.parse().ok());
        self.last_version = self.last_version.max(version.unwrap_or(0));
        self.by_id.insert(object.id(), object);
    }
}

impl Store for ObjectStore {
    async fn cluster(&self, name: &str) -> Result<Option<Cluster>, StoreError> {
        let id = ObjectId { kind: Kind::Cluster, name: name.to_owned() };
        Ok(match self.find(&id) {
            Some(Object::Cluster(cluster)) => Some(*cluster),
            Some(Object::Topic(_)) | None => None,
        })
    }

    async fn topics(&self, cluster: &str) -> Result<Vec<Topic>, StoreError> {
        let topics = self.list().into_iter().filter_map(|object| match object {
            Object::Topic(topic) if topic.spec.cluster == cluster => Some(*topic),
            Object::Topic(_) | Object::Cluster(_) => None,
        });
        Ok(topics.collect())
    }

    async fn topic(&self, name: &str) -> Result<Option<Topic>, StoreError> {
        let id = ObjectId { kind: Kind::Topic, name: name.to_owned() };
        Ok(self.find(&id).and_then(Object::into_topic))
    }

    async fn rivals(&self, topic: &Topic) -> Result<Vec<Topic>, StoreError> {
        let topics = self.topics(&topic.spec.cluster).await?;
        Ok(topics.into_iter().filter(|other| rivals::is_rival(topic, other)).collect())
    }

    async fn hold_topic(&self, name: &str, held: bool) -> Result<(), StoreError> {
        let Some(mut topic) = self.topic(name).await? else { return Ok(()) };
        topic.metadata.finalizers = held.then(|| vec![TOPIC_FINALIZER.to_owned()]);
        self.write(Object::Topic(Box::new(topic)))
    }

    async fn write_cluster_status(
        &self,
        name: &str,
        status: &ClusterStatus,
    ) -> Result<(), StoreError> {
        match Store::cluster(self, name).await? {
            None => Ok(()),
            Some(cluster) => {
                let cluster = Cluster { status: Some(status.clone()), ..cluster };
                self.write(Object::Cluster(Box::new(cluster)))
            }
        }
    }

    async fn write_topic_status(&self, name: &str, status: &TopicStatus) -> Result<(), StoreError> {
        let id = ObjectId { kind: Kind::Topic, name: name.to_owned() };
        match self.find(&id) {
            Some(Object::Topic(topic)) => {
                let topic = Topic { status: Some(status.clone()), ..*topic };
                self.write(Object::Topic(Box::new(topic)))
            }
            Some(Object::Cluster(_)) | None => Ok(()),
        }
    }

    async fn release(&self, object: &ObjectId) -> Result<(), StoreError> {
        self.remove(object)
    }
}

/// What a server fills in when an object is new.
fn complete(object: &mut Object, uid: Uuid, now: Timestamp) {
    let meta = object.meta_mut();
    meta.uid = Some(uid.to_string());
    meta.creation_timestamp = Some(time(now));
    meta.generation = Some(1);
    meta.deletion_timestamp = None;
}

/// An object that carries the finalizer its kind and its policy ask for.
fn holding(mut object: Object) -> Object {
    let finalizer = match &object {
        Object::Cluster(_) => Some(FINALIZER),
        Object::Topic(topic) => match topic.spec.deletion_policy {
            DeletionPolicy::Delete => Some(TOPIC_FINALIZER),
            DeletionPolicy::Retain => None,
        },
    };
    object.meta_mut().finalizers = finalizer.map(|finalizer| vec![finalizer.to_owned()]);
    object
}

/// A manifest laid over the object there is: what the server keeps stays, and so does an approval.
fn merge(mut new: Object, old: &Object) -> Object {
    let approval = old.meta().annotations.as_ref().and_then(|all| all.get(APPROVED_PLAN)).cloned();
    let written = new.meta_mut();
    let mut meta = old.meta().clone();
    meta.labels = written.labels.take();
    meta.annotations = written.annotations.take();
    if let Some(hash) = approval {
        let annotations = meta.annotations.get_or_insert_default();
        annotations.entry(APPROVED_PLAN.to_owned()).or_insert(hash);
    }
    let respecified = match (&mut new, old) {
        (Object::Cluster(new), Object::Cluster(old)) => {
            new.status.clone_from(&old.status);
            new.spec != old.spec
        }
        (Object::Topic(new), Object::Topic(old)) => {
            new.status.clone_from(&old.status);
            new.spec != old.spec
        }
        (Object::Cluster(_), Object::Topic(_)) | (Object::Topic(_), Object::Cluster(_)) => {
            unreachable!("objects of one id are of one kind")
        }
    };
    if respecified {
        meta.generation = Some(meta.generation.unwrap_or(0) + 1);
    }
    *new.meta_mut() = meta;
    new
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io_error(folder, error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| io_error(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(files)
}

fn read(kind: Kind, path: &Path) -> Result<Object, StoreError> {
    let text = fs::read(path).map_err(|error| io_error(path, error))?;
    let object = match kind {
        Kind::Cluster => serde_json::from_slice(&text).map(Object::Cluster),
        Kind::Topic => serde_json::from_slice(&text).map(Object::Topic),
    };
    object.map_err(|error| StoreError::Malformed(path.display().to_string(), error))
}

fn io_error(path: &Path, error: std::io::Error) -> StoreError {
    StoreError::Io(path.display().to_string(), error)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
