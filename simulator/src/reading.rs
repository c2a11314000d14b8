//! Reading what the node gave out, as strictly as the strictest client.

use protocol::records::{BatchError, BatchHeader, batches};
use types::Offset;

use crate::{
    violation::{Checked, Violation, must},
    words::Value,
};

const DECOMPRESSED_BYTES_MAX: usize = 1 << 20;

/// A batch and the values in it.
#[derive(Debug)]
pub(crate) struct ReadBatch {
    /// The batch's header.
    pub(crate) header: BatchHeader,
    /// Its records.
    pub(crate) records: Vec<(Offset, Value)>,
}

/// Reads whole batches; what is cut off at the end is left out, as clients do.
pub(crate) fn read_batches(bytes: &[u8]) -> Checked<Vec<ReadBatch>> {
    let mut read = Vec::new();
    for batch in batches(bytes) {
        let batch = match batch {
            Ok(batch) => batch,
            Err(BatchError::Torn { .. }) => break,
            Err(error) => return Err(damaged(error)),
        };
        let header = *batch.header();
        must("a batch that is read has its checksum", batch.crc_is_valid(), || {
            format!("batch at {}", header.base_offset())
        })?;
        let payload = batch.payload(DECOMPRESSED_BYTES_MAX).map_err(damaged)?;
        let mut records = Vec::new();
        for record in payload.records() {
            let record = record.map_err(damaged)?;
            let value = record.value.and_then(Value::decode);
            let value = value.ok_or_else(|| damaged(format!("value at {}", record.offset)))?;
            records.push((record.offset, value));
        }
        read.push(ReadBatch { header, records });
    }
    Ok(read)
}

fn damaged(what: impl std::fmt::Display) -> Violation {
    Violation::new("what is read is what was written", what)
}
