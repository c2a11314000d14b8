//! Records and the batches that carry them.
