//! Any bytes as requests and responses: nothing panics, and what is read and written again reads
//! the same.

#![no_main]

use bytes::{Buf, Bytes};
use libfuzzer_sys::fuzz_target;
use protocol::{Decoder, Message, Request, RequestHeader, messages::*};

fuzz_target!(|data: &[u8]| {
    let mut data = Bytes::copy_from_slice(data);
    let _ = RequestHeader::decode(&mut Decoder::new(data.clone()));
    let Ok(message) = data.try_get_u8() else { return };
    let Ok(version) = data.try_get_u8() else { return };
    let version = i16::from(version);
    match message % 22 {
        0 => both::<AlterConfigsRequest>(data, version),
        1 => both::<ApiVersionsRequest>(data, version),
        2 => both::<CreatePartitionsRequest>(data, version),
        3 => both::<CreateTopicsRequest>(data, version),
        4 => both::<DeleteRecordsRequest>(data, version),
        5 => both::<DeleteTopicsRequest>(data, version),
        6 => both::<DescribeClusterRequest>(data, version),
        7 => both::<DescribeConfigsRequest>(data, version),
        8 => both::<DescribeLogDirsRequest>(data, version),
        9 => both::<DescribeProducersRequest>(data, version),
        10 => both::<DescribeQuorumRequest>(data, version),
        11 => both::<DescribeTopicPartitionsRequest>(data, version),
        12 => both::<FetchRequest>(data, version),
        13 => both::<FindCoordinatorRequest>(data, version),
        14 => both::<IncrementalAlterConfigsRequest>(data, version),
        15 => both::<InitProducerIdRequest>(data, version),
        16 => both::<ListConfigResourcesRequest>(data, version),
        17 => both::<ListOffsetsRequest>(data, version),
        18 => both::<MetadataRequest>(data, version),
        19 => both::<OffsetForLeaderEpochRequest>(data, version),
        20 => both::<ProduceRequest>(data, version),
        _ => both::<UpdateFeaturesRequest>(data, version),
    }
});

fn both<R: Request>(data: Bytes, version: i16) {
    check::<R>(data.clone(), version);
    check::<R::Response>(data, version);
}

fn check<M: Message>(data: Bytes, version: i16) {
    let Ok(message) = <M as Message>::decode(&mut Decoder::new(data), version) else { return };
    let bytes = message.to_bytes(version).expect("what was read can be written");
    let again = M::from_bytes(bytes.clone(), version).expect("what was written can be read");
    assert!(again.to_bytes(version) == Ok(bytes), "written and read again it is another");
}
