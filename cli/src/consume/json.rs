//! A record as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::records::{Record, TimestampType};
use serde::Serialize;
use types::TopicPartition;

/// A record for programs. The names of the fields are a promise.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonRecord<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
    timestamp: i64,
    timestamp_type: &'static str,
    key: Option<JsonBytes<'a>>,
    value: Option<JsonBytes<'a>>,
    headers: Vec<JsonHeader<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonHeader<'a> {
    key: JsonBytes<'a>,
    value: Option<JsonBytes<'a>>,
}

/// A text, or what is none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum JsonBytes<'a> {
    Text(&'a str),
    Bytes { base64: String },
}

impl<'a> JsonRecord<'a> {
    pub(super) fn new(
        partition: &'a TopicPartition,
        record: &Record<'a>,
        timestamp_type: TimestampType,
    ) -> JsonRecord<'a> {
        let headers = record.headers.clone();
        JsonRecord {
            topic: partition.topic.as_str(),
            partition: partition.partition.0,
            offset: record.offset.0,
            timestamp: record.timestamp.0,
            timestamp_type: match timestamp_type {
                TimestampType::CreateTime => "create",
                TimestampType::LogAppendTime => "append",
            },
            key: record.key.map(JsonBytes::of),
            value: record.value.map(JsonBytes::of),
            headers: headers
                .map(|header| JsonHeader {
                    key: JsonBytes::of(header.key),
                    value: header.value.map(JsonBytes::of),
                })
                .collect(),
        }
    }
}

impl JsonBytes<'_> {
    fn of(bytes: &[u8]) -> JsonBytes<'_> {
        match std::str::from_utf8(bytes) {
            Ok(text) => JsonBytes::Text(text),
            Err(_) => JsonBytes::Bytes { base64: STANDARD.encode(bytes) },
        }
    }
}

#[cfg(test)]
mod tests {
    use client::records::{BatchBuilder, BatchView, Compression, Header};
    use types::{Offset, PartitionIndex, Timestamp, TopicName};

    use super::*;

    #[test]
    fn a_record_is_one_object_and_what_is_no_text_is_base64() {
        let headers = [Header { key: b"h", value: None }];
        let mut builder = BatchBuilder::new(Compression::NONE).base_offset(Offset(7));
        builder.push(Timestamp(5), Some(b"ada"), Some(&[0xff, 0]), &headers);
        let bytes = builder.build();
        let payload = BatchView::parse(&bytes).unwrap().payload(1 << 20).unwrap();
        let record = payload.records().next().unwrap().unwrap();
        let topic = TopicName::parse("chat").unwrap();
        let partition = TopicPartition { topic, partition: PartitionIndex(3) };
        let json = JsonRecord::new(&partition, &record, TimestampType::CreateTime);
        assert_eq!(
            serde_json::to_string(&json).unwrap(),
            r#"{"topic":"chat","partition":3,"offset":7,"timestamp":5,"timestampType":"create","key":"ada","value":{"base64":"/wA="},"headers":[{"key":"h","value":null}]}"#
        );
    }
}
