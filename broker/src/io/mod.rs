//! Work that may wait for a disk, kept away from the threads that serve connections.

mod pool;

pub use pool::Pool;
