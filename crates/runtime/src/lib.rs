//! What code may ask of the world: the time, random numbers, a disk.
//!
//! Traits, the real ones behind them and, with the feature `simulated`, ones that a simulation
//! replays from a seed. This is the only crate that may contain `unsafe` code and the only one that
//! reads the clocks of the machine.

mod clock;
pub mod disk;
mod random;
#[cfg(feature = "simulated")]
pub mod simulated;
mod system_disk;

pub use clock::{Clock, SystemClock};
pub use disk::{Disk, File, FileSlice, Space};
pub use random::{Random, SystemRandom};
pub use system_disk::SystemDisk;
