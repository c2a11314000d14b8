//! A disk, a clock and random numbers that repeat themselves for the same seed.
//!
//! For tests and the simulator. The disk keeps apart what was written and what was synced, so that
//! a power cut can take away everything that was promised by nobody. Nothing in here knows what is
//! stored.

mod clock;
mod contents;
mod disk;
mod random;
mod tree;

pub use clock::SimClock;
pub use disk::SimDisk;
pub use random::SimRandom;
