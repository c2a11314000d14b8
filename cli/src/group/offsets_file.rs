//! Offsets in a file, as Kafka's tool exports them: `topic,partition,offset`, a line each.

use std::collections::BTreeMap;
use std::path::Path;

use types::{PartitionIndex, TopicPartition};

use crate::{Failure, topic};

/// The largest file that is read.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<BTreeMap<TopicPartition, i64>, Failure> {
    let name = path.display();
    let failed = |error| Failure::Input(format!("failed to read {name}: {error}"));
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > BYTES_MAX {
        return Err(Failure::Input(format!("{name} has more than {BYTES_MAX} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    parse(&text).map_err(|problem| Failure::Input(format!("{name}, {problem}")))
}

/// Reads the lines; empty ones, and those that begin with `#`, say nothing.
fn parse(text: &str) -> Result<BTreeMap<TopicPartition, i64>, String> {
    let mut offsets = BTreeMap::new();
    for (count, line) in text.lines().enumerate().map(|(count, line)| (count + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (partition, offset) = entry(line).ok_or_else(|| {
            format!("line {count}: write topic,partition,offset and not `{line}`")
        })?;
        if offsets.insert(partition.clone(), offset).is_some() {
            return Err(format!("line {count}: {partition} is there twice"));
        }
    }
    Ok(offsets)
}

fn entry(line: &str) -> Option<(TopicPartition, i64)> {
    let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
    let (name, number, offset) = (cells.next()?, cells.next()?, cells.next()?);
    let topic = topic::name(name).ok()?;
    let partition = number.parse().ok().filter(|number| *number >= 0).map(PartitionIndex)?;
    let offset = offset.parse().ok().filter(|offset| *offset >= 0)?;
    cells.next().is_none().then_some((TopicPartition { topic, partition }, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_topic_partition_and_offset() {
        let found = parse("# a comment\nchat,0,5\n\n\"chat\",1,7\n").unwrap();
        let texts: Vec<_> =
            found.iter().map(|(place, offset)| format!("{place}={offset}")).collect();
        assert_eq!(texts, ["chat-0=5", "chat-1=7"]);
    }

    #[test]
    fn a_line_that_is_something_else_is_named() {
        for line in ["chat,0", "chat,0,5,6", "chat,x,5", "chat,0,-1", "a/b,0,5"] {
            let error = parse(&format!("chat,9,1\n{line}")).unwrap_err();
            assert!(error.starts_with("line 2: write topic,partition,offset"), "{error}");
        }
        assert_eq!(parse("chat,0,5\nchat,0,6").unwrap_err(), "line 2: chat-0 is there twice");
    }
}
