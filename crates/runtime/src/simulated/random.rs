//! Random numbers that are the same for ever for the same seed.

use crate::Random;

/// A generator (SplitMix64) that is written out here, so that a kept seed means the same run
/// whatever becomes of the libraries.
#[derive(Debug, Clone)]
pub struct SimRandom {
    state: u64,
}

impl SimRandom {
    /// The generator of this seed.
    #[must_use]
    pub fn new(seed: u64) -> SimRandom {
        SimRandom { state: seed }
    }

    /// The generator of one named part of a run, so that a part that draws more numbers than it
    /// used to does not change what the other parts draw.
    #[must_use]
    pub fn stream(seed: u64, part: &str) -> SimRandom {
        let mut random = SimRandom::new(seed);
        for byte in part.bytes() {
            random.state = random.next_u64() ^ u64::from(byte);
        }
        random
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        assert!(low <= high, "the range {low} to {high} is empty");
        low + self.below(high - low + 1)
    }
}

impl Random for SimRandom {
    fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let mut random = SimRandom::new(1_234_567);
        let drawn = [random.next_u64(), random.next_u64(), random.next_u64()];
        // The published test vector of SplitMix64.
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn streams_of_one_seed_differ() {
        let mut disk = SimRandom::stream(7, "disk");
        let mut schedule = SimRandom::stream(7, "schedule");
        assert_ne!(disk.next_u64(), schedule.next_u64());
        assert_eq!(
            SimRandom::stream(7, "disk").next_u64(),
            SimRandom::stream(7, "disk").next_u64()
        );
    }
}
