//! The last offset of each key, in bounded memory.
//!
//! Keys are known by 128 bits of hash, so that each takes the same place however long it is.

use twox_hash::XxHash3_128;
use types::Offset;

/// Two halves of a hash and, one higher than it is, an offset: 0 stands in an empty slot.
type Slot = [u64; 3];

/// What a slot takes.
pub(super) const SLOT_BYTES: usize = size_of::<Slot>();

/// A map from keys to offsets that refuses more keys than it is meant for.
#[derive(Debug)]
pub(super) struct OffsetMap {
    slots: Vec<Slot>,
    keys: usize,
    keys_max: usize,
    /// Everything up to here is in the map.
    latest: Offset,
}

/// The map has as many keys as it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl OffsetMap {
    /// A map of at most so many bytes that becomes no fuller than `load_factor`, and no larger than
    /// `keys_wanted` need.
    pub(super) fn new(bytes_max: usize, load_factor: f64, keys_wanted: u64) -> OffsetMap {
        let slots_max = (bytes_max / SLOT_BYTES).max(2);
        let keys_max = share(slots_max, load_factor).max(1);
        let wanted = usize::try_from(keys_wanted).unwrap_or(usize::MAX);
        // As empty as the load factor wants it, too.
        let slots = match wanted < keys_max {
            true => share(wanted + 1, 1.0 / load_factor).saturating_add(1).min(slots_max),
            false => slots_max,
        };
        OffsetMap { slots: vec![[0; 3]; slots.max(2)], keys: 0, keys_max, latest: Offset::NONE }
    }

    /// Notes that a key has a record at this offset, which lies behind all that were noted; what
    /// lies before it counts as looked at.
    pub(super) fn put(&mut self, key: &[u8], offset: Offset) -> Result<(), Full> {
        if self.keys >= self.keys_max || self.keys + 1 >= self.slots.len() {
            return Err(Full);
        }
        let hash = hash(key);
        let slot = self.find(hash);
        if self.slots[slot][2] == 0 {
            self.keys += 1;
        }
        self.slots[slot] = [hash[0], hash[1], offset.0.cast_unsigned() + 1];
        self.advance(offset);
        Ok(())
    }

    /// The last offset that was noted for a key.
    pub(super) fn last_offset(&self, key: &[u8]) -> Option<Offset> {
        let noted = self.slots[self.find(hash(key))][2];
        noted.checked_sub(1).map(|offset| Offset(offset.cast_signed()))
    }

    /// The slot that holds a key, or an empty one where it belongs. One is always empty.
    fn find(&self, hash: [u64; 2]) -> usize {
        let count = self.slots.len();
        let mut slot = usize::try_from(hash[0] % count as u64).expect("a slot's number is a usize");
        while self.slots[slot][2] != 0 && self.slots[slot][..2] != hash {
            slot = (slot + 1) % count;
        }
        slot
    }

    /// Everything up to this offset is in the map; what lies behind it must be left alone.
    pub(super) fn latest(&self) -> Offset {
        self.latest
    }

    /// Notes that everything up to this offset was looked at.
    pub(super) fn advance(&mut self, latest: Offset) {
        self.latest = self.latest.max(latest);
    }

    /// How full the map is, as a share of its slots.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub(super) fn utilization(&self) -> f64 {
        self.keys as f64 / self.slots.len() as f64
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts of slots are far below 2^52"
)]
fn share(count: usize, factor: f64) -> usize {
    (count as f64 * factor) as usize
}

fn hash(key: &[u8]) -> [u64; 2] {
    let hash = XxHash3_128::oneshot(key);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    [hash as u64, (hash >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_offset_of_a_key_counts() {
        let mut map = OffsetMap::new(1 << 16, 0.9, 1000);
        for offset in 0..1000i64 {
            map.put(&(offset % 300).to_be_bytes(), Offset(offset)).unwrap();
        }
        for key in 0..300i64 {
            let last = (0..1000).rev().find(|offset| offset % 300 == key).unwrap();
            assert_eq!(map.last_offset(&key.to_be_bytes()), Some(Offset(last)));
        }
        assert_eq!(map.last_offset(b"another"), None);
    }

    #[test]
    fn a_map_takes_no_more_keys_than_its_bytes_times_the_load_factor() {
        let mut map = OffsetMap::new(100 * SLOT_BYTES, 0.5, u64::MAX);
        let taken = (0..1000i64).take_while(|n| map.put(&n.to_be_bytes(), Offset(*n)).is_ok());
        assert_eq!(taken.count(), 50);
        // Kafka counts before it looks: a full map does not take a key it has, either.
        assert_eq!(map.put(&0i64.to_be_bytes(), Offset(1000)), Err(Full));
    }

    #[test]
    fn a_map_for_few_keys_is_small() {
        let mut map = OffsetMap::new(1 << 30, 0.9, 10);
        assert!(map.slots.len() < 20);
        for key in 0..10u8 {
            map.put(&[key], Offset(i64::from(key))).unwrap();
        }
        assert_eq!(map.last_offset(&[7]), Some(Offset(7)));
    }
}
