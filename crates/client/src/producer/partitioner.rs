//! Which partition a record goes to, as Java's producer decides it by default.
//!
//! A record with a key goes where its key's hash says, so that all records of a key stay in order.
//! One without a key goes where the one before it went, until that partition has had a batch
//! (KIP-794): full batches are cheaper than even ones.

use std::hash::{BuildHasher, Hasher, RandomState};

use types::PartitionIndex;

/// Chooses partitions.
#[derive(Debug)]
pub(crate) struct Partitioner {
    /// Where records without a key go at the moment.
    sticky: u32,
    /// What they have put there.
    sticky_bytes: usize,
    /// After how much the next partition has its turn.
    turn_bytes: usize,
    random: u64,
}

impl Partitioner {
    /// Begins anywhere.
    pub(crate) fn new(turn_bytes: usize) -> Partitioner {
        Partitioner::seeded(turn_bytes, RandomState::new().build_hasher().finish())
    }

    fn seeded(turn_bytes: usize, seed: u64) -> Partitioner {
        let mut partitioner =
            Partitioner { sticky: 0, sticky_bytes: 0, turn_bytes, random: seed | 1 };
        partitioner.sticky = partitioner.draw();
        partitioner
    }

    /// The partition, of `count`, for a record of this size with this key.
    ///
    /// # Panics
    /// When there are no partitions.
    pub(crate) fn choose(&mut self, key: Option<&[u8]>, size: usize, count: u32) -> PartitionIndex {
        assert!(count > 0, "a topic has at least one partition");
        if let Some(key) = key {
            return partition_of_key(key, count);
        }
        if self.sticky_bytes >= self.turn_bytes {
            self.sticky_bytes = 0;
            self.sticky = self.draw();
        }
        self.sticky_bytes += size;
        index(self.sticky % count)
    }

    /// The next number of a xorshift generator; which one it is matters to nobody.
    fn draw(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        u32::try_from(self.random >> 32).expect("32 bits are left")
    }
}

/// The partition, of `count`, to which records with this key go.
#[must_use]
pub fn partition_of_key(key: &[u8], count: u32) -> PartitionIndex {
    index((murmur2(key) & 0x7fff_ffff) % count)
}

fn index(number: u32) -> PartitionIndex {
    PartitionIndex(i32::try_from(number).expect("partitions are counted by an i32"))
}

/// The hash of Austin Appleby in the variant, and with the seed, of Kafka's Java clients.
fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const FACTOR: u32 = 0x5bd1_e995;
    const ROTATION: u32 = 24;
    let length = u32::try_from(data.len()).expect("a key takes less than 2 GiB");
    let mut hash = SEED ^ length;
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        let mut word = u32::from_le_bytes(*word).wrapping_mul(FACTOR);
        word ^= word >> ROTATION;
        hash = hash.wrapping_mul(FACTOR) ^ word.wrapping_mul(FACTOR);
    }
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(FACTOR);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(FACTOR);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs of Kafka's own test of its hash.
    #[test]
    fn hashes_are_those_of_kafkas_java_clients() {
        for (text, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(text.as_bytes()).cast_signed(), hash, "{text}");
        }
    }

    #[test]
    fn records_of_a_key_go_to_one_partition_whatever_else_is_sent() {
        let mut partitioner = Partitioner::seeded(100, 7);
        let first = partitioner.choose(Some(b"ada"), 10, 12);
        for _ in 0..20 {
            partitioner.choose(None, 50, 12);
            assert_eq!(partitioner.choose(Some(b"ada"), 10, 12), first);
        }
        assert_eq!(first, partition_of_key(b"ada", 12));
    }

    #[test]
    fn records_without_a_key_stay_together_for_a_batch_and_reach_all_partitions() {
        let mut partitioner = Partitioner::seeded(100, 7);
        let mut reached = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let turn: Vec<_> = (0..4).map(|_| partitioner.choose(None, 25, 5)).collect();
            assert!(turn.iter().all(|partition| *partition == turn[0]), "{turn:?}");
            reached.insert(turn[0]);
        }
        assert_eq!(reached.len(), 5);
    }
}
