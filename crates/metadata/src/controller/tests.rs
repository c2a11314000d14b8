//! What the decisions write, by example.

mod brokers;
mod configs;
mod pending;
mod random;
mod topics;

use std::time::Duration;

use types::{BrokerEpoch, BrokerId, DirectoryId, Instant, Offset, TopicId, Uuid};

use super::*;
use crate::image::{Endpoint, Features, LevelRange, ResourceKind};

/// What Kafka's defaults would be, and one key of each sort.
struct Fixed {
    unclean: bool,
}

impl Settings for Fixed {
    fn default_partitions(&self, _: &Image) -> i32 {
        4
    }

    fn default_replicas(&self, _: &Image) -> i16 {
        1
    }

    fn elects_uncleanly(&self, _: &Image, _: &str) -> bool {
        self.unclean
    }

    fn check(&self, _: &ConfigResource, key: &str, value: &str) -> Result<(), Unfit> {
        match key {
            "retention.ms" if value.parse::<i64>().is_ok() => Ok(()),
            "cleanup.policy" => Ok(()),
            _ => Err(Unfit::Config(format!("{key} cannot be {value}"))),
        }
    }

    fn check_together(
        &self,
        _: &Image,
        _: &ConfigResource,
        configs: &BTreeMap<&str, &str>,
    ) -> Result<(), Unfit> {
        match configs.get("cleanup.policy") {
            Some(&"compact") if configs.contains_key("retention.ms") => {
                let text = "nothing is deleted where everything is compacted";
                Err(Unfit::Config(text.to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn list_default(&self, _: ResourceKind, key: &str) -> Option<String> {
        (key == "cleanup.policy").then(|| "delete".to_owned())
    }
}

const CLEAN: Fixed = Fixed { unclean: false };
const UNCLEAN: Fixed = Fixed { unclean: true };
const SESSION: Duration = Duration::from_secs(9);

/// A controller with its sessions, which writes and commits everything it decides.
struct Cluster {
    controller: Controller,
    sessions: Sessions,
    now: Instant,
}

impl Cluster {
    fn new() -> Cluster {
        let mut controller = Controller::new(Image::default(), Offset(0));
        controller.append(&bootstrap()).unwrap();
        controller.commit(Offset(1));
        let sessions = Sessions::new(controller.image(), SESSION, Instant::ZERO);
        Cluster { controller, sessions, now: Instant::ZERO }
    }

    /// With these brokers, all serving.
    fn serving(brokers: impl IntoIterator<Item = i32>) -> Cluster {
        let mut cluster = Cluster::new();
        for id in brokers {
            let epoch = cluster.register(&registration(id, 1)).unwrap();
            cluster.beat(id, epoch);
        }
        cluster
    }

    fn register(&mut self, registration: &Registration) -> Result<BrokerEpoch, RegisterError> {
        let next = self.controller.next_offset();
        let (image, sessions) = (self.controller.image(), &self.sessions);
        let decision = register_broker(image, &CLEAN, sessions, self.now, next, registration)?;
        self.sessions.begin(registration.broker, self.now);
        Ok(self.write(decision))
    }

    fn beat(&mut self, broker: i32, epoch: BrokerEpoch) -> HeartbeatAnswer {
        self.send(&beat(broker, epoch, self.last_offset()))
    }

    fn stop(&mut self, broker: i32, epoch: BrokerEpoch) -> HeartbeatAnswer {
        let wants_shutdown = true;
        self.send(&Heartbeat { wants_shutdown, ..beat(broker, epoch, self.last_offset()) })
    }

    fn send(&mut self, beat: &Heartbeat) -> HeartbeatAnswer {
        let next = self.controller.next_offset();
        let (image, sessions) = (self.controller.image(), &mut self.sessions);
        let decision = heartbeat(image, &CLEAN, sessions, self.now, next, beat).unwrap();
        self.write(decision)
    }

    fn fence(&mut self, broker: i32, settings: &dyn Settings) {
        let image = self.controller.image();
        let decision = fence(image, settings, &mut self.sessions, BrokerId(broker));
        self.write(decision);
    }

    fn create(&mut self, topic: CreateTopic) -> Result<CreatedTopic, CreateTopicError> {
        let decision = create_topics(self.controller.image(), &CLEAN, &[topic], false).unwrap();
        self.write(decision).remove(0).outcome
    }

    fn write<T>(&mut self, decision: Decision<T>) -> T {
        self.controller.append(&decision.records).unwrap();
        self.controller.commit(self.controller.next_offset());
        decision.answer
    }

    fn image(&self) -> &Image {
        self.controller.image()
    }

    fn last_offset(&self) -> Offset {
        self.controller.next_offset().plus(-1)
    }

    fn epoch(&self, broker: i32) -> BrokerEpoch {
        self.image().brokers.get(BrokerId(broker)).unwrap().epoch
    }

    /// The leader of a partition, its ISR and its leader epoch.
    fn lead(&self, topic: &str, partition: i32) -> (Option<i32>, Vec<i32>, i32) {
        let topic = self.image().topics.named(topic).unwrap();
        let state = topic.partition(types::PartitionIndex(partition)).unwrap();
        let isr = state.isr.iter().map(|broker| broker.0).collect();
        (state.leader.map(|leader| leader.0), isr, state.leader_epoch.0)
    }
}

/// A broker's registration; its folder has the broker's id, its process the incarnation's.
fn registration(id: i32, incarnation: u128) -> Registration {
    let level = Features::METADATA_VERSION_LEVEL;
    let levels = LevelRange { min: level, max: level };
    Registration {
        broker: BrokerId(id),
        incarnation: Uuid::from_u128(incarnation),
        endpoints: vec![Endpoint {
            name: "PLAIN".into(),
            host: "127.0.0.1".into(),
            port: 9092,
            security_protocol: 0,
        }],
        features: BTreeMap::from([(Features::METADATA_VERSION.to_owned(), levels)]),
        rack: None,
        directories: vec![DirectoryId(Uuid::from_u128(1000 + u128::from(id.unsigned_abs())))],
    }
}

fn beat(broker: i32, epoch: BrokerEpoch, metadata_offset: Offset) -> Heartbeat {
    let (wants_fence, wants_shutdown) = (false, false);
    Heartbeat { broker: BrokerId(broker), epoch, metadata_offset, wants_fence, wants_shutdown }
}

fn topic(name: &str, layout: Layout) -> CreateTopic {
    let id = name.bytes().fold(1000_u128, |id, byte| id.wrapping_mul(257) + u128::from(byte));
    let id = TopicId(Uuid::from_u128(id));
    CreateTopic { name: name.into(), id, layout, configs: Vec::new(), seed: 7 }
}

fn counts(partitions: i32, replicas: i16) -> Layout {
    Layout::Counts { partitions, replicas }
}

fn manual(brokers: &[&[i32]]) -> Layout {
    let assignments = (0..).zip(brokers).map(|(number, brokers)| (number, ids(brokers)));
    Layout::Manual { partitions: -1, replicas: -1, assignments: assignments.collect() }
}

fn ids(brokers: &[i32]) -> Vec<BrokerId> {
    brokers.iter().copied().map(BrokerId).collect()
}
