//! What is decided, what is committed and what is lost with the lead.

use super::*;
use crate::records::MetadataRecord;

#[test]
fn decisions_see_what_is_not_committed_and_brokers_do_not() {
    let mut cluster = Cluster::serving([1]);
    let records = records_of("chat", cluster.image());
    append(&mut cluster.controller, &records);
    assert!(cluster.controller.image().topics.named("chat").is_some());
    assert!(cluster.controller.committed().topics.named("chat").is_none());
    let again = cluster.create(topic("chat", counts(1, 1))).unwrap_err();
    assert_eq!(again.to_string(), "Topic 'chat' already exists.");
}

#[test]
fn a_commit_moves_on_by_whole_batches_and_says_what_changed() {
    let mut cluster = Cluster::serving([1]);
    let controller = &mut cluster.controller;
    let records = ["a", "b"].map(|name| records_of(name, controller.image()));
    append(controller, &records[0]);
    let middle = controller.next_offset();
    append(controller, &records[1]);
    let nothing = controller.commit(middle.plus(-1));
    assert!(nothing.is_empty());
    let first = controller.commit(middle.plus(1));
    assert_eq!(first.topics_created.len(), 1);
    assert!(controller.committed().topics.named("a").is_some());
    assert!(controller.committed().topics.named("b").is_none());
    let second = controller.commit(controller.next_offset());
    assert_eq!(second.topics_created.len(), 1);
    assert_eq!(controller.committed(), controller.image());
}

#[test]
fn what_was_not_committed_is_gone_with_the_lead() {
    let mut cluster = Cluster::serving([1]);
    let committed = cluster.controller.committed().clone();
    let records = records_of("chat", cluster.image());
    append(&mut cluster.controller, &records);
    assert_eq!(cluster.controller.into_committed(), committed);
}

#[test]
fn a_batch_that_does_not_fit_changes_nothing() {
    let mut cluster = Cluster::serving([1]);
    let mut records = records_of("a", cluster.image());
    records.push(records[0].clone());
    let (image, next) = (cluster.image().clone(), cluster.controller.next_offset());
    assert!(cluster.controller.append(&records).is_err());
    assert_eq!(cluster.controller.image(), &image);
    assert_eq!(cluster.controller.next_offset(), next);
}

#[test]
fn control_records_take_offsets_too() {
    let mut controller = Controller::new(Image::default(), Offset(1));
    controller.skip_to(Offset(4));
    append(&mut controller, &bootstrap());
    assert_eq!(controller.next_offset(), Offset(5));
}

fn append(controller: &mut Controller, records: &[MetadataRecord]) {
    controller.append(records).unwrap();
}

fn records_of(name: &str, image: &Image) -> Vec<MetadataRecord> {
    create_topics(image, &CLEAN, &[topic(name, counts(1, 1))], false).unwrap().records
}
