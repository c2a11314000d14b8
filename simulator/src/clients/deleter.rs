//! One who deletes the beginning of a partition, now and then.

use runtime::{Random, simulated::SimRandom};
use types::Offset;

use crate::{
    oracle::Oracle,
    violation::{Checked, Violation},
    words::{Ask, Place, Refusal, Reply},
};

/// How far above the start of the log it looks for an offset; some are above the high watermark.
const REACH: u64 = 20;

/// One who deletes records.
#[derive(Debug)]
pub(crate) struct Deleter {
    place: Place,
    asked: Option<u64>,
    is_draining: bool,
}

impl Deleter {
    /// One who deletes records of this partition.
    #[must_use]
    pub(crate) fn new(place: Place) -> Deleter {
        Deleter { place, asked: None, is_draining: false }
    }

    /// What is asked next, under this ticket; nothing when it waits for an answer.
    pub(crate) fn ask(
        &mut self,
        ticket: u64,
        random: &mut SimRandom,
        oracle: &mut Oracle,
    ) -> Option<Ask> {
        if self.asked.is_some() || self.is_draining {
            return None;
        }
        self.asked = Some(ticket);
        let reach = i64::try_from(random.below(REACH)).expect("a reach is small");
        let before =
            if random.chance(10) { Offset::NONE } else { oracle.start(self.place).plus(reach) };
        oracle.deletion_asked(self.place, ticket, before);
        Some(Ask::DeleteRecords { place: self.place, before })
    }

    /// Takes a reply to one of its requests.
    pub(crate) fn take(&mut self, ticket: u64, reply: &Reply) -> Checked {
        if self.asked != Some(ticket) {
            return Ok(());
        }
        self.asked = None;
        match reply {
            Reply::Deleted(_) | Reply::Refused(Refusal::TryAgain | Refusal::OutOfRange) => Ok(()),
            Reply::Refused(Refusal::OutOfOrder | Refusal::Unexpected)
            | Reply::ProducerId(..)
            | Reply::Produced(_)
            | Reply::Fetched { .. }
            | Reply::Group(_)
            | Reply::Committed(_)
            | Reply::TopicsCreated => Err(Violation::new("a reply fits its request", reply)),
        }
    }

    /// The connection broke: no answer will come.
    pub(crate) fn disconnected(&mut self) {
        self.asked = None;
    }

    /// Begins nothing new.
    pub(crate) fn drain(&mut self) {
        self.is_draining = true;
    }

    /// Whether it waits for no answer.
    #[must_use]
    pub(crate) fn is_idle(&self) -> bool {
        self.asked.is_none()
    }
}
