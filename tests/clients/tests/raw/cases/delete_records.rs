//! DeleteRecords.

use crate::case::Case;
use crate::fixture::{batch, create, produce, talk_topic};
use protocol::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| DeleteRecordsRequest::default()),
        Case::one("an unknown topic", |talk| request(&talk.name("none"), 0, 1)),
        Case::one("an empty name", |_| request("", 0, 1)),
        deleted("some", 0, 1),
        deleted("all", 0, -1),
        deleted("more than there are", 0, 99),
        deleted("a negative offset", 0, -2),
        deleted("an unknown partition", 7, 0),
        deleted("a negative partition", -1, 0),
    ]
}

fn deleted(name: &'static str, partition: i32, offset: i64) -> Case {
    Case::story::<DeleteRecordsRequest>(name, move |talk| {
        let topic = talk.name("topic");
        let id = create(talk, &topic, 1)?;
        let batch = batch(talk.fixture.now, &["one", "two"]);
        talk.prepare(&produce(talk_topic(id, 0, batch)))?;
        talk.ask(&request(&topic, partition, offset)).map(drop)
    })
}

fn request(name: &str, partition_index: i32, offset: i64) -> DeleteRecordsRequest {
    let partitions = vec![DeleteRecordsPartition { partition_index, offset }];
    let topics = vec![DeleteRecordsTopic { name: name.into(), partitions }];
    DeleteRecordsRequest { topics, timeout_ms: 10_000 }
}
