//! Reads records off files and pipes, on a thread of its own since those may hold it up.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use client::NewRecord;
use tokio::sync::mpsc;

use super::lines::Lines;
use crate::{Failure, moment};

/// No record can be larger, whatever a topic allows.
const RECORD_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Files that are open, each with its name, and what ends a record in them.
pub(super) struct Input {
    sources: Vec<(String, Box<dyn BufRead + Send>)>,
    delimiter: Vec<u8>,
    is_typed: bool,
}

impl Input {
    /// Opens all of them, so that a name with a mistake is found before anything is sent.
    pub(super) fn open(files: &[PathBuf], delimiter: Vec<u8>) -> Result<Input, Failure> {
        let stdin = || -> (String, Box<dyn BufRead + Send>) {
            ("standard input".to_owned(), Box::new(BufReader::new(std::io::stdin())))
        };
        let is_stdin = |file: &PathBuf| file.as_os_str() == "-";
        let is_typed =
            (files.is_empty() || files.iter().any(is_stdin)) && std::io::stdin().is_terminal();
        let mut sources = Vec::new();
        for file in files {
            if is_stdin(file) {
                sources.push(stdin());
                continue;
            }
            let name = file.display().to_string();
            let opened = File::open(file)
                .map_err(|error| Failure::Input(format!("failed to open {name}: {error}")))?;
            sources.push((name, Box::new(BufReader::new(opened))));
        }
        if files.is_empty() {
            sources.push(stdin());
        }
        Ok(Input { sources, delimiter, is_typed })
    }

    /// Whether a person types the records.
    pub(super) fn is_typed(&self) -> bool {
        self.is_typed
    }

    /// Begins to read. Records are numbered from 1 on.
    pub(super) fn read(self, lines: Lines, records: mpsc::Sender<(u64, NewRecord)>) -> Reading {
        let ended = Arc::new(OnceLock::new());
        let told = Arc::clone(&ended);
        std::thread::spawn(move || {
            // Before the records end, so that it is there when somebody looks for it.
            let _ = told.set(self.read_all(&lines, &records));
            drop(records);
        });
        Reading(ended)
    }

    fn read_all(self, lines: &Lines, records: &mpsc::Sender<(u64, NewRecord)>) -> Ended {
        let mut number = 0;
        for (name, mut source) in self.sources {
            loop {
                number += 1;
                let line = match next(&mut source, &self.delimiter) {
                    Ok(Some(line)) => line,
                    Ok(None) => break,
                    Err(error) => return Ended::Failed(format!("failed to read {name}: {error}")),
                };
                let record = lines.record(line.into(), moment::now());
                if records.blocking_send((number, record)).is_err() {
                    return Ended::Before;
                }
            }
            number -= 1;
        }
        Ended::AtEnd
    }
}

/// The next record without what ends it; none at the end.
fn next(source: &mut impl BufRead, delimiter: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
    let (last, mut line) = (*delimiter.last().expect("a separator is not empty"), Vec::new());
    loop {
        let room = RECORD_BYTES_MAX - line.len() as u64;
        let read = source.by_ref().take(room).read_until(last, &mut line)?;
        if line.ends_with(delimiter) {
            line.truncate(line.len() - delimiter.len());
            return Ok(Some(line));
        }
        if line.len() as u64 >= RECORD_BYTES_MAX {
            let sentence = format!("a record takes more than {RECORD_BYTES_MAX} bytes");
            return Err(std::io::Error::other(sentence));
        }
        if read == 0 {
            return Ok((!line.is_empty()).then_some(line));
        }
    }
}

/// How the reading ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// All was read.
    AtEnd,
    /// Nobody took more.
    Before,
    /// A file could not be read.
    Failed(String),
}

/// A thread that reads until nobody takes more.
pub(super) struct Reading(Arc<OnceLock<Ended>>);

impl Reading {
    /// How it ended. A thread that waits for a pipe, though nobody takes more, is not waited for.
    pub(super) fn ended(&self) -> Ended {
        self.0.get().cloned().unwrap_or(Ended::Before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut text: &[u8], delimiter: &[u8]) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| next(&mut text, delimiter).unwrap()).collect()
    }

    #[test]
    fn lines_end_at_the_delimiter_and_the_last_may_lack_it() {
        assert_eq!(all(b"a\n\nb", b"\n"), [&b"a"[..], b"", b"b"]);
        assert_eq!(all(b"a\n", b"\n"), [b"a"]);
        assert_eq!(all(b"a;-b;;c;;", b";;"), [&b"a;-b"[..], b"c"]);
        assert!(all(b"", b"\n").is_empty());
    }
}
