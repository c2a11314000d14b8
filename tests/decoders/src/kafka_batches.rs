//! Batches as seeds, and checksums set right, since no change would get beyond a wrong one.

use bytes::Bytes;
use protocol::records::{
    BatchBuilder, BatchHeader, BatchView, Codec, Compression, Header, batches,
    control::{
        ControlRecord, EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord,
        SnapshotHeaderRecord, VotersRecord,
    },
};
use types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// Where the checksum stands in a batch, and where what it covers begins.
const CRC: std::ops::Range<usize> = 17..21;

/// The bytes with the checksum of every whole batch set right.
pub(crate) fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut start = 0;
    while let Ok(size) = BatchView::parse(&bytes[start..]).map(|batch| batch.size()) {
        let crc = crc32c::crc32c(&bytes[start + CRC.end..start + size]);
        bytes[start..][CRC].copy_from_slice(&crc.to_be_bytes());
        start += size;
    }
    bytes
}

/// The batches in these bytes, each by itself and with its checksum set right.
pub(crate) fn split(bytes: &[u8]) -> Vec<Bytes> {
    let bytes = with_checksums(bytes);
    batches(&bytes).map_while(Result::ok).map(|it| Bytes::copy_from_slice(it.bytes())).collect()
}

/// A batch with this header and these compressed records.
pub(crate) fn with_payload(codec: Codec, records: i32, payload: &[u8]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(Compression::new(codec));
    for number in 0..records {
        builder.push(Timestamp(number.into()), None, None, &[]);
    }
    let mut bytes = builder.build()[..BatchHeader::SIZE].to_vec();
    bytes.extend_from_slice(payload);
    let size = i32::try_from(bytes.len() - 12).expect("no input of a fuzzer has 2 GiB");
    bytes[8..12].copy_from_slice(&size.to_be_bytes());
    with_checksums(&bytes)
}

/// One batch of every kind that producers and brokers write, from offset 0 on.
pub(crate) fn examples() -> Vec<Bytes> {
    let mut examples: Vec<Bytes> = Codec::ALL
        .into_iter()
        .map(|codec| filled(BatchBuilder::new(Compression::new(codec))))
        .collect();
    examples.push(filled(idempotent()));
    examples.push(filled(idempotent().transactional()));
    examples.extend(control_records().iter().map(|record| {
        let mut builder = BatchBuilder::new(Compression::NONE).control();
        if matches!(record, ControlRecord::Abort(_) | ControlRecord::Commit(_)) {
            builder = idempotent().transactional().control();
        }
        builder.push_control(Timestamp(1_000), record);
        builder.build()
    }));
    examples
}

/// The examples one behind the other, as they lie in a log.
pub(crate) fn log() -> Vec<u8> {
    let mut log = Vec::new();
    let mut end = Offset(0);
    for example in examples() {
        let mut bytes = example.to_vec();
        protocol::records::set_base_offset(&mut bytes, end);
        protocol::records::set_partition_leader_epoch(&mut bytes, LeaderEpoch(1));
        end = BatchView::parse(&bytes).expect("a batch").last_offset().next();
        log.extend(bytes);
    }
    with_checksums(&log)
}

fn filled(mut builder: BatchBuilder) -> Bytes {
    builder.push(
        Timestamp(1_000),
        Some(b"key"),
        Some(b"value"),
        &[Header { key: b"header", value: Some(b"text") }],
    );
    builder.push(Timestamp(999), None, Some(&[b'a'; 200]), &[Header { key: b"null", value: None }]);
    builder.push(Timestamp(1_001), Some(b"tombstone"), None, &[]);
    builder.build()
}

fn idempotent() -> BatchBuilder {
    BatchBuilder::new(Compression::NONE).producer(ProducerId(7), ProducerEpoch(0), Sequence(0))
}

fn control_records() -> Vec<ControlRecord> {
    vec![
        ControlRecord::Abort(EndTxnMarker::default()),
        ControlRecord::Commit(EndTxnMarker::default()),
        ControlRecord::LeaderChange(LeaderChangeMessage::default()),
        ControlRecord::SnapshotHeader(SnapshotHeaderRecord::default()),
        ControlRecord::SnapshotFooter(SnapshotFooterRecord::default()),
        ControlRecord::KRaftVersion(KRaftVersionRecord::default()),
        ControlRecord::Voters(VotersRecord::default()),
    ]
}
