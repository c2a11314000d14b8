//! What the members of a group tell each other through the broker: subscriptions and assignments. What
//! was read and written again, in the last version, reads the same.

use bytes::Bytes;
use protocol::consumer_protocol::{
    AssignedPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription, OwnedPartitions,
};

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let user_data = Some(Bytes::from_static(b"sticky"));
    let (topic, partitions) = ("chat", vec![0, 7]);
    let owned = OwnedPartitions { topic: topic.into(), partitions: partitions.clone() };
    let assigned = AssignedPartitions { topic: topic.into(), partitions };
    let subscription = ConsumerProtocolSubscription {
        topics: vec!["chat".into(), "mail".into()],
        user_data: user_data.clone(),
        owned_partitions: vec![owned],
        generation_id: 3,
        rack_id: Some("rack".into()),
    };
    let assignment = ConsumerProtocolAssignment { assigned_partitions: vec![assigned], user_data };
    let first = |written: &Bytes, version: u8| [&[0, version], &written[2..]].concat();
    let subscription = subscription.write().expect("it is small");
    let assignment = assignment.write().expect("it is small");
    let versions = (0..=4).flat_map(|it| [first(&subscription, it), first(&assignment, it)]);
    versions.collect()
}

pub(crate) fn check(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    if let Ok(read) = ConsumerProtocolSubscription::read(bytes.clone()) {
        let written = read.write().expect("what was read can be written");
        assert_eq!(ConsumerProtocolSubscription::read(written), Ok(read));
    }
    if let Ok(read) = ConsumerProtocolAssignment::read(bytes) {
        let written = read.write().expect("what was read can be written");
        assert_eq!(ConsumerProtocolAssignment::read(written), Ok(read));
    }
}
