//! A consumer that reads one partition from its beginning, record by record, for ever.

use std::time::Duration;

use types::Offset;

use crate::{
    oracle::Oracle,
    reading::read_batches,
    violation::{Checked, Violation, must},
    words::{Ask, Place, Refusal, Reply},
};

const WAIT: Duration = Duration::from_millis(500);

/// A consumer.
#[derive(Debug)]
pub(crate) struct Consumer {
    place: Place,
    next: Offset,
    asked: Option<u64>,
    /// The highest high watermark it was told, and how often the partition had lost something then.
    high_watermark: Offset,
    losses: u64,
    /// What had been deleted when it last asked.
    deleted: Offset,
}

impl Consumer {
    /// A consumer of this partition.
    #[must_use]
    pub(crate) fn new(place: Place) -> Consumer {
        Consumer {
            place,
            next: Offset::ZERO,
            asked: None,
            high_watermark: Offset::ZERO,
            losses: 0,
            deleted: Offset::ZERO,
        }
    }

    /// What the consumer asks next, under this ticket; nothing when it waits for an answer.
    pub(crate) fn ask(&mut self, ticket: u64, oracle: &Oracle) -> Option<Ask> {
        if self.asked.is_some() {
            return None;
        }
        self.deleted = oracle.deleted(self.place);
        self.asked = Some(ticket);
        Some(Ask::Fetch { place: self.place, offset: self.next, wait: WAIT, bytes_max: 4_096 })
    }

    /// Takes a reply to one of its requests.
    pub(crate) fn take(&mut self, ticket: u64, reply: &Reply, oracle: &mut Oracle) -> Checked {
        if self.asked != Some(ticket) {
            return Ok(());
        }
        self.asked = None;
        match reply {
            Reply::Fetched { records, high_watermark, .. } => {
                must("what was deleted is not read", self.next >= self.deleted, || {
                    format!("{} of {}, deleted up to {}", self.next, self.place, self.deleted)
                })?;
                self.take_high_watermark(*high_watermark, oracle)?;
                self.take_records(records, *high_watermark, oracle)
            }
            Reply::Refused(Refusal::TryAgain) => Ok(()),
            Reply::Refused(Refusal::OutOfRange) => self.begin_anew(oracle),
            Reply::Refused(Refusal::OutOfOrder | Refusal::Unexpected)
            | Reply::ProducerId(..)
            | Reply::Produced(_)
            | Reply::Deleted(_)
            | Reply::Group(_)
            | Reply::Committed(_)
            | Reply::TopicsCreated => Err(Violation::new("a reply fits its request", reply)),
        }
    }

    /// The connection broke: no answer will come.
    pub(crate) fn disconnected(&mut self) {
        self.asked = None;
        // A process that starts anew may have to find out again how far it has come.
        self.high_watermark = Offset::ZERO;
    }

    fn take_high_watermark(&mut self, high_watermark: Offset, oracle: &Oracle) -> Checked {
        let losses = oracle.losses(self.place);
        let rises = high_watermark >= self.high_watermark || losses > self.losses;
        must("a consumer sees the high watermark only rise", rises, || {
            format!("{high_watermark} after {} of {}", self.high_watermark, self.place)
        })?;
        self.high_watermark = high_watermark;
        self.losses = losses;
        Ok(())
    }

    fn take_records(
        &mut self,
        records: &[u8],
        high_watermark: Offset,
        oracle: &mut Oracle,
    ) -> Checked {
        for batch in read_batches(records)? {
            for (offset, value) in batch.records {
                if offset < self.next {
                    continue;
                }
                let follows = offset == self.next || oracle.is_compacted(self.place);
                must("offsets have no holes", follows, || {
                    format!("{offset} of {} where {} was next", self.place, self.next)
                })?;
                must("nothing above the high watermark is read", offset < high_watermark, || {
                    format!("{offset} of {}, high watermark {high_watermark}", self.place)
                })?;
                oracle.read(self.place, offset, value)?;
                self.next = offset.next();
            }
            // Compaction can take the last records of a batch, or all of them.
            self.next = self.next.max(batch.header.last_offset().next());
        }
        Ok(())
    }

    /// Its offset is gone, which only a power cut or a deletion may bring about.
    fn begin_anew(&mut self, oracle: &Oracle) -> Checked {
        let start = oracle.start(self.place);
        let has_lost = oracle.losses(self.place) > self.losses;
        must("an offset that was read stays in range", has_lost || self.next < start, || {
            format!("{} of {}", self.next, self.place)
        })?;
        self.next = start;
        Ok(())
    }
}
