//! What can be configured for subscriptions of client metrics.

use crate::key::{Key, int, key, list};

pub(super) const KEYS: &[Key] = &[
    key(
        "interval.ms",
        int("300000"),
        "How often clients of the subscription report their metrics.",
    ),
    key(
        "match",
        list("").items(&[]),
        "Which clients the subscription is for, as `selector=pattern` pairs.",
    ),
    key(
        "metrics",
        list("").items(&[]),
        "Which metrics clients report, by prefixes of their names.",
    ),
];
