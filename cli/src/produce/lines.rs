//! Which record a line is.

use bytes::Bytes;
use client::NewRecord;
use types::{PartitionIndex, Timestamp};

/// How lines are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    /// What stands between key and value.
    pub(super) key_separator: Option<Vec<u8>>,
    /// The key of all records.
    pub(super) key: Option<Bytes>,
    /// Whether an empty value, or an empty key in front of the separator, is none at all.
    pub(super) empty_is_null: bool,
    /// The headers of all records.
    pub(super) headers: Vec<(Bytes, Option<Bytes>)>,
    /// The partition of all records.
    pub(super) partition: Option<PartitionIndex>,
}

impl Lines {
    /// The record of a line without what ends it.
    pub(super) fn record(&self, line: Bytes, now: Timestamp) -> NewRecord {
        let (key, value) = match self.split(&line) {
            Some((at, behind)) => (Some(line.slice(..at)), line.slice(behind..)),
            None => (self.key.clone(), line),
        };
        let keep = |bytes: &Bytes| !(self.empty_is_null && bytes.is_empty());
        NewRecord {
            partition: self.partition,
            timestamp: now,
            key: key.filter(keep),
            value: Some(value).filter(keep),
            headers: self.headers.clone(),
        }
    }

    /// Where the key ends and the value begins.
    fn split(&self, line: &[u8]) -> Option<(usize, usize)> {
        let separator = self.key_separator.as_ref()?;
        let at = line.windows(separator.len()).position(|window| window == separator)?;
        Some((at, at + separator.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(lines: &Lines, line: &'static str) -> (Option<&'static str>, Option<&'static str>) {
        let record = lines.record(Bytes::from_static(line.as_bytes()), Timestamp(1));
        let text = |bytes: Option<Bytes>| -> Option<&'static str> {
            Some(Box::leak(String::from_utf8(bytes?.to_vec()).unwrap().into_boxed_str()))
        };
        (text(record.key), text(record.value))
    }

    #[test]
    fn the_first_separator_ends_the_key() {
        let lines = Lines { key_separator: Some(b"::".to_vec()), ..Lines::default() };
        assert_eq!(parts(&lines, "a::b::c"), (Some("a"), Some("b::c")));
        assert_eq!(parts(&lines, "::b"), (Some(""), Some("b")));
        assert_eq!(parts(&lines, "a::"), (Some("a"), Some("")));
    }

    #[test]
    fn a_line_without_the_separator_is_all_value() {
        let lines = Lines { key_separator: Some(b"::".to_vec()), ..Lines::default() };
        assert_eq!(parts(&lines, "a:b"), (None, Some("a:b")));
        assert_eq!(parts(&Lines::default(), "a:b"), (None, Some("a:b")));
    }

    #[test]
    fn what_is_empty_is_null_for_those_who_ask_for_it() {
        let plain = Lines { key_separator: Some(b":".to_vec()), ..Lines::default() };
        let null = Lines { empty_is_null: true, ..plain.clone() };
        assert_eq!(parts(&plain, ""), (None, Some("")));
        assert_eq!(parts(&null, ""), (None, None));
        assert_eq!(parts(&null, "a:"), (Some("a"), None));
        assert_eq!(parts(&null, ":b"), (None, Some("b")));
    }
}
