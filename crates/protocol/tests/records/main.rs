//! Record batches against Kafka's own, against damage, and against a second decoder.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod damage;
mod golden;
mod oracle;
mod round_trip;

/// More than any batch in these tests holds.
const ENOUGH: usize = 1 << 20;
