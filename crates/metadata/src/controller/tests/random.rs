//! Whatever happens in whatever order, the records fit and nobody is without a leader needlessly.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::image::Partition;

/// What may happen to a cluster of up to four brokers and topics.
#[derive(Debug, Clone)]
enum Step {
    Register { broker: i32, incarnation: u8, is_wiped: bool },
    Beat { broker: i32, wants_fence: bool, wants_shutdown: bool, is_behind: bool },
    Fence(i32),
    Create { topic: u8, partitions: i32, replicas: i16 },
    Grow { topic: u8, count: i32 },
    Delete(u8),
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let broker = || 1_i32..5;
    let topic = || 0_u8..4;
    prop_oneof![
        2 => (broker(), 0_u8..3, prop::bool::weighted(0.2)).prop_map(
            |(broker, incarnation, is_wiped)| Step::Register { broker, incarnation, is_wiped }
        ),
        6 => (
            broker(),
            prop::bool::weighted(0.1),
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.1)
        )
            .prop_map(|(broker, wants_fence, wants_shutdown, is_behind)| Step::Beat {
                broker,
                wants_fence,
                wants_shutdown,
                is_behind
            }),
        1 => broker().prop_map(Step::Fence),
        3 => (topic(), 1_i32..5, 1_i16..4).prop_map(
            |(topic, partitions, replicas)| Step::Create { topic, partitions, replicas }
        ),
        1 => (topic(), 1_i32..8).prop_map(|(topic, count)| Step::Grow { topic, count }),
        1 => topic().prop_map(Step::Delete),
        1 => Just(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn a_partition_has_a_leader_exactly_when_somebody_in_sync_can_lead(
        steps in vec(step(), 0..60),
    ) {
        let mut cluster = Cluster::new();
        for step in steps {
            take(&mut cluster, step);
            for (id, _, partition) in cluster.image().topics.partitions() {
                prop_assert_eq!(
                    partition.leader.is_some_and(|leader| can_lead(&cluster, partition, leader)),
                    partition.isr.iter().any(|&member| can_lead(&cluster, partition, member)),
                    "{}: {:?}", id, partition
                );
                prop_assert!(!partition.isr.is_empty());
            }
        }
        let (again, _) = Image::default().apply(&cluster.image().to_records()).unwrap();
        prop_assert_eq!(&again, cluster.image());
    }

    #[test]
    fn every_prefix_of_a_decision_may_be_all_that_is_written(
        partitions in 1_i32..6,
        cut in 0_usize..8,
        restarts: bool,
    ) {
        let mut cluster = Cluster::serving([1, 2]);
        cluster.create(topic("chat", counts(partitions, 2))).unwrap();
        let (first, end) = (cluster.epoch(1), cluster.controller.next_offset());
        let image = cluster.image().clone();
        let records = if restarts {
            let (again, sessions) = (registration(1, 2), &cluster.sessions);
            register_broker(&image, &CLEAN, sessions, cluster.now, end, &again).unwrap().records
        } else {
            fence(&image, &CLEAN, &mut cluster.sessions, BrokerId(1)).records
        };
        let cut = cut.min(records.len());
        cluster.controller.append(&records[..cut]).unwrap();
        // Whatever was written, the same happens again, and then the broker comes back.
        cluster.fence(1, &CLEAN);
        let epoch = cluster.register(&registration(1, 2)).unwrap();
        prop_assert!(epoch > first);
        cluster.beat(1, epoch);
        for (_, _, partition) in cluster.image().topics.partitions() {
            prop_assert_eq!(partition.leader, Some(BrokerId(2)));
            prop_assert_eq!(&partition.isr, &ids(&[2]));
        }
    }
}

fn take(cluster: &mut Cluster, step: Step) {
    match step {
        Step::Register { broker, incarnation, is_wiped } => {
            let mut wanted = registration(broker, incarnation.into());
            if is_wiped {
                let fresh = 5000 + u128::from(broker.unsigned_abs());
                wanted.directories = vec![DirectoryId(Uuid::from_u128(fresh))];
            }
            let _ = cluster.register(&wanted);
        }
        Step::Beat { broker, wants_fence, wants_shutdown, is_behind } => {
            let Some(broker) = cluster.image().brokers.get(BrokerId(broker)) else { return };
            let read = if is_behind { Offset(broker.epoch.0 - 1) } else { cluster.last_offset() };
            let beat = beat(broker.id.0, broker.epoch, read);
            cluster.send(&Heartbeat { wants_fence, wants_shutdown, ..beat });
        }
        Step::Fence(broker) => cluster.fence(broker, &CLEAN),
        Step::Create { topic: number, partitions, replicas } => {
            let _ = cluster.create(topic(&name(number), counts(partitions, replicas)));
        }
        Step::Grow { topic, count } => {
            let growth = [AddPartitions { topic: name(topic), count, assignments: None, seed: 1 }];
            let decision = create_partitions(cluster.image(), &growth, false).unwrap();
            cluster.write(decision);
        }
        Step::Delete(topic) => {
            let decision = delete_topics(cluster.image(), &[TopicRef::Name(name(topic))]);
            cluster.write(decision.unwrap());
        }
        Step::Wait => cluster.now = cluster.now.after(SESSION),
    }
}

fn name(topic: u8) -> String {
    format!("topic-{topic}")
}

fn can_lead(cluster: &Cluster, partition: &Partition, broker: BrokerId) -> bool {
    let registered = cluster.image().brokers.get(broker);
    registered
        .zip(partition.directory(broker))
        .is_some_and(|(broker, directory)| broker.is_active() && broker.has_online(directory))
}
