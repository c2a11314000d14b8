//! Where records are written: standard output, until enough is written or nobody reads on.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::ops::ControlFlow;

use client::{FetchedBatches, ReadError};
use types::Offset;

use super::Form;
use super::json::JsonRecord;
use crate::Failure;

/// Standard output, with what is still to be written.
pub(super) struct Sink {
    out: BufWriter<Stdout>,
    form: Form,
    /// How many records are still wanted; all when there is no number.
    wanted: Option<u64>,
}

/// How far a partition's records were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// All up to this offset, and more are wanted.
    Upto(Offset),
    /// All up to this offset, and that is enough.
    Enough(Offset),
    /// Nobody reads on: what was written last may not have been read.
    NobodyReads,
}

impl Sink {
    pub(super) fn new(form: Form, wanted: Option<u64>) -> Sink {
        Sink { out: BufWriter::with_capacity(64 * 1024, io::stdout()), form, wanted }
    }

    /// Whether no more are wanted.
    pub(super) fn has_enough(&self) -> bool {
        self.wanted == Some(0)
    }

    /// Writes the records of some batches from `from` up to `end`, if there is one, and makes sure
    /// they leave.
    pub(super) fn write(
        &mut self,
        batches: &FetchedBatches,
        end: Option<Offset>,
    ) -> Result<Written, Failure> {
        let next = batches.next_offset();
        let mut upto = end.map_or(next, |end| end.min(next));
        let mut failure = None;
        let visited = batches.visit(|record, timestamp_type| {
            if self.has_enough() || end.is_some_and(|end| record.offset >= end) {
                upto = upto.min(record.offset);
                return ControlFlow::Break(());
            }
            let partition = batches.partition();
            let written = match &self.form {
                Form::Json => {
                    let json = JsonRecord::new(partition, record, timestamp_type);
                    serde_json::to_writer(&mut self.out, &json)
                        .map_err(io::Error::from)
                        .and_then(|()| self.out.write_all(b"\n"))
                }
                Form::Text { format, null } => format.write(&mut self.out, partition, record, null),
            };
            if let Err(error) = written {
                failure = Some(error);
                return ControlFlow::Break(());
            }
            self.wanted = self.wanted.map(|wanted| wanted - 1);
            ControlFlow::Continue(())
        });
        let flushed = failure.map_or_else(|| self.out.flush(), Err);
        match flushed {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Written::NobodyReads),
            Err(error) => {
                return Err(Failure::Failed(format!(
                    "failed to write to standard output: {error}"
                )));
            }
        }
        visited.map_err(unreadable)?;
        Ok(if self.has_enough() { Written::Enough(upto) } else { Written::Upto(upto) })
    }
}

fn unreadable(error: ReadError) -> Failure {
    Failure::Failed(error.to_string())
}
