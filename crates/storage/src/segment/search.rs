//! Finding batches of a segment by offset, by position and by time.

use types::{Offset, Timestamp};

use super::Segment;
use crate::{
    error::DiskError,
    names,
    place::Place,
    tail::Found,
    walk::{Placed, Walk},
};

impl Segment {
    /// The batches from a position on, which must be a boundary.
    pub(crate) fn walk(&mut self, place: &Place, from: u32) -> Result<Walk, DiskError> {
        Ok(Walk::new(self.file(place)?, from, self.size))
    }

    /// All bytes of a batch.
    pub(crate) fn read_batch(
        &mut self,
        place: &Place,
        batch: &Placed,
    ) -> Result<Vec<u8>, DiskError> {
        let name = place.of(self.base, names::LOG);
        let mut bytes = vec![0; batch.header.size()];
        self.file(place)?
            .read_exact_at(&mut bytes, u64::from(batch.position))
            .map_err(name.error("read"))?;
        Ok(bytes)
    }

    /// The first batch that ends at `offset` or behind it.
    pub(crate) fn find(
        &mut self,
        place: &Place,
        offset: Offset,
    ) -> Result<Option<Found>, DiskError> {
        if let Some(found) = self.tail.find(offset) {
            return Ok(Some(found));
        }
        let from = self.floor(place, offset)?;
        self.find_from(place, offset, from)
    }

    /// The first batch that ends at `offset` or behind it, when none of those does that lie in
    /// front of the boundary `from`.
    pub(crate) fn find_from(
        &mut self,
        place: &Place,
        offset: Offset,
        from: u32,
    ) -> Result<Option<Found>, DiskError> {
        let name = place.of(self.base, names::LOG);
        let mut walk = self.walk(place, from)?;
        while let Some(batch) = walk.next_in(name)? {
            if batch.header.last_offset() >= offset {
                let base = batch.header.base_offset();
                return Ok(Some(Found { base, position: batch.position }));
            }
        }
        Ok(None)
    }

    /// A boundary in front of which no batch ends at `offset` or behind it.
    pub(crate) fn floor(&mut self, place: &Place, offset: Offset) -> Result<u32, DiskError> {
        let base = self.base;
        let relative = offset.since(base);
        let name = place.of(base, names::INDEX);
        let entry = self
            .indexes(place)?
            .offsets
            .last_where(name, |entry| i64::from(entry.relative_offset) <= relative)
            .map_err(name.error("read"))?;
        Ok(entry.map_or(0, |entry| entry.position))
    }

    /// The first batch that ends behind the position `limit`, looking from the boundary `from` on.
    pub(crate) fn crossing(
        &mut self,
        place: &Place,
        from: u32,
        limit: u32,
    ) -> Result<Option<Placed>, DiskError> {
        let near = self.floor_of_position(place, limit)?.max(from);
        let name = place.of(self.base, names::LOG);
        let mut walk = self.walk(place, near)?;
        while let Some(batch) = walk.next_in(name)? {
            if batch.end() > limit {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// A boundary at `position` or not far before it.
    pub(crate) fn floor_of_position(
        &mut self,
        place: &Place,
        position: u32,
    ) -> Result<u32, DiskError> {
        let name = place.of(self.base, names::INDEX);
        let offsets = &mut self.indexes(place)?.offsets;
        let entry = offsets
            .last_where(name, |entry| entry.position <= position)
            .map_err(name.error("read"))?;
        Ok(entry.map_or(0, |entry| entry.position))
    }

    /// The boundary to look from for the first batch with a timestamp of at least `timestamp`.
    pub(crate) fn floor_of_time(
        &mut self,
        place: &Place,
        timestamp: Timestamp,
    ) -> Result<u32, DiskError> {
        let base = self.base;
        let name = place.of(base, names::TIME_INDEX);
        let entry = self
            .indexes(place)?
            .times
            .last_where(name, |entry| entry.timestamp <= timestamp)
            .map_err(name.error("read"))?;
        match entry {
            Some(entry) => self.floor(place, base.plus(i64::from(entry.relative_offset))),
            None => Ok(0),
        }
    }
}
