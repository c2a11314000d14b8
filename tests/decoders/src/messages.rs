//! Requests and responses: what is read and written again reads the same.

use bytes::Bytes;
use protocol::{Decoder, Message, Request, messages::*};

/// Calls `$visit::<R>` for every request type.
macro_rules! every_request {
    ($visit:ident($($argument:expr),*)) => {[
        $visit::<AlterConfigsRequest>($($argument),*),
        $visit::<ApiVersionsRequest>($($argument),*),
        $visit::<CreatePartitionsRequest>($($argument),*),
        $visit::<CreateTopicsRequest>($($argument),*),
        $visit::<DeleteGroupsRequest>($($argument),*),
        $visit::<DeleteRecordsRequest>($($argument),*),
        $visit::<DeleteTopicsRequest>($($argument),*),
        $visit::<DescribeClusterRequest>($($argument),*),
        $visit::<DescribeConfigsRequest>($($argument),*),
        $visit::<DescribeGroupsRequest>($($argument),*),
        $visit::<DescribeLogDirsRequest>($($argument),*),
        $visit::<DescribeProducersRequest>($($argument),*),
        $visit::<DescribeQuorumRequest>($($argument),*),
        $visit::<DescribeTopicPartitionsRequest>($($argument),*),
        $visit::<FetchRequest>($($argument),*),
        $visit::<FindCoordinatorRequest>($($argument),*),
        $visit::<HeartbeatRequest>($($argument),*),
        $visit::<IncrementalAlterConfigsRequest>($($argument),*),
        $visit::<InitProducerIdRequest>($($argument),*),
        $visit::<JoinGroupRequest>($($argument),*),
        $visit::<LeaveGroupRequest>($($argument),*),
        $visit::<ListConfigResourcesRequest>($($argument),*),
        $visit::<ListGroupsRequest>($($argument),*),
        $visit::<ListOffsetsRequest>($($argument),*),
        $visit::<MetadataRequest>($($argument),*),
        $visit::<OffsetCommitRequest>($($argument),*),
        $visit::<OffsetDeleteRequest>($($argument),*),
        $visit::<OffsetFetchRequest>($($argument),*),
        $visit::<OffsetForLeaderEpochRequest>($($argument),*),
        $visit::<ProduceRequest>($($argument),*),
        $visit::<SyncGroupRequest>($($argument),*),
        $visit::<UpdateFeaturesRequest>($($argument),*),
    ]};
}

/// One message type.
struct Kind {
    check: fn(Bytes, i16),
    /// The default message in every version that can carry it.
    seeds: fn() -> Vec<(i16, Bytes)>,
}

fn kinds() -> Vec<Kind> {
    every_request!(both()).into_iter().flatten().collect()
}

fn both<R: Request>() -> [Kind; 2] {
    [kind::<R>(), kind::<R::Response>()]
}

fn kind<M: Message>() -> Kind {
    Kind { check: check_as::<M>, seeds: defaults::<M> }
}

fn defaults<M: Message>() -> Vec<(i16, Bytes)> {
    let versions = <M as Message>::SCHEMA.versions;
    let written = versions.iter().map(|version| (version, M::default().to_bytes(version)));
    written.filter_map(|(version, bytes)| Some((version, bytes.ok()?))).collect()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (index, kind) in (0..).zip(kinds()) {
        for (version, bytes) in (kind.seeds)() {
            let version = u8::try_from(version).expect("versions are small");
            seeds.push([&[index, version], &bytes[..]].concat());
        }
    }
    seeds
}

pub(crate) fn check(data: &[u8]) {
    let [kind, version, bytes @ ..] = data else { return };
    let kinds = kinds();
    let kind = &kinds[usize::from(*kind) % kinds.len()];
    (kind.check)(Bytes::copy_from_slice(bytes), i16::from(*version));
}

fn check_as<M: Message>(data: Bytes, version: i16) {
    let Ok(message) = <M as Message>::decode(&mut Decoder::new(data), version) else { return };
    let bytes = message.to_bytes(version).expect("what was read can be written");
    let again = M::from_bytes(bytes.clone(), version).expect("what was written can be read");
    assert!(again.to_bytes(version) == Ok(bytes), "written and read again it is another");
}
