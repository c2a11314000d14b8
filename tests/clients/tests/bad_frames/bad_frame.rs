//! A frame that no client sends, and what has to become of the connection that it comes over.

use client_tests::hostile;
use protocol::ErrorCode;

/// A row of the list.
#[derive(Debug)]
pub(crate) struct BadFrame {
    /// What is wrong with it.
    pub(crate) name: String,
    /// The bytes that are sent over a connection of their own.
    pub(crate) bytes: Vec<u8>,
    pub(crate) pace: Pace,
    pub(crate) fate: Fate,
    /// Apache Kafka's fate where it is another one, and why ours is.
    pub(crate) kafkas: Option<(Fate, &'static str)>,
}

/// How the bytes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    AtOnce,
    /// Each in a packet of its own, with a pause behind it.
    ByteByByte,
}

/// What becomes of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    /// The first error of each answer, in their order.
    pub(crate) answers: Vec<ErrorCode>,
    pub(crate) end: End,
}

/// Whether the connection stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The broker waits for more.
    Open,
    /// The broker closed it, with a line in its log that holds these words.
    Closed(&'static str),
}

/// A frame whose bytes are sent at once and whose fate is the same at Kafka.
pub(crate) fn frame(name: impl Into<String>, bytes: impl Into<Vec<u8>>, fate: Fate) -> BadFrame {
    let (name, bytes) = (name.into(), bytes.into());
    BadFrame { name, bytes, pace: Pace::AtOnce, fate, kafkas: None }
}

/// A request that lacks what comes behind each of its fields, one frame for each of them.
pub(crate) fn cut(
    api: &str,
    (key, version, flexible): (i16, i16, bool),
    fields: &[(&str, &[u8])],
) -> Vec<BadFrame> {
    let before = |place: usize| {
        let there: Vec<_> = fields[..place].iter().flat_map(|(_, bytes)| bytes.to_vec()).collect();
        let name = format!("{api} that ends before its {}", fields[place].0);
        frame(name, hostile::request(key, version, flexible, &there), closed("cannot be read"))
    };
    (0..fields.len()).map(before).collect()
}

/// The connection is closed without an answer.
pub(crate) fn closed(words: &'static str) -> Fate {
    Fate { answers: Vec::new(), end: End::Closed(words) }
}

/// The broker waits for more.
pub(crate) fn waited_for() -> Fate {
    answered([])
}

/// Each request is answered, and more may be asked.
pub(crate) fn answered(answers: impl Into<Vec<ErrorCode>>) -> Fate {
    Fate { answers: answers.into(), end: End::Open }
}

impl Fate {
    /// The connection is closed after what was answered.
    pub(crate) fn then_closed(self, words: &'static str) -> Fate {
        Fate { end: End::Closed(words), ..self }
    }

    /// Whether two brokers did the same, whatever their logs say.
    pub(crate) fn looks_like(&self, other: &Fate) -> bool {
        let is_open = |fate: &Fate| fate.end == End::Open;
        self.answers == other.answers && is_open(self) == is_open(other)
    }
}

impl BadFrame {
    /// Sent byte by byte.
    pub(crate) fn byte_by_byte(self) -> BadFrame {
        BadFrame { pace: Pace::ByteByByte, ..self }
    }

    /// Kafka does otherwise; ours has a reason.
    pub(crate) fn at_kafka(self, fate: Fate, reason: &'static str) -> BadFrame {
        BadFrame { kafkas: Some((fate, reason)), ..self }
    }

    /// The row of `docs/compatibility.md`, where there is one.
    pub(crate) fn row(&self) -> Option<String> {
        let (kafkas, reason) = self.kafkas.as_ref()?;
        Some(format!("| {} | {kafkas} | {} | {reason} |", self.name, self.fate))
    }
}

impl std::fmt::Display for Fate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let answers: Vec<_> = self.answers.iter().map(ToString::to_string).collect();
        match (answers.is_empty(), self.end) {
            (true, End::Open) => write!(formatter, "waits"),
            (true, End::Closed(_)) => write!(formatter, "closes"),
            (false, End::Open) => write!(formatter, "{}", answers.join(", ")),
            (false, End::Closed(_)) => write!(formatter, "{}, closes", answers.join(", ")),
        }
    }
}
