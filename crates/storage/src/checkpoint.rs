//! Kafka's checkpoint files: a version, a count, then one entry a line.

use std::{collections::BTreeMap, io, path::Path, str::FromStr};

use runtime::Disk;
use types::{Offset, PartitionIndex, TopicName, TopicPartition};

/// A checkpoint file with more bytes than this is not ours.
const SIZE_MAX: u64 = 256 << 20;

/// Why a file is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The file is not text.
    #[error("the file is not UTF-8 text")]
    Text,
    /// The first line is not version 0.
    #[error("line 1 is '{0}', version 0 is expected")]
    Version(String),
    /// The second line does not say how many follow.
    #[error("line 2 is '{given}', but {found} entries follow")]
    Count {
        /// What the line says.
        given: String,
        /// How many lines there are.
        found: usize,
    },
    /// An entry makes no sense.
    #[error("line {number} '{line}' {problem}")]
    Entry {
        /// The line's number, from 1 on.
        number: usize,
        /// The line.
        line: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// The entries of a checkpoint file.
pub(crate) struct Lines<'a>(Vec<&'a str>);

/// One of them.
pub(crate) struct Line<'a> {
    number: usize,
    text: &'a str,
}

impl<'a> Lines<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Lines<'a>, CheckpointError> {
        let text = std::str::from_utf8(bytes).map_err(|_| CheckpointError::Text)?;
        let mut lines = text.lines();
        let version = lines.next().unwrap_or_default();
        if version != "0" {
            return Err(CheckpointError::Version(version.to_owned()));
        }
        let count = lines.next().unwrap_or_default();
        let entries: Vec<&str> = lines.collect();
        if count.parse() != Ok(entries.len()) {
            return Err(CheckpointError::Count { given: count.to_owned(), found: entries.len() });
        }
        Ok(Lines(entries))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Line<'a>> {
        self.0.iter().enumerate().map(|(index, text)| Line { number: index + 3, text })
    }
}

impl<'a> Line<'a> {
    pub(crate) fn fields<const COUNT: usize>(&self) -> Result<[&'a str; COUNT], CheckpointError> {
        let fields: Vec<&str> = self.text.split_ascii_whitespace().collect();
        fields.try_into().map_err(|_| self.error("has another number of fields"))
    }

    pub(crate) fn number<T: FromStr>(&self, field: &str) -> Result<T, CheckpointError> {
        field.parse().map_err(|_| self.error("holds a number that is none"))
    }

    pub(crate) fn error(&self, problem: &'static str) -> CheckpointError {
        CheckpointError::Entry { number: self.number, line: self.text.to_owned(), problem }
    }
}

/// Offsets of partitions, as `recovery-point-offset-checkpoint` and its like hold them.
pub type PartitionOffsets = BTreeMap<TopicPartition, Offset>;

/// Reads a file of partitions and offsets; empty when there is none.
///
/// A file that makes no sense is a checkpoint error of kind `InvalidData`.
pub(crate) fn read_offsets(disk: &dyn Disk, path: &Path) -> io::Result<PartitionOffsets> {
    let bytes = match disk.read(path, SIZE_MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        read => read?,
    };
    decode_offsets(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Replaces a file of partitions and offsets.
pub(crate) fn write_offsets(
    disk: &dyn Disk,
    path: &Path,
    offsets: &PartitionOffsets,
) -> io::Result<()> {
    disk.replace(path, encode_offsets(offsets).as_bytes())
}

fn decode_offsets(bytes: &[u8]) -> Result<PartitionOffsets, CheckpointError> {
    let mut offsets = BTreeMap::new();
    for line in Lines::parse(bytes)?.iter() {
        let [topic, partition, offset] = line.fields()?;
        let topic =
            TopicName::parse(topic).map_err(|_| line.error("holds an illegal topic name"))?;
        let partition = PartitionIndex(line.number(partition)?);
        let offset = Offset(line.number(offset)?);
        if partition < PartitionIndex(0) || offset < Offset(0) {
            return Err(line.error("holds a number below 0"));
        }
        offsets.insert(TopicPartition { topic, partition }, offset);
    }
    Ok(offsets)
}

fn encode_offsets(offsets: &PartitionOffsets) -> String {
    let mut text = format!("0\n{}\n", offsets.len());
    for (TopicPartition { topic, partition }, offset) in offsets {
        text.push_str(&format!("{topic} {partition} {offset}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_written_as_kafka_does_and_read_back() {
        let topic = TopicName::parse("chat").unwrap();
        let partition =
            |number| TopicPartition { topic: topic.clone(), partition: PartitionIndex(number) };
        let offsets =
            PartitionOffsets::from([(partition(0), Offset(12)), (partition(1), Offset(0))]);
        let text = encode_offsets(&offsets);
        assert_eq!(text, "0\n2\nchat 0 12\nchat 1 0\n");
        assert_eq!(decode_offsets(text.as_bytes()), Ok(offsets));
    }

    #[test]
    fn damaged_files_are_told_apart_by_line() {
        let error = decode_offsets(b"0\n1\nchat 0 twelve\n").unwrap_err();
        assert_eq!(error.to_string(), "line 3 'chat 0 twelve' holds a number that is none");
        for negative in [&b"0\n1\nchat -1 12\n"[..], b"0\n1\nchat 0 -1\n"] {
            let error = decode_offsets(negative).unwrap_err();
            assert!(error.to_string().ends_with("holds a number below 0"), "{error}");
        }
        assert!(decode_offsets(b"0\n2\nchat 0 12\n").is_err());
        assert!(decode_offsets(b"").is_err());
        assert!(decode_offsets(&[0xff]).is_err());
    }
}
