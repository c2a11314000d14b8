//! What compaction may cost, as it is configured.

use std::time::Duration;

use configuration::{Layers, Source, Value, keys};
use storage::CleanerSettings;

/// What cleaning may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CleanerConfig {
    /// `log.cleaner.enable`.
    pub is_enabled: bool,
    /// `log.cleaner.threads`: how many logs are cleaned at a time.
    pub threads: usize,
    /// `log.cleaner.dedupe.buffer.size`: what the keys of all logs that are being cleaned take.
    pub dedupe_buffer_bytes: usize,
    /// `log.cleaner.io.buffer.load.factor`.
    pub load_factor: f64,
    /// `log.cleaner.io.buffer.size`: what is read and written through, for all logs together.
    pub io_buffer_bytes: usize,
    /// `log.cleaner.io.max.bytes.per.second`, reads and writes together.
    pub io_bytes_per_second_max: f64,
    /// `log.cleaner.backoff.ms`: when to look again after nothing was found.
    pub backoff: Duration,
}

impl Default for CleanerConfig {
    /// Kafka's defaults.
    fn default() -> CleanerConfig {
        CleanerConfig {
            is_enabled: true,
            threads: 1,
            dedupe_buffer_bytes: 128 << 20,
            load_factor: 0.9,
            io_buffer_bytes: 512 << 10,
            io_bytes_per_second_max: f64::MAX,
            backoff: Duration::from_secs(15),
        }
    }
}

impl CleanerConfig {
    /// This configuration with what is set for the broker on top. How many logs are cleaned at a
    /// time stays as it was at the start, when the threads were.
    pub(crate) fn with(&self, layers: &Layers) -> CleanerConfig {
        let set = |name| {
            let (value, source) = layers.value(keys::broker().find(name)?)?;
            (source != Source::Default).then_some(value)
        };
        let size = |name, otherwise| {
            set(name).map_or(otherwise, |value: Value| {
                usize::try_from(value.number()).unwrap_or_default()
            })
        };
        let double = |name, otherwise| set(name).map_or(otherwise, |value| value.double());
        let backoff = set("log.cleaner.backoff.ms")
            .map_or(self.backoff, |value| millis_at_least_one(value.number()));
        let rate = "log.cleaner.io.max.bytes.per.second";
        CleanerConfig {
            is_enabled: self.is_enabled,
            threads: self.threads,
            dedupe_buffer_bytes: size("log.cleaner.dedupe.buffer.size", self.dedupe_buffer_bytes),
            load_factor: double("log.cleaner.io.buffer.load.factor", self.load_factor),
            io_buffer_bytes: size("log.cleaner.io.buffer.size", self.io_buffer_bytes),
            io_bytes_per_second_max: double(rate, self.io_bytes_per_second_max),
            backoff,
        }
    }

    /// What one round may take.
    pub(super) fn settings(&self) -> CleanerSettings {
        let threads = self.threads.max(1);
        CleanerSettings {
            map_bytes: self.dedupe_buffer_bytes / threads,
            load_factor: self.load_factor,
            buffer_bytes: (self.io_buffer_bytes / threads / 2).max(1),
        }
    }
}

/// Kafka looks without a pause at 0; a millisecond spares the processor.
fn millis_at_least_one(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs().max(1))
}
