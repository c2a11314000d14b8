//! One log on disk: segments, indexes, checkpoints, recovery.
