//! What a broker can be told about requests that wait.

use crate::key::{Key, int, key};

pub(super) const KEYS: &[Key] = &[
    key(
        "delete.records.purgatory.purge.interval.requests",
        int("1"),
        "How many finished deletions of records may gather before they are swept out of memory.",
    ),
    key(
        "fetch.max.bytes",
        int("57671680").at_least(1024.0).works(),
        "The most that one fetch brings, whatever the client asks for.",
    ),
    key(
        "fetch.purgatory.purge.interval.requests",
        int("1000"),
        "How many finished fetches may gather before they are swept out of memory.",
    ),
    key(
        "max.incremental.fetch.session.cache.slots",
        int("1000").at_least(0.0).works(),
        "How many fetch sessions the broker remembers.",
    ),
    key(
        "producer.purgatory.purge.interval.requests",
        int("1000"),
        "How many finished produces may gather before they are swept out of memory.",
    ),
];
