//! Appending, as the leader who assigns offsets and as the follower who takes them.

use protocol::records::{BatchError, BatchHeader, ProducedBatch, TimestampType, batches};
use types::{LeaderEpoch, Now, Offset, PlantedBug, Timestamp};

use super::{Closed, Log};
use crate::{
    error::DiskError,
    marker::Marker,
    names,
    producers::{KnownBatch, ProducerError},
    walk::{Placed, size_of},
};

/// A batch that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The offset of the first record.
    pub base_offset: Offset,
    /// The offset of the last record.
    pub last_offset: Offset,
    /// The time that all records got, when the topic says so; as in Kafka, also the newest one of a
    /// duplicate, whoever stamped it.
    pub log_append_time: Option<Timestamp>,
    /// The batch had been appended before; the offsets are those it got then.
    pub duplicate: bool,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The log takes nothing more.
    #[error("failed to append: {0}")]
    Closed(#[from] Closed),
    /// The batch is larger than `segment.bytes`.
    #[error("batch of {size} bytes exceeds a segment of {limit}")]
    ExceedsSegment {
        /// The size of the batch.
        size: usize,
        /// The size of a segment.
        limit: u32,
    },
    /// The batch is larger than `max.message.bytes`.
    #[error("batch of {size} bytes exceeds the limit of {limit}")]
    BatchTooLarge {
        /// The size of the batch.
        size: usize,
        /// The limit.
        limit: u32,
    },
    /// The bytes are no batch, or not exactly one, where one is expected.
    #[error("failed to append: {0}")]
    Invalid(#[from] BatchError),
    /// The bytes of a batch changed on their way.
    #[error("batch at offset {0} does not match its checksum")]
    Checksum(Offset),
    /// The batch does not follow the last one.
    #[error("batch at offset {given} does not follow the end of the log at {end}")]
    OutOfOrder {
        /// The batch's first offset.
        given: Offset,
        /// The end of the log.
        end: Offset,
    },
    /// The producer is fenced or left a batch out.
    #[error(transparent)]
    Producer(#[from] ProducerError),
    /// The disk has no room; the log is as it was, and takes batches again once there is some.
    #[error("the disk is full: {0}")]
    Full(DiskError),
    /// The disk failed; the log is closed.
    #[error(transparent)]
    Disk(DiskError),
}

impl From<DiskError> for AppendError {
    fn from(error: DiskError) -> AppendError {
        if error.is_full() { AppendError::Full(error) } else { AppendError::Disk(error) }
    }
}

impl Log {
    /// Appends one batch and assigns its offsets. That its records are well-formed was checked by
    /// `validate_produced`, or is known because the batch was made here.
    ///
    /// # Errors
    /// When the log is closed, the batch too large, its producer out of step or the disk full: the
    /// log is then as it was. When the disk fails, which closes the log.
    pub fn append_as_leader(
        &mut self,
        mut batch: ProducedBatch,
        epoch: LeaderEpoch,
        now: Now,
    ) -> Result<Appended, AppendError> {
        self.check_open()?;
        self.check_size(batch.header())?;
        let marker = marker_of(&batch);
        if let Some(first) = self.check_producer(batch.header(), marker)? {
            return Ok(known(first));
        }
        if self.config.message_timestamp_type == TimestampType::LogAppendTime {
            batch.set_log_append_time(now.wall);
        }
        self.check_offsets(batch.header())?;
        batch.set_base_offset(self.end);
        batch.set_partition_leader_epoch(epoch);
        let header = *batch.header();
        if !self.has_room(&Run::default(), &header)? {
            self.roll(now)?;
        }
        self.write(&batch.head(), batch.payload(), now)?;
        self.take(&header, marker)?;
        self.producers.touch(header.producer_id(), now.wall);
        Ok(self.appended(&header))
    }

    /// Appends batches that a leader has assigned offsets to, as they are.
    ///
    /// # Errors
    /// When the log is closed or a batch is damaged or does not follow the one before: the log is
    /// then as it was. When the disk is full: the log then ends behind the last batch that found
    /// room. When the disk fails, which closes the log.
    pub fn append_as_follower(&mut self, bytes: &[u8], now: Now) -> Result<(), AppendError> {
        self.check_open()?;
        self.check_replicated(bytes)?;
        let mut run = Run::default();
        for batch in batches(bytes) {
            let batch = batch?;
            if !self.has_room(&run, batch.header())? {
                self.append_run(&mut run, bytes, now)?;
                self.roll(now)?;
            }
            run.headers.push(*batch.header());
            run.size += size_of(batch.header());
        }
        self.append_run(&mut run, bytes, now)
    }

    fn check_replicated(&self, bytes: &[u8]) -> Result<(), AppendError> {
        let mut end = self.end;
        for batch in batches(bytes) {
            let batch = batch?;
            if batch.base_offset() < end {
                return Err(AppendError::OutOfOrder { given: batch.base_offset(), end });
            }
            if !batch.crc_is_valid() {
                return Err(AppendError::Checksum(batch.base_offset()));
            }
            end = batch.last_offset().next();
        }
        Ok(())
    }

    fn append_run(&mut self, run: &mut Run, bytes: &[u8], now: Now) -> Result<(), AppendError> {
        if run.headers.is_empty() {
            return Ok(());
        }
        let end = run.start + run.size as usize;
        self.write(&[], &bytes[run.start..end], now)?;
        let mut position = run.start;
        for header in &run.headers {
            let marker =
                header.is_control().then(|| Marker::in_bytes(&bytes[position..])).flatten();
            self.take(header, marker)?;
            position += header.size();
        }
        *run = Run { start: end, ..Run::default() };
        Ok(())
    }

    /// A batch is as large as both limits allow; `segment.bytes` can be the smaller one.
    fn check_size(&self, header: &BatchHeader) -> Result<(), AppendError> {
        let size = header.size();
        let (limit, segment) = (self.config.max_message_bytes, self.config.segment_bytes);
        if size > limit as usize {
            return Err(AppendError::BatchTooLarge { size, limit });
        }
        if size > segment as usize {
            return Err(AppendError::ExceedsSegment { size, limit: segment });
        }
        Ok(())
    }

    /// Offsets end, too, if only after a replica was handed an absurd one.
    fn check_offsets(&self, header: &BatchHeader) -> Result<(), BatchError> {
        let (base, delta) = (self.end.0, header.last_offset_delta());
        match base.checked_add(i64::from(delta) + 1) {
            Some(_) => Ok(()),
            None => Err(BatchError::Offsets { base, delta }),
        }
    }

    fn check_producer(
        &self,
        header: &BatchHeader,
        marker: Option<Marker>,
    ) -> Result<Option<KnownBatch>, ProducerError> {
        if let Some(marker) = marker {
            self.producers.check_marker(header, marker)?;
        } else if header.has_producer() && !header.is_control() {
            return self.producers.check(header);
        }
        Ok(None)
    }

    fn appended(&self, header: &BatchHeader) -> Appended {
        let log_append_time = match self.config.message_timestamp_type {
            TimestampType::CreateTime => None,
            TimestampType::LogAppendTime => Some(header.max_timestamp()),
        };
        Appended {
            base_offset: header.base_offset(),
            last_offset: header.last_offset(),
            log_append_time,
            duplicate: false,
        }
    }

    fn write(&mut self, head: &[u8], rest: &[u8], now: Now) -> Result<(), DiskError> {
        let active = self.segments.back_mut().expect("there is room in a segment");
        let position = u64::from(active.size());
        let name = self.place.of(active.base(), names::LOG);
        let written = active.file(&self.place).and_then(|file| {
            let written = file.write_both_at(head, rest, position).map_err(name.error("write"));
            // What found room before the disk was full is half a batch.
            if written.as_ref().is_err_and(DiskError::is_full) {
                file.set_size(position).map_err(name.error("cut"))?;
                self.flush.is_cut = true;
            }
            written
        });
        self.judge(&written, now);
        written
    }

    /// A full disk refuses, a broken one closes the log.
    pub(super) fn judge<T>(&mut self, written: &Result<T, DiskError>, now: Now) {
        let room = self.place.files.room();
        match written {
            Ok(_) => room.granted(self.place.parent()),
            Err(error) if error.is_full() && !PlantedBug::CloseWhenFull.is_planted() => {
                room.refused(self.place.parent(), error, now.instant);
            }
            Err(error) => self.fail(error),
        }
    }

    /// Takes a batch into account that was written at the end of the last segment.
    fn take(&mut self, header: &BatchHeader, marker: Option<Marker>) -> Result<(), DiskError> {
        assert!(header.base_offset() >= self.end, "offsets only grow");
        self.note(header, marker).inspect_err(|error| self.fail(error))?;
        self.epochs.begin(header.partition_leader_epoch(), header.base_offset());
        self.end = header.last_offset().next();
        Ok(())
    }

    fn note(&mut self, header: &BatchHeader, marker: Option<Marker>) -> Result<(), DiskError> {
        let active = self.segments.back_mut().expect("the batch was written to a segment");
        let placed = Placed { position: active.size(), header: *header };
        active.note(&self.place, &placed, self.config.index_interval_bytes)?;
        match self.producers.note(header, marker) {
            Some(aborted) => active.note_aborted(&self.place, aborted),
            None => Ok(()),
        }
    }
}

/// The end of a transaction, when that is what the batch is.
fn marker_of(batch: &ProducedBatch) -> Option<Marker> {
    batch.header().is_control().then(|| Marker::in_bytes(&batch.to_bytes())).flatten()
}

/// Batches that are written together.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Where they begin among the bytes that came.
    start: usize,
    pub(super) size: u32,
    pub(super) headers: Vec<BatchHeader>,
}

fn known(first: KnownBatch) -> Appended {
    Appended {
        base_offset: first.base_offset(),
        last_offset: first.last_offset,
        log_append_time: Some(first.timestamp),
        duplicate: true,
    }
}
