//! What a coordinator goes by.

use std::time::Duration;

/// The limits and times of groups and offsets; Kafka's keys in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How long an empty group waits for more members before its first assignment
    /// (`group.initial.rebalance.delay.ms`).
    pub initial_rebalance_delay: Duration,
    /// The shortest silence that members may ask for (`group.min.session.timeout.ms`).
    pub session_timeout_min: Duration,
    /// The longest silence that members may ask for (`group.max.session.timeout.ms`).
    pub session_timeout_max: Duration,
    /// How many members a group may have (`group.max.size`).
    pub members_max: usize,
    /// The longest text that may be left with an offset (`offset.metadata.max.bytes`).
    pub offset_metadata_bytes_max: usize,
    /// How long offsets are kept after their group has become empty (`offsets.retention.minutes`).
    pub offsets_retention: Duration,
    /// How often expired offsets are looked for (`offsets.retention.check.interval.ms`).
    pub offsets_check_interval: Duration,
}
