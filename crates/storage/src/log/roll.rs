//! Making place for more: when a segment is full, and the next one.

use protocol::records::BatchHeader;
use types::{Now, Offset, Timestamp};

use super::{Log, append::Run};
use crate::{
    entries::Entry,
    error::DiskError,
    index::{IndexEntry, TimeEntry},
    names, producer_snapshot,
    segment::Segment,
    walk::size_of,
};

impl Log {
    /// Begins a new segment when the last one has been open for `segment.ms`, or for
    /// `max.compaction.lag.ms` where that is less, so that also a quiet
    /// log can be cleaned up; true when it did.
    ///
    /// # Errors
    /// When the disk is full, or fails, which closes the log.
    pub fn roll_if_due(&mut self, now: Now) -> Result<bool, DiskError> {
        let patience = self.segment_patience();
        let due = self.segments.back().is_some_and(|active| {
            !active.is_empty() && now.wall.0.saturating_sub(active.since.0) > patience
        });
        if due && self.closed.is_none() {
            self.roll(now)?;
        }
        Ok(due)
    }

    /// Whether a batch can go into the last segment, behind the `waiting` ones.
    pub(super) fn has_room(
        &mut self,
        waiting: &Run,
        header: &BatchHeader,
    ) -> Result<bool, DiskError> {
        let patience = self.segment_patience();
        let Some(active) = self.segments.back_mut() else { return Ok(false) };
        let last = header.last_offset();
        let size = u64::from(active.size()) + u64::from(waiting.size);
        if size == 0 {
            return Ok(active.reaches(last));
        }
        let fits = size + u64::from(size_of(header)) <= u64::from(self.config.segment_bytes);
        if !fits || !active.reaches(last) {
            return Ok(false);
        }
        // A time index is full one entry early: the last place is for the end of the segment.
        let (offsets, times) = active.index_entries(&self.place)?;
        let more = waiting.headers.len() + 1;
        let index_bytes = self.config.segment_index_bytes as usize;
        if (offsets + more) * IndexEntry::SIZE > index_bytes
            || (times + more + 1) * TimeEntry::SIZE > index_bytes
        {
            return Ok(false);
        }
        let first = match waiting.headers.first() {
            Some(first) if active.is_empty() => Some(first.max_timestamp()),
            Some(_) | None => active.first_timestamp(&self.place)?,
        };
        let timestamp = header.max_timestamp();
        let is_young = first.is_none_or(|first| {
            timestamp.min(first) == Timestamp::NONE
                || timestamp.0.saturating_sub(first.0) <= patience
        });
        Ok(is_young)
    }

    /// How long a segment takes batches, less the jitter, which differs from segment to segment but
    /// not from run to run.
    fn segment_patience(&self) -> i64 {
        let longest = self.config.segment_ms_max();
        let jitter_max = self.config.segment_jitter_ms.min(longest);
        if jitter_max <= 0 {
            return longest;
        }
        let folder = self.place.folder.as_os_str().as_encoded_bytes();
        let base = self.segments.back().map_or(0, |active| active.base().0);
        let seed = crc32c::crc32c_append(crc32c::crc32c(folder), &base.to_be_bytes());
        longest - i64::from(seed) % jitter_max
    }

    /// Begins a new segment at the end of the log.
    ///
    /// On a full disk the log stays as it is.
    pub(super) fn roll(&mut self, now: Now) -> Result<(), DiskError> {
        let rolled = self.try_roll(now.wall);
        self.judge(&rolled, now);
        rolled
    }

    fn try_roll(&mut self, now: Timestamp) -> Result<(), DiskError> {
        // The name of a segment is durable before the next one's, so that no crash leaves a hole.
        if self.flush.names_can_be_lost() {
            let folder = &self.place.folder;
            self.place.disk().sync_folder(folder).map_err(DiskError::at("sync", folder))?;
            self.flush.folder_changed = false;
        }
        // Not at the end of the log, which truncation may have left behind a gap: recovery expects a
        // segment where the one before ends.
        let mut base = self.end;
        if let Some(active) = self.segments.back_mut() {
            base = active.end_of_batches();
            assert!(
                base > active.base(),
                "a segment that holds nothing is not followed by another"
            );
            active.note_largest(&self.place)?;
            active.store_indexes(&self.place)?;
            if self.flush.is_cut {
                // A segment that is not the last is taken as it is: nothing may come back behind it.
                let name = self.place.of(active.base(), names::LOG);
                active.file(&self.place)?.sync().map_err(name.error("sync"))?;
                self.flush.is_cut = false;
            }
            self.write_snapshot(base)?;
        } else {
            self.flush.is_new = true;
        }
        let segment = Segment::create(&self.place, base, now)?;
        if let Some(active) = self.segments.back_mut() {
            active.retire();
        }
        self.segments.push_back(segment);
        self.flush.folder_changed = true;
        Ok(())
    }

    /// Writes the producers' state as of `end`, behind the last batch; the next flush makes it
    /// durable.
    pub(super) fn write_snapshot(&mut self, end: Offset) -> Result<(), DiskError> {
        let name = self.place.of(end, names::SNAPSHOT);
        let content = producer_snapshot::encode(&self.producers);
        let file = name.disk().create(&name.path()).map_err(name.error("create"))?;
        self.flush.folder_changed = true;
        if let Err(error) = file.write_all_at(&content, 0) {
            // Half a snapshot is none; on a full disk the place is missed.
            let _ = name.disk().remove_file(&name.path());
            return Err(name.error("write")(error));
        }
        self.flush.snapshots.push(file);
        Ok(())
    }
}
