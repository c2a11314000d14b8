//! Random numbers: for ids, jitter and election time-outs, never for secrets.

use rand::{Rng, SeedableRng, rngs::StdRng};
use types::Uuid;

/// A source of random numbers.
pub trait Random: Send {
    /// The next 64 random bits.
    fn next_u64(&mut self) -> u64;

    /// A number from 0 up to, not including, `bound`, which must not be 0.
    fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        self.next_u64() % bound
    }

    /// A random UUID that Kafka's tools accept.
    fn uuid(&mut self) -> Uuid {
        loop {
            let bits = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
            let uuid = Uuid::from_random(bits);
            if uuid.is_usable() {
                return uuid;
            }
        }
    }
}

/// A generator seeded by the operating system.
#[derive(Debug)]
pub struct SystemRandom(StdRng);

impl SystemRandom {
    /// Takes a seed from the operating system.
    #[must_use]
    pub fn new() -> SystemRandom {
        SystemRandom(rand::make_rng())
    }

    /// A generator that repeats itself for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> SystemRandom {
        SystemRandom(StdRng::seed_from_u64(seed))
    }
}

impl Default for SystemRandom {
    fn default() -> SystemRandom {
        SystemRandom::new()
    }
}

impl Random for SystemRandom {
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
}
