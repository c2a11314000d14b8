//! What a folder of objects keeps.

use super::*;
use crate::fakes;

fn topic(spec: &str) -> Object {
    Object::Topic(Box::new(fakes::topic(spec)))
}

fn put(store: &ObjectStore, spec: &str) -> Put {
    store.put(topic(spec), Uuid::from_u128(7), Timestamp(5_000)).unwrap()
}

fn id() -> ObjectId {
    ObjectId { kind: Kind::Topic, name: "messages".to_owned() }
}

#[test]
fn what_was_put_is_there_after_reopening() {
    let home = tempfile::tempdir().unwrap();
    let store = ObjectStore::open(home.path()).unwrap();
    assert_eq!(put(&store, "{ cluster: chat, partitions: 3 }"), Put::Created);
    let reopened = ObjectStore::open(home.path()).unwrap();
    assert_eq!(reopened.list(), store.list());
    let object = reopened.find(&id()).unwrap();
    assert_eq!(object.meta().generation, Some(1));
    assert!(object.meta().uid.is_some() && object.meta().creation_timestamp.is_some());
}

#[test]
fn the_generation_counts_specs_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let store = ObjectStore::open(home.path()).unwrap();
    put(&store, "{ cluster: chat, partitions: 3 }");
    assert_eq!(put(&store, "{ cluster: chat, partitions: 3 }"), Put::Unchanged);
    assert_eq!(store.writes(), 1);
    assert_eq!(put(&store, "{ cluster: chat, partitions: 4 }"), Put::Changed);
    assert!(store.approve(&id(), "abc").unwrap());
    let meta = store.find(&id()).unwrap().meta().clone();
    assert_eq!(meta.generation, Some(2));
    assert_eq!(meta.resource_version.as_deref(), Some("3"));
}

#[test]
fn an_approval_outlives_the_next_manifest() {
    let home = tempfile::tempdir().unwrap();
    let store = ObjectStore::open(home.path()).unwrap();
    put(&store, "{ cluster: chat }");
    store.approve(&id(), "abc").unwrap();
    assert_eq!(put(&store, "{ cluster: chat }"), Put::Unchanged);
}

#[tokio::test]
async fn a_new_manifest_keeps_the_status() {
    let home = tempfile::tempdir().unwrap();
    let store = ObjectStore::open(home.path()).unwrap();
    put(&store, "{ cluster: chat }");
    let status = TopicStatus { partitions: Some(3), ..TopicStatus::default() };
    store.write_topic_status("messages", &status).await.unwrap();
    put(&store, "{ cluster: chat, partitions: 4 }");
    let topics = store.topics("chat").await.unwrap();
    assert_eq!(topics[0].status.as_ref().unwrap().partitions, Some(3));
}

#[tokio::test]
async fn a_deleted_object_stays_until_it_is_released() {
    let home = tempfile::tempdir().unwrap();
    let store = ObjectStore::open(home.path()).unwrap();
    put(&store, "{ cluster: chat }");
    assert!(store.delete(&id(), Timestamp(9_000)).unwrap());
    assert!(store.find(&id()).unwrap().meta().deletion_timestamp.is_some());
    store.release(&id()).await.unwrap();
    assert!(store.find(&id()).is_none());
    assert!(ObjectStore::open(home.path()).unwrap().list().is_empty());
    assert!(!store.delete(&id(), Timestamp(9_000)).unwrap());
}

#[test]
fn a_half_written_file_beside_an_object_does_no_harm() {
    let home = tempfile::tempdir().unwrap();
    let store = ObjectStore::open(home.path()).unwrap();
    put(&store, "{ cluster: chat }");
    fs::write(store.path(&id()).with_extension("new"), b"{ \"half").unwrap();
    assert_eq!(ObjectStore::open(home.path()).unwrap().list().len(), 1);
}

#[test]
fn a_damaged_object_is_named() {
    let home = tempfile::tempdir().unwrap();
    let store = ObjectStore::open(home.path()).unwrap();
    put(&store, "{ cluster: chat }");
    fs::write(store.path(&id()), b"{").unwrap();
    let error = ObjectStore::open(home.path()).unwrap_err().to_string();
    assert!(error.contains("topics/messages.json"), "{error}");
}
