//! What a broker can be told about compaction.

use crate::key::{Key, boolean, double, int, key, long};

pub(super) const KEYS: &[Key] = &[
    key(
        "log.cleaner.backoff.ms",
        long("15000").at_least(0.0).cluster_wide().works(),
        "How long the cleaner sleeps when no log is worth compacting.",
    ),
    key(
        "log.cleaner.dedupe.buffer.size",
        long("134217728").cluster_wide().works(),
        "The memory in which all cleaner threads together remember keys.",
    ),
    key(
        "log.cleaner.delete.retention.ms",
        long("86400000").at_least(0.0).cluster_wide().works(),
        "The default of the topic key `delete.retention.ms`.",
    ),
    key(
        "log.cleaner.enable",
        boolean("true").works_at_start(),
        "Whether logs are compacted at all.",
    ),
    key(
        "log.cleaner.io.buffer.load.factor",
        double("0.9").cluster_wide().works(),
        "How full the cleaner's memory of keys may become.",
    ),
    key(
        "log.cleaner.io.buffer.size",
        int("524288").at_least(0.0).cluster_wide().works(),
        "The memory that all cleaner threads together read and write through.",
    ),
    key(
        "log.cleaner.io.max.bytes.per.second",
        double("1.7976931348623157E308").cluster_wide().works(),
        "How fast the cleaner may read and write together.",
    ),
    key(
        "log.cleaner.max.compaction.lag.ms",
        long("9223372036854775807").at_least(1.0).cluster_wide().works(),
        "The default of the topic key `max.compaction.lag.ms`.",
    ),
    key(
        "log.cleaner.min.cleanable.ratio",
        double("0.5").between(0.0, 1.0).cluster_wide().works(),
        "The default of the topic key `min.cleanable.dirty.ratio`.",
    ),
    key(
        "log.cleaner.min.compaction.lag.ms",
        long("0").at_least(0.0).cluster_wide().works(),
        "The default of the topic key `min.compaction.lag.ms`.",
    ),
    key(
        "log.cleaner.threads",
        int("1").at_least(0.0).cluster_wide().works_at_start(),
        "How many logs are compacted at the same time.",
    ),
];
