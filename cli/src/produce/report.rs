//! What became of the records: progress for who watches, failures for all.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use client::{Delivery, DeliveryError, ErrorCode, PartitionError};
use serde::Serialize;
use tokio::time::Instant;

use super::input::Ended;
use crate::print::{self, Output};
use crate::{Failure, table};

/// How many failures are told one by one to a person.
const FAILURES_MAX: u64 = 20;

const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Counts and tells.
#[derive(Debug)]
pub(super) struct Report {
    output: Output,
    acknowledged: u64,
    failed: u64,
    begun: Instant,
    /// When a line of progress is due; none when nobody watches.
    progress_at: Option<Instant>,
}

/// What became of a record, for programs.
#[derive(Debug, Default, Serialize)]
struct Line {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Report {
    /// Progress is for a terminal at which nobody types the records.
    pub(super) fn new(output: Output, is_typed: bool) -> Report {
        let begun = Instant::now();
        let watched = std::io::stderr().is_terminal() && !is_typed && output == Output::Text;
        let progress_at = watched.then(|| begun + PROGRESS_INTERVAL);
        Report { output, acknowledged: 0, failed: 0, begun, progress_at }
    }

    /// One more is known.
    pub(super) fn tell(&mut self, delivery: &Delivery) {
        let line = delivery.ticket;
        match &delivery.outcome {
            Ok(at) => {
                self.acknowledged += 1;
                if self.output == Output::Json {
                    let offset = at.offset.map(|offset| offset.0);
                    let partition = Some(at.partition.0);
                    print::json_line(&Line { line, partition, offset, error: None });
                }
            }
            Err(error) => self.tell_failure(line, error),
        }
        self.progress();
    }

    fn tell_failure(&mut self, line: u64, error: &DeliveryError) {
        self.failed += 1;
        if self.output == Output::Json {
            let error = Some(error.to_string());
            print::json_line(&Line { line, error, ..Line::default() });
        } else if self.failed <= FAILURES_MAX {
            self.clear_progress();
            print::problem(&format!("line {line}: {error}"));
        }
    }

    /// The end: what was counted, and whether all went well.
    pub(super) fn close(self, ended: Ended, is_typed: bool) -> Result<(), Failure> {
        self.clear_progress();
        let acknowledged = table::count(self.acknowledged, "record");
        if self.progress_at.is_some() {
            let seconds = self.begun.elapsed().as_secs_f64();
            print::problem(&format!("{acknowledged} acknowledged in {seconds:.1} s"));
        }
        if self.failed > FAILURES_MAX && self.output == Output::Text {
            print::problem(&format!("… and {} more", self.failed - FAILURES_MAX));
        }
        let stopped = match ended {
            Ended::AtEnd => None,
            // Whoever types ends it as he likes.
            Ended::Before if is_typed && self.failed == 0 => None,
            Ended::Before => Some("the rest of the input was not sent".to_owned()),
            Ended::Failed(sentence) => Some(sentence),
        };
        if self.failed == 0 && stopped.is_none() {
            return Ok(());
        }
        let failed = match self.failed {
            0 => String::new(),
            failed => format!("{} not acknowledged, ", table::count(failed, "record")),
        };
        let stopped = stopped.map(|sentence| format!("; {sentence}")).unwrap_or_default();
        Err(Failure::Failed(format!("{failed}{acknowledged} acknowledged{stopped}")))
    }

    fn progress(&mut self) {
        let Some(due) = self.progress_at.filter(|due| *due <= Instant::now()) else { return };
        self.progress_at = Some(due.max(Instant::now()) + PROGRESS_INTERVAL);
        let text = table::count(self.acknowledged, "record");
        // Whoever closed the terminal is not worth a panic.
        drop(write!(std::io::stderr(), "\r{text} acknowledged "));
    }

    fn clear_progress(&self) {
        if self.progress_at.is_some() {
            drop(write!(std::io::stderr(), "\r\x1b[K"));
        }
    }
}

/// Whether another record might fare better.
pub(super) fn is_about_the_record(error: &PartitionError) -> bool {
    const CODES: [ErrorCode; 5] = [
        ErrorCode::MessageTooLarge,
        ErrorCode::RecordListTooLarge,
        ErrorCode::InvalidRecord,
        ErrorCode::InvalidTimestamp,
        ErrorCode::CorruptMessage,
    ];
    matches!(error, PartitionError::Refused { refusal, .. } if CODES.contains(&refusal.code))
}
