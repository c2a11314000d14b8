//! What records do to an image, by example and by property.

use proptest::{collection::vec, prelude::*, sample::Index};
use types::{BrokerId, DirectoryId, PartitionIndex, TopicId, TopicIdPartition, Uuid};

use super::*;
use crate::records::*;

#[test]
fn a_topic_that_comes_and_goes_is_in_no_delta() {
    let (image, mut delta) = Image::default().apply(&[topic(1, "chat"), partition(1, 0)]).unwrap();
    assert!(delta.topics_created.contains(&id(1)));
    let (image, later) = image.apply(&[remove(1)]).unwrap();
    assert_eq!(later.topics_deleted[&id(1)].name.as_str(), "chat");
    delta.merge(later);
    assert!(delta.is_empty(), "{delta:?}");
    assert_eq!(image, Image::default());
}

#[test]
fn a_topic_takes_its_configuration_along() {
    let records = [topic(1, "chat"), config(2, "chat", "retention.ms", Some("1")), remove(1)];
    let (image, delta) = Image::default().apply(&records).unwrap();
    assert_eq!(image, Image::default());
    assert!(delta.configs.contains(&ConfigResource::topic("chat")));
}

#[test]
fn a_name_that_is_used_again_belongs_to_the_new_topic() {
    let (old, _) = Image::default().apply(&[topic(1, "a.b"), remove(1), topic(2, "a.b")]).unwrap();
    assert_eq!(old.topics.named("a.b").map(|topic| topic.id), Some(id(2)));
    assert!(old.topics.get(id(1)).is_none());
    let colliding = types::TopicName::parse("a_b").unwrap();
    assert_eq!(old.topics.colliding(&colliding).map(|name| name.as_str()), Some("a.b"));
}

#[test]
fn the_image_before_stays_as_it_was() {
    let (before, _) = Image::default().apply(&[topic(1, "chat"), partition(1, 0)]).unwrap();
    let kept = before.clone();
    let (after, _) = before.apply(&[partition(1, 1)]).unwrap();
    assert_eq!(before, kept);
    assert_eq!(after.topics.get(id(1)).map(Topic::partition_count), Some(2));
}

#[test]
fn a_change_without_a_leader_keeps_the_leader_epoch() {
    let isr = Some(vec![0, 1]);
    let change = PartitionChangeRecord { partition_id: 0, topic_id: uuid(1), isr, ..default() };
    let records = [topic(1, "chat"), partition(1, 0), change.into()];
    let (image, _) = Image::default().apply(&records).unwrap();
    let state = image.topics.partition(place(1, 0)).unwrap();
    assert_eq!((state.leader_epoch.0, state.epoch.0), (0, 1));
    assert_eq!(state.isr, [BrokerId(0), BrokerId(1)]);
}

#[test]
fn a_leader_outside_the_isr_is_refused() {
    let change =
        PartitionChangeRecord { partition_id: 0, topic_id: uuid(1), leader: 1, ..default() };
    let records = [topic(1, "chat"), partition(1, 0), change.into()];
    let error = Image::default().apply(&records).unwrap_err();
    let why = "its leader is not in the ISR";
    assert_eq!(error, ApplyError::ImpossiblePartition { partition: place(1, 0), why });
}

#[test]
fn a_record_that_would_lose_its_meaning_is_an_error_that_names_it() {
    let error = Image::default().apply(&[AccessControlEntryRecord::default().into()]).unwrap_err();
    assert_eq!(error, ApplyError::UnsupportedRecord("AccessControlEntryRecord"));
}

#[test]
fn another_incarnation_cannot_be_fenced_by_mistake() {
    let register = RegisterBrokerRecord { broker_id: 1, broker_epoch: 7, rack: None, ..default() };
    let fence = BrokerRegistrationChangeRecord { broker_id: 1, broker_epoch: 6, ..default() };
    let error = Image::default().apply(&[register.into(), fence.into()]).unwrap_err();
    assert_eq!(error.to_string(), "broker 1 is registered with epoch 7, not 6");
}

#[test]
fn a_metadata_version_that_is_not_ours_is_refused() {
    let record = FeatureLevelRecord { name: Features::METADATA_VERSION.into(), feature_level: 31 };
    let error = Image::default().apply(&[record.into()]).unwrap_err();
    assert_eq!(error, ApplyError::UnsupportedMetadataVersion(31));
}

proptest! {
    #[test]
    fn the_records_of_an_image_make_the_image(steps in vec(step(), 0..60)) {
        let image = image_after(&steps);
        let encoded: Vec<_> =
            image.to_records().iter().map(|record| record.encode().unwrap()).collect();
        let records: Vec<_> =
            encoded.into_iter().map(|bytes| MetadataRecord::decode(bytes).unwrap()).collect();
        let (again, _) = Image::default().apply(&records).unwrap();
        prop_assert_eq!(again.to_records(), records);
        prop_assert_eq!(again, image);
    }

    #[test]
    fn records_that_are_no_records_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = MetadataRecord::decode(bytes.into());
    }

    #[test]
    fn applying_in_two_steps_changes_the_same_as_in_one(
        steps in vec(step(), 0..60),
        cut: Index,
    ) {
        let records: Vec<_> = accepted(&steps);
        let (first, second) = records.split_at(cut.index(records.len() + 1));
        let (halfway, mut delta) = Image::default().apply(first).unwrap();
        let (end, later) = halfway.apply(second).unwrap();
        delta.merge(later);
        prop_assert_eq!((end, delta), Image::default().apply(&records).unwrap());
    }
}

/// What may happen to a cluster; steps that do not fit are left out.
#[derive(Debug, Clone)]
enum Step {
    Broker { id: u8, epoch: u8, rack: Option<u8>, fenced: bool, cordoned: bool },
    Controller(u8),
    Fence { id: u8, epoch: u8, fenced: i8, stops: bool },
    Unregister { id: u8, epoch: u8 },
    Topic { id: u8, name: String },
    Remove(u8),
    Partition { topic: u8, index: u8, replicas: Vec<u8>, leader: bool, eligible: bool },
    Change { topic: u8, index: u8, leader: i8, isr: Option<Vec<u8>> },
    Config { kind: u8, name: u8, key: u8, value: Option<u8> },
    ProducerIds(u16),
    Feature { name: u8, level: i8 },
}

fn step() -> impl Strategy<Value = Step> {
    let small = || 0_u8..4;
    prop_oneof![
        (small(), small(), any::<Option<u8>>(), any::<bool>(), any::<bool>()).prop_map(
            |(id, epoch, rack, fenced, cordoned)| Step::Broker {
                id,
                epoch,
                rack,
                fenced,
                cordoned
            }
        ),
        small().prop_map(Step::Controller),
        (small(), small(), -1_i8..=1, any::<bool>())
            .prop_map(|(id, epoch, fenced, stops)| Step::Fence { id, epoch, fenced, stops }),
        (small(), small()).prop_map(|(id, epoch)| Step::Unregister { id, epoch }),
        (small(), "[a-c._]{1,3}").prop_map(|(id, name)| Step::Topic { id, name }),
        small().prop_map(Step::Remove),
        (small(), small(), vec(small(), 1..4), any::<bool>(), any::<bool>()).prop_map(
            |(topic, index, replicas, leader, eligible)| Step::Partition {
                topic,
                index,
                replicas,
                leader,
                eligible
            }
        ),
        (small(), small(), -2_i8..4, any::<Option<[u8; 2]>>()).prop_map(
            |(topic, index, leader, isr)| Step::Change {
                topic,
                index,
                leader,
                isr: isr.map(|isr| isr.map(|member| member % 4).to_vec())
            }
        ),
        (0_u8..5, small(), small(), any::<Option<u8>>())
            .prop_map(|(kind, name, key, value)| Step::Config { kind, name, key, value }),
        any::<u16>().prop_map(Step::ProducerIds),
        (small(), 0_i8..3).prop_map(|(name, level)| Step::Feature { name, level }),
    ]
}

fn record_of(step: &Step) -> MetadataRecord {
    match step.clone() {
        Step::Broker { id, epoch, rack, fenced, cordoned } => RegisterBrokerRecord {
            broker_id: id.into(),
            broker_epoch: epoch.into(),
            rack: rack.map(|rack| rack.to_string().into()),
            fenced,
            incarnation_id: uuid(rack.unwrap_or(0)),
            end_points: vec![BrokerEndpoint { name: "plain".into(), port: 9092, ..default() }],
            features: vec![BrokerFeature { name: "x".into(), ..default() }],
            log_dirs: vec![uuid(id)],
            cordoned_log_dirs: cordoned.then(|| vec![uuid(id)]),
            ..default()
        }
        .into(),
        Step::Controller(id) => RegisterControllerRecord {
            controller_id: id.into(),
            end_points: vec![ControllerEndpoint { host: "h".into(), ..default() }],
            features: vec![ControllerFeature { name: "x".into(), ..default() }],
            ..default()
        }
        .into(),
        Step::Fence { id, epoch, fenced, stops } => BrokerRegistrationChangeRecord {
            broker_id: id.into(),
            broker_epoch: epoch.into(),
            fenced,
            in_controlled_shutdown: stops.into(),
            ..default()
        }
        .into(),
        Step::Unregister { id, epoch } => {
            UnregisterBrokerRecord { broker_id: id.into(), broker_epoch: epoch.into() }.into()
        }
        Step::Topic { id, name } => topic(id, &name),
        Step::Remove(id) => remove(id),
        Step::Partition { topic, index, replicas, leader, eligible } => PartitionRecord {
            partition_id: index.into(),
            topic_id: uuid(topic),
            isr: vec![replicas[0].into()],
            leader: if leader { replicas[0].into() } else { -1 },
            directories: replicas.iter().map(|&replica| uuid(replica)).collect(),
            replicas: replicas.iter().map(|&replica| replica.into()).collect(),
            leader_epoch: index.into(),
            partition_epoch: index.into(),
            leader_recovery_state: leader.into(),
            eligible_leader_replicas: eligible.then(|| vec![1, 2]),
            ..default()
        }
        .into(),
        Step::Change { topic, index, leader, isr } => PartitionChangeRecord {
            partition_id: index.into(),
            topic_id: uuid(topic),
            leader: leader.into(),
            isr: isr.map(|isr| isr.into_iter().map(i32::from).collect()),
            ..default()
        }
        .into(),
        Step::Config { kind, name, key, value } => {
            let kind = [2, 4, 16, 32, 8][usize::from(kind)];
            let value = value.map(|value| value.to_string());
            config(kind, &name.to_string(), &key.to_string(), value.as_deref())
        }
        Step::ProducerIds(next) => {
            ProducerIdsRecord { next_producer_id: next.into(), ..default() }.into()
        }
        Step::Feature { name, level } => {
            FeatureLevelRecord { name: name.to_string().into(), feature_level: level.into() }.into()
        }
    }
}

fn accepted(steps: &[Step]) -> Vec<MetadataRecord> {
    let mut image = Image::default();
    let mut records = Vec::new();
    for record in steps.iter().map(record_of) {
        if let Ok((after, _)) = image.apply([&record]) {
            image = after;
            records.push(record);
        }
    }
    records
}

fn image_after(steps: &[Step]) -> Image {
    let (image, _) = Image::default().apply(&accepted(steps)).unwrap();
    image
}

fn default<T: Default>() -> T {
    T::default()
}

fn uuid(number: u8) -> Uuid {
    Uuid::from_u128(u128::from(number) + 1000)
}

fn id(number: u8) -> TopicId {
    TopicId(uuid(number))
}

fn place(topic: u8, partition: i32) -> TopicIdPartition {
    TopicIdPartition { topic: id(topic), partition: PartitionIndex(partition) }
}

fn topic(number: u8, name: &str) -> MetadataRecord {
    TopicRecord { name: name.into(), topic_id: uuid(number) }.into()
}

fn remove(number: u8) -> MetadataRecord {
    RemoveTopicRecord { topic_id: uuid(number) }.into()
}

/// Replicas 0 and 1, of which 0 leads and is alone in sync.
fn partition(topic: u8, index: i32) -> MetadataRecord {
    let replicas = vec![BrokerId(0), BrokerId(1)];
    let state = Partition::new(replicas, vec![DirectoryId(uuid(9)); 2], vec![BrokerId(0)]);
    partition_record(place(topic, index), &state).into()
}

fn config(kind: i8, name: &str, key: &str, value: Option<&str>) -> MetadataRecord {
    ConfigRecord {
        resource_type: kind,
        resource_name: name.into(),
        name: key.into(),
        value: value.map(Into::into),
    }
    .into()
}
