//! Kafka's own tools read our snapshots and say what our image says.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{collections::BTreeMap, ffi::OsStr, fs, path::PathBuf, time::Duration};

use kafka_jars::{text, tool};
use metadata::{
    Image,
    controller::*,
    image::{Broker, ConfigResource, Endpoint, Features, LevelRange, Partition, ResourceKind},
    snapshot::{SnapshotHeader, write_snapshot},
};
use protocol::records::control::{ControlRecord, KRaftVersionRecord, VotersRecord, voters::Voter};
use tempfile::TempDir;
use types::{BrokerId, DirectoryId, Instant, LeaderEpoch, Offset, Timestamp, TopicId, Uuid};

#[test]
fn the_metadata_shell_says_what_the_image_says() {
    let image = image();
    let (_folder, file) = written(&image);
    let arguments =
        [OsStr::new("--snapshot"), file.as_os_str(), "tree".as_ref(), "/image".as_ref()];
    let output = tool("org.apache.kafka.shell.MetadataShell", arguments);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    let lines: Vec<_> = said.lines().map(str::trim).collect();
    for expected in rendered(&image) {
        assert!(lines.contains(&expected.as_str()), "{expected}\nis missing in\n{said}");
    }
    let count = |start| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(count("BrokerRegistration("), image.brokers.len());
    // Each partition stands below its topic's id and below its name.
    assert_eq!(count("PartitionRegistration("), 2 * image.topics.partitions().count());
    assert_eq!(count("TOPIC:"), image.configs.resources().count());
}

#[test]
fn kafkas_dump_of_a_snapshot_finds_nothing_wrong() {
    let image = image();
    let (_folder, file) = written(&image);
    let arguments =
        [OsStr::new("--cluster-metadata-decoder"), "--files".as_ref(), file.as_os_str()];
    let output = tool("org.apache.kafka.tools.DumpLogSegments", arguments);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Snapshot end offset: 42, epoch: 3"), "{said}");
    for bad in ["isvalid: false", "invalid bytes", "Exception", "could not"] {
        assert!(!said.contains(bad), "{said}");
    }
    let records = image.to_records();
    assert_eq!(said.matches("payload: {").count(), records.len(), "{said}");
    let control = ["SnapshotHeader {", "KRaftVersion {", "KRaftVoters {", "SnapshotFooter {"];
    assert!(control.iter().all(|record| said.contains(record)), "{said}");
}

/// A folder that holds the snapshot under the name Kafka gives it.
fn written(image: &Image) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("00000000000000000042-0000000003.checkpoint");
    let batches =
        write_snapshot(image, &header(), LeaderEpoch(3), Timestamp(1_700_000_000_500)).unwrap();
    fs::write(&file, batches.concat()).unwrap();
    (folder, file)
}

/// The lines of Kafka's that speak of this image.
fn rendered(image: &Image) -> Vec<String> {
    let mut lines = vec!["Optional[4.3-IV0]".to_owned()];
    lines.extend(image.next_producer_id.map(|next| next.to_string()));
    lines.extend(image.brokers.iter().map(rendered_broker));
    for topic in image.topics.iter() {
        lines.push(format!("{}:", topic.name));
        lines.push(format!("{}:", topic.id));
        lines.extend(topic.partitions().map(|(_, partition)| rendered_partition(partition)));
    }
    for resource in image.configs.resources() {
        lines.push(format!("TOPIC:{}:", resource.name));
        for (key, value) in image.configs.of(resource) {
            lines.extend([format!("{key}:"), value.to_owned()]);
        }
    }
    lines
}

fn rendered_broker(broker: &Broker) -> String {
    let Endpoint { name, host, port, .. } = &broker.endpoints[0];
    format!(
        "BrokerRegistration(id={}, epoch={}, incarnationId={}, \
         listeners=[Endpoint(listenerName='{name}', securityProtocol=PLAINTEXT, host='{host}', \
         port={port})], supportedFeatures={{metadata.version: {}}}, rack=Optional[{}], \
         fenced={}, inControlledShutdown={}, isMigratingZkBroker=false, directories={}, \
         cordonedDirectories=null)",
        broker.id,
        broker.epoch,
        broker.incarnation,
        Features::METADATA_VERSION_LEVEL,
        broker.rack.as_deref().unwrap_or_default(),
        broker.fenced,
        broker.in_controlled_shutdown,
        list(&broker.directories),
    )
}

fn rendered_partition(partition: &Partition) -> String {
    format!(
        "PartitionRegistration(replicas={}, directories={}, isr={}, removingReplicas={}, \
         addingReplicas={}, elr={}, lastKnownElr={}, leader={}, leaderRecoveryState=RECOVERED, \
         leaderEpoch={}, partitionEpoch={})",
        list(&partition.replicas),
        list(&partition.directories),
        list(&partition.isr),
        list(&partition.removing),
        list(&partition.adding),
        list(&partition.eligible),
        list(&partition.last_known_eligible),
        partition.leader.unwrap_or(BrokerId::NONE),
        partition.leader_epoch,
        partition.epoch,
    )
}

fn list(items: &[impl ToString]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    format!("[{}]", items.join(", "))
}

/// Nothing is configured and every key is fine.
struct Anything;

impl Settings for Anything {
    fn default_partitions(&self, _: &Image) -> i32 {
        1
    }

    fn default_replicas(&self, _: &Image) -> i16 {
        1
    }

    fn elects_uncleanly(&self, _: &Image, _: &str) -> bool {
        false
    }

    fn check(&self, _: &ConfigResource, _: &str, _: &str) -> Result<(), Unfit> {
        Ok(())
    }

    fn check_together(
        &self,
        _: &Image,
        _: &ConfigResource,
        _: &BTreeMap<&str, &str>,
    ) -> Result<(), Unfit> {
        Ok(())
    }

    fn list_default(&self, _: ResourceKind, _: &str) -> Option<String> {
        None
    }
}

/// Two brokers, of which one serves, two topics, configuration, a block of producer ids.
fn image() -> Image {
    let mut controller = Controller::new(Image::default(), Offset(1));
    controller.append(&bootstrap()).unwrap();
    let mut sessions = Sessions::new(controller.image(), Duration::from_secs(9), Instant::ZERO);
    for id in [1, 2] {
        let registration = registration(id);
        let next = controller.next_offset();
        let decision = register_broker(
            controller.image(),
            &Anything,
            &sessions,
            Instant::ZERO,
            next,
            &registration,
        );
        controller.append(&decision.unwrap().records).unwrap();
    }
    let epoch = controller.image().brokers.get(BrokerId(1)).unwrap().epoch;
    let metadata_offset = controller.next_offset();
    let (wants_fence, wants_shutdown) = (false, false);
    let beat =
        Heartbeat { broker: BrokerId(1), epoch, metadata_offset, wants_fence, wants_shutdown };
    let next = controller.next_offset();
    let decision =
        heartbeat(controller.image(), &Anything, &mut sessions, Instant::ZERO, next, &beat);
    controller.append(&decision.unwrap().records).unwrap();
    let topics = [topic("chat", 3, 1), topic("dead.letters", 1, 2)];
    let decision = create_topics(controller.image(), &Anything, &topics, false).unwrap();
    controller.append(&decision.records).unwrap();
    let decision = allocate_producer_ids(controller.image(), BrokerId(1), epoch).unwrap();
    controller.append(&decision.records).unwrap();
    controller.image().clone()
}

fn registration(id: i32) -> Registration {
    let level = Features::METADATA_VERSION_LEVEL;
    let levels = LevelRange { min: level, max: level };
    Registration {
        broker: BrokerId(id),
        incarnation: Uuid::from_u128(77),
        endpoints: vec![Endpoint {
            name: "PLAIN".into(),
            host: format!("broker-{id}"),
            port: 9092,
            security_protocol: 0,
        }],
        features: BTreeMap::from([(Features::METADATA_VERSION.to_owned(), levels)]),
        rack: Some(format!("rack {id}")),
        directories: vec![DirectoryId(Uuid::from_u128(1000 + u128::from(id.unsigned_abs())))],
    }
}

fn topic(name: &str, partitions: i32, replicas: i16) -> CreateTopic {
    CreateTopic {
        name: name.into(),
        id: TopicId(Uuid::from_u128(1 << 64 | u128::from(partitions.unsigned_abs()))),
        layout: Layout::Counts { partitions, replicas },
        configs: vec![("retention.ms".into(), Some("604800000".into()))],
        seed: 1,
    }
}

fn header() -> SnapshotHeader {
    let voter =
        Voter { voter_id: 1, voter_directory_id: Uuid::from_u128(1001), ..Voter::default() };
    SnapshotHeader {
        last_contained_timestamp: Timestamp(1_700_000_000_000),
        quorum: vec![
            ControlRecord::KRaftVersion(KRaftVersionRecord { version: 0, kraft_version: 1 }),
            ControlRecord::Voters(VotersRecord { version: 0, voters: vec![voter] }),
        ],
    }
}
