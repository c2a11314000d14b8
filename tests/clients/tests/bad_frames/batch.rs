//! A batch written by hand, so that any field of it can lie.

use client_tests::hostile;

/// The topic that all batches are for; it has one partition.
pub(crate) const TOPIC: &str = "attacked";

/// What stands in front of the records; by default all of it is right for one record.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) base_offset: i64,
    /// By how much the length is wrong.
    pub(crate) length_error: i32,
    pub(crate) magic: i8,
    /// What is wrong in the checksum.
    pub(crate) crc_error: u32,
    pub(crate) attributes: i16,
    pub(crate) last_offset_delta: i32,
    pub(crate) base_timestamp: i64,
    pub(crate) max_timestamp: i64,
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) base_sequence: i32,
    pub(crate) count: i32,
    /// The records, or what stands in their place.
    pub(crate) payload: Vec<u8>,
}

impl Default for Batch {
    fn default() -> Batch {
        Batch {
            base_offset: 0,
            length_error: 0,
            magic: 2,
            crc_error: 0,
            attributes: 0,
            last_offset_delta: 0,
            base_timestamp: 0,
            max_timestamp: 0,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            count: 1,
            payload: RECORD.to_vec(),
        }
    }
}

/// A record without a key, with the value `v` and no headers.
pub(crate) const RECORD: &[u8] = &[14, 0, 0, 0, 1, 2, b'v', 0];

impl Batch {
    /// All its bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut checked = Vec::new();
        checked.extend(self.attributes.to_be_bytes());
        checked.extend(self.last_offset_delta.to_be_bytes());
        checked.extend(self.base_timestamp.to_be_bytes());
        checked.extend(self.max_timestamp.to_be_bytes());
        checked.extend(self.producer_id.to_be_bytes());
        checked.extend(self.producer_epoch.to_be_bytes());
        checked.extend(self.base_sequence.to_be_bytes());
        checked.extend(self.count.to_be_bytes());
        checked.extend(&self.payload);
        // The leader's epoch, the format and the checksum are nine bytes.
        let length = i32::try_from(checked.len()).expect("batches in tests are small") + 9;
        let mut bytes = Vec::new();
        bytes.extend(self.base_offset.to_be_bytes());
        bytes.extend(length.wrapping_add(self.length_error).to_be_bytes());
        bytes.extend((-1_i32).to_be_bytes());
        bytes.extend(self.magic.to_be_bytes());
        bytes.extend((crc32c::crc32c(&checked) ^ self.crc_error).to_be_bytes());
        bytes.extend(checked);
        bytes
    }

    /// The request that produces it.
    pub(crate) fn produced(&self) -> Vec<u8> {
        produced(&self.bytes())
    }
}

/// A request of version 8 for all acknowledgements of these bytes.
pub(crate) fn produced(records: &[u8]) -> Vec<u8> {
    let size = i32::try_from(records.len()).expect("batches in tests are small");
    let body = [
        &(-1_i16).to_be_bytes()[..],
        &(-1_i16).to_be_bytes(),
        &30_000_i32.to_be_bytes(),
        &1_i32.to_be_bytes(),
        &text(TOPIC),
        &1_i32.to_be_bytes(),
        &0_i32.to_be_bytes(),
        &size.to_be_bytes(),
        records,
    ];
    hostile::request(0, 8, false, &body.concat())
}

/// A text with its length in front, as in versions that are not flexible.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let size = i16::try_from(text.len()).expect("texts in tests are short");
    [&size.to_be_bytes(), text.as_bytes()].concat()
}
