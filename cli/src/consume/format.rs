//! How a record is written, in kcat's language.

use std::io::{self, Write};

use client::records::Record;
use types::TopicPartition;

use crate::escape::unescape;

/// What is written of each record, piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Bytes(Vec<u8>),
    Value,
    ValueLength,
    ValueLengthBinary,
    Key,
    KeyLength,
    Topic,
    Partition,
    Offset,
    Timestamp,
    Headers,
}

impl Format {
    /// Reads a format: text in which `%` and a letter stand for a part of the record.
    pub(super) fn parse(text: &str) -> Result<Format, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('%') {
            push(&mut pieces, &unescape(before)?);
            let mut letters = behind.chars();
            match letters.next() {
                Some('%') => push(&mut pieces, b"%"),
                Some(letter) => pieces.push(piece(letter)?),
                None => return Err("the % at the end means nothing: write %%".to_owned()),
            }
            rest = letters.as_str();
        }
        push(&mut pieces, &unescape(rest)?);
        Ok(Format(pieces))
    }

    /// The key and a separator when there is one, the value, and the end.
    pub(super) fn lines(separator: Option<&[u8]>, end: &[u8]) -> Format {
        let mut pieces = Vec::new();
        if let Some(separator) = separator {
            pieces.extend([Piece::Key, Piece::Bytes(separator.to_vec())]);
        }
        pieces.extend([Piece::Value, Piece::Bytes(end.to_vec())]);
        Format(pieces)
    }

    /// Writes a record; `null` stands for a key or value that is not there.
    pub(super) fn write(
        &self,
        out: &mut impl Write,
        partition: &TopicPartition,
        record: &Record<'_>,
        null: &[u8],
    ) -> io::Result<()> {
        for piece in &self.0 {
            match piece {
                Piece::Bytes(bytes) => out.write_all(bytes)?,
                Piece::Value => out.write_all(record.value.unwrap_or(null))?,
                Piece::ValueLength => write!(out, "{}", length(record.value))?,
                Piece::ValueLengthBinary => out.write_all(&length(record.value).to_be_bytes())?,
                Piece::Key => out.write_all(record.key.unwrap_or(null))?,
                Piece::KeyLength => write!(out, "{}", length(record.key))?,
                Piece::Topic => write!(out, "{}", partition.topic)?,
                Piece::Partition => write!(out, "{}", partition.partition)?,
                Piece::Offset => write!(out, "{}", record.offset)?,
                Piece::Timestamp => write!(out, "{}", record.timestamp)?,
                Piece::Headers => headers(out, record)?,
            }
        }
        Ok(())
    }
}

fn piece(letter: char) -> Result<Piece, String> {
    Ok(match letter {
        's' => Piece::Value,
        'S' => Piece::ValueLength,
        'R' => Piece::ValueLengthBinary,
        'k' => Piece::Key,
        'K' => Piece::KeyLength,
        't' => Piece::Topic,
        'p' => Piece::Partition,
        'o' => Piece::Offset,
        'T' => Piece::Timestamp,
        'h' => Piece::Headers,
        other => {
            return Err(format!(
                "%{other} means nothing: there are %s %S %R %k %K %t %p %o %T %h %%"
            ));
        }
    })
}

/// Appends bytes, to the last piece where those are bytes, too.
fn push(pieces: &mut Vec<Piece>, bytes: &[u8]) {
    match pieces.last_mut() {
        _ if bytes.is_empty() => {}
        Some(Piece::Bytes(last)) => last.extend_from_slice(bytes),
        _ => pieces.push(Piece::Bytes(bytes.to_vec())),
    }
}

/// The length, as Kafka writes it: -1 of what is not there.
fn length(bytes: Option<&[u8]>) -> i32 {
    bytes.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX))
}

fn headers(out: &mut impl Write, record: &Record<'_>) -> io::Result<()> {
    for (count, header) in record.headers.clone().enumerate() {
        if count > 0 {
            out.write_all(b",")?;
        }
        out.write_all(header.key)?;
        out.write_all(b"=")?;
        out.write_all(header.value.unwrap_or(b"NULL"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use client::records::{BatchBuilder, BatchView, Compression, Header};
    use types::{Offset, PartitionIndex, Timestamp, TopicName};

    use super::*;

    fn written(format: &str, key: Option<&[u8]>, value: Option<&[u8]>, null: &[u8]) -> Vec<u8> {
        let headers = [Header { key: b"a", value: Some(b"1") }, Header { key: b"b", value: None }];
        let mut builder = BatchBuilder::new(Compression::NONE).base_offset(Offset(7));
        builder.push(Timestamp(1_795_541_400_123), key, value, &headers);
        let bytes = builder.build();
        let payload = BatchView::parse(&bytes).unwrap().payload(1 << 20).unwrap();
        let record = payload.records().next().unwrap().unwrap();
        let topic = TopicName::parse("chat").unwrap();
        let partition = TopicPartition { topic, partition: PartitionIndex(3) };
        let mut out = Vec::new();
        Format::parse(format).unwrap().write(&mut out, &partition, &record, null).unwrap();
        out
    }

    #[test]
    fn every_part_of_a_record_has_its_letter() {
        let found =
            written("%t-%p@%o %T %k[%K] %s[%S] %h 100%%\\n", Some(b"ada"), Some(b"hello"), b"");
        let wanted = "chat-3@7 1795541400123 ada[3] hello[5] a=1,b=NULL 100%\n";
        assert_eq!(String::from_utf8(found).unwrap(), wanted);
    }

    #[test]
    fn what_is_null_has_no_length_and_the_word_that_was_asked_for() {
        assert_eq!(written("%k[%K]%s[%S]", None, None, b""), b"[-1][-1]");
        assert_eq!(written("%k %s", None, None, b"NULL"), b"NULL NULL");
        assert_eq!(written("%R", None, Some(b"abc"), b""), [0, 0, 0, 3]);
    }

    #[test]
    fn bytes_are_written_as_they_are() {
        assert_eq!(written("%s\\0", None, Some(&[0xff, 0, b'\n']), b""), [0xff, 0, b'\n', 0]);
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in ["%q", "50%", "\\q"] {
            assert!(Format::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lines_have_the_key_in_front_for_those_who_name_a_separator() {
        assert_eq!(Format::lines(Some(b":"), b"\n"), Format::parse("%k:%s\\n").unwrap());
        assert_eq!(Format::lines(None, b";"), Format::parse("%s;").unwrap());
    }
}
