//! A record as all clients see it, and the line that carries it to a client program and back.

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::str::FromStr;

/// A name and a value; names repeat, values may be absent.
pub type Header = (String, Option<Vec<u8>>);

/// A record to produce, or as it came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The partition it is sent to.
    pub partition: i32,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// The key; absent is not empty.
    pub key: Option<Vec<u8>>,
    /// The value; absent is not empty.
    pub value: Option<Vec<u8>>,
    /// The headers, in order.
    pub headers: Vec<Header>,
}

/// Partition, timestamp, key, value, then names and values of headers, with a blank between. Bytes
/// are `-` where absent, else a full stop and their base64.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.partition, self.timestamp)?;
        write!(f, " {} {}", word(self.key.as_deref()), word(self.value.as_deref()))?;
        for (name, value) in &self.headers {
            write!(f, " {} {}", word(Some(name.as_bytes())), word(value.as_deref()))?;
        }
        Ok(())
    }
}

/// The line, cut short: a failed comparison of large records shall stay readable.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.120}", self.to_string())
    }
}

impl FromStr for Record {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> Result<Record> {
        let mut words = line.split(' ');
        let mut next = || words.next().context("the line ends early");
        let partition = next()?.parse()?;
        let timestamp = next()?.parse()?;
        let (key, value) = (bytes(next()?)?, bytes(next()?)?);
        let mut headers = Vec::new();
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            let name = bytes(name)?.context("a header has a name")?;
            headers.push((String::from_utf8(name)?, bytes(value)?));
        }
        Ok(Record { partition, timestamp, key, value, headers })
    }
}

/// Bytes as a word of a line.
#[must_use]
pub fn word(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "-".to_owned(), |bytes| format!(".{}", STANDARD.encode(bytes)))
}

/// The bytes of a word.
pub fn bytes(word: &str) -> Result<Option<Vec<u8>>> {
    if word == "-" {
        return Ok(None);
    }
    let Some(encoded) = word.strip_prefix('.') else { bail!("bytes start with a full stop") };
    Ok(Some(STANDARD.decode(encoded)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_tells_absent_from_empty() {
        let headers = vec![("a".to_owned(), Some(Vec::new())), ("a".to_owned(), None)];
        let record =
            Record { partition: 1, timestamp: 2, key: None, value: Some(Vec::new()), headers };
        let line = record.to_string();
        assert_eq!(line, "1 2 - . .YQ== . .YQ== -");
        assert_eq!(line.parse::<Record>().unwrap(), record);
    }
}
