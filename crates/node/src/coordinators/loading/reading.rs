//! Reading the records of groups, a piece at a time. What is damaged is told of and left out: the
//! groups that it does not concern shall be served.

use std::io;

use protocol::records::batches;
use runtime::FileSlice;
use storage::{DiskError, ReadError, ReadLimits};
use types::Offset;

use super::Position;
use crate::slots::{Slot, State};

/// What came of reading a piece.
#[derive(Debug)]
pub(crate) enum Found {
    /// It was read.
    Piece,
    /// What comes next is not below the high watermark yet.
    NotWritten,
    /// This broker no longer leads the partition.
    NotLed,
    /// The disk failed.
    Unreadable(String),
}

/// A partition's log as it is read for a shard.
pub(crate) struct Reading<'a> {
    pub(crate) slot: &'a Slot,
    /// How large a piece may be.
    pub(crate) bytes_max: usize,
}

/// Why nothing was read.
enum Stopped {
    NotLed,
    /// What lies there is no batch.
    Damaged(String),
    Disk(String),
}

/// Whole batches, and the offset behind them.
struct Piece {
    bytes: Vec<u8>,
    end: Offset,
}

impl Reading<'_> {
    /// Reads the next piece into the shard.
    pub(crate) fn piece(&self, at: &mut Position) -> Found {
        let outcome = match self.read(at.next, self.bytes_max) {
            Ok(None) => return Found::NotWritten,
            Ok(Some(piece)) => self.replay(at, &piece),
            Err(stopped) => Err(stopped),
        };
        let outcome = match outcome {
            Err(Stopped::Damaged(reason)) => self.skip(at, &reason),
            other => other,
        };
        match outcome {
            Ok(()) => Found::Piece,
            Err(Stopped::NotLed) => Found::NotLed,
            Err(Stopped::Damaged(error) | Stopped::Disk(error)) => Found::Unreadable(error),
        }
    }

    /// Reads batches below the high watermark; none when there are none yet.
    fn read(&self, offset: Offset, bytes_max: usize) -> Result<Option<Piece>, Stopped> {
        let found = {
            let mut state = self.slot.state();
            let State::Leading(partition) = &mut *state else { return Err(Stopped::NotLed) };
            let upper = partition.high_watermark();
            let limits = ReadLimits { bytes_max, at_least_one_batch: true, upper };
            // Compaction or retention may have taken what came next.
            let offset = offset.max(partition.log().start_offset());
            if offset >= upper {
                return Ok(None);
            }
            partition.log_mut().read(offset, limits).map_err(stopped)?
        };
        let bytes = found.slice.as_ref().map_or(Ok(Vec::new()), read_slice)?;
        Ok(Some(Piece { bytes, end: found.next_offset }))
    }

    fn replay(&self, at: &mut Position, piece: &Piece) -> Result<(), Stopped> {
        for batch in batches(&piece.bytes) {
            let batch = batch.map_err(|error| Stopped::Damaged(error.to_string()))?;
            if !batch.crc_is_valid() {
                // Where it ends is as uncertain as what is in it.
                return Err(Stopped::Damaged("a checksum is of other bytes".to_owned()));
            }
            if batch.last_offset() < at.next {
                continue;
            }
            let replayed = at.shard.replay(&batch);
            at.next = batch.last_offset().next();
            at.records += replayed.records as u64;
            if let Some(fault) = replayed.fault {
                let (partition, records) = (&self.slot.name, replayed.damaged);
                tracing::error!(%partition, records, %fault, "left out records of groups");
            }
        }
        at.next = at.next.max(piece.end);
        Ok(())
    }

    /// Leaves out what is damaged: goes on with the next sound batch.
    fn skip(&self, at: &mut Position, reason: &str) -> Result<(), Stopped> {
        let from = at.next;
        at.next = self.next_sound(from, at.upto)?;
        tracing::error!(
            partition = %self.slot.name, %from, upto = %at.next, reason,
            "left out damaged records of groups"
        );
        Ok(())
    }

    /// The first offset behind `from` from which on something sound can be read. The log finds
    /// offsets by its index, so that what lies behind the damage can be had.
    fn next_sound(&self, from: Offset, upto: Offset) -> Result<Offset, Stopped> {
        let (mut damaged, mut step) = (from.0, 1);
        let mut sound = loop {
            let probe = damaged.saturating_add(step).min(upto.0);
            if probe == upto.0 || self.is_sound(Offset(probe))? {
                break probe;
            }
            (damaged, step) = (probe, step * 2);
        };
        while sound - damaged > 1 {
            let middle = damaged + (sound - damaged) / 2;
            if self.is_sound(Offset(middle))? {
                sound = middle;
            } else {
                damaged = middle;
            }
        }
        Ok(Offset(sound))
    }

    /// Whether a sound batch holds this offset or comes next.
    fn is_sound(&self, offset: Offset) -> Result<bool, Stopped> {
        match self.read(offset, 1) {
            Ok(None) => Ok(true),
            Ok(Some(piece)) => Ok(batches(&piece.bytes).next().is_none_or(|first| {
                first.is_ok_and(|batch| batch.crc_is_valid() && batch.last_offset() >= offset)
            })),
            Err(Stopped::Damaged(_)) => Ok(false),
            Err(stopped) => Err(stopped),
        }
    }
}

fn read_slice(slice: &FileSlice) -> Result<Vec<u8>, Stopped> {
    slice.read().map_err(|error| {
        let is_cut = error.kind() == io::ErrorKind::UnexpectedEof;
        let reason = error.to_string();
        if is_cut { Stopped::Damaged(reason) } else { Stopped::Disk(reason) }
    })
}

fn stopped(error: ReadError) -> Stopped {
    match error {
        ReadError::Disk(DiskError { ref error, .. })
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ) =>
        {
            Stopped::Damaged(error.to_string())
        }
        ReadError::Disk(error) => Stopped::Disk(error.to_string()),
        ReadError::OutOfRange { .. } => Stopped::Disk(error.to_string()),
    }
}
