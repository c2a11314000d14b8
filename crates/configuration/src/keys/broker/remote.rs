//! What a broker can be told about tiered storage.

use crate::key::{Key, Kind, boolean, double, int, key, long, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "follower.fetch.last.tiered.offset.enable",
        boolean("false").cluster_wide(),
        "Whether a new follower begins after what lies in remote storage.",
    ),
    key(
        "remote.fetch.max.wait.ms",
        int("500").at_least(1.0).cluster_wide(),
        "How long a fetch may wait for remote storage.",
    ),
    key(
        "remote.list.offsets.request.timeout.ms",
        long("30000").at_least(1.0).cluster_wide(),
        "How long a look-up of offsets in remote storage may take.",
    ),
    key(
        "remote.log.index.file.cache.total.size.bytes",
        long("1073741824").at_least(1.0).low().cluster_wide(),
        "The space for indexes that were fetched from remote storage.",
    ),
    key(
        "remote.log.index.file.cache.ttl.ms",
        long("900000").at_least(-1.0).low().internal(),
        "How long an index from remote storage is kept without being used.",
    ),
    key(
        "remote.log.manager.copier.thread.pool.size",
        int("10").at_least(1.0).cluster_wide(),
        "How many threads copy segments to remote storage.",
    ),
    key(
        "remote.log.manager.copy.max.bytes.per.second",
        long("9223372036854775807").at_least(1.0).cluster_wide(),
        "How fast segments are copied to remote storage.",
    ),
    key(
        "remote.log.manager.copy.quota.window.num",
        int("11").at_least(1.0),
        "How many windows that rate is measured over.",
    ),
    key(
        "remote.log.manager.copy.quota.window.size.seconds",
        int("1").at_least(1.0),
        "How long one such window is.",
    ),
    key(
        "remote.log.manager.expiration.thread.pool.size",
        int("10").at_least(1.0).cluster_wide(),
        "How many threads delete old segments in remote storage.",
    ),
    key(
        "remote.log.manager.fetch.max.bytes.per.second",
        long("9223372036854775807").at_least(1.0).cluster_wide(),
        "How fast segments are read from remote storage.",
    ),
    key(
        "remote.log.manager.fetch.quota.window.num",
        int("11").at_least(1.0),
        "How many windows that rate is measured over.",
    ),
    key(
        "remote.log.manager.fetch.quota.window.size.seconds",
        int("1").at_least(1.0),
        "How long one such window is.",
    ),
    key(
        "remote.log.manager.follower.thread.pool.size",
        int("2").at_least(1.0).cluster_wide(),
        "How many threads follow what leaders have copied to remote storage.",
    ),
    key(
        "remote.log.manager.task.interval.ms",
        long("30000").at_least(1.0).low(),
        "How often segments are looked for that can be copied or deleted.",
    ),
    key(
        "remote.log.manager.task.retry.backoff.max.ms",
        long("30000").at_least(1.0).low().internal(),
        "The longest pause before a failed task of remote storage is tried again.",
    ),
    key(
        "remote.log.manager.task.retry.backoff.ms",
        long("500").at_least(1.0).low().internal(),
        "The first pause before a failed task of remote storage is tried again.",
    ),
    key(
        "remote.log.manager.task.retry.jitter",
        double("0.2").between(0.0, 0.5).low().internal(),
        "By how much these pauses are spread out at random.",
    ),
    key(
        "remote.log.manager.thread.pool.size",
        int("2").at_least(1.0),
        "How many threads do the other work of remote storage.",
    ),
    key(
        "remote.log.metadata.custom.metadata.max.bytes",
        int("128").at_least(0.0).low(),
        "How much a plugin for remote storage may note about a segment.",
    ),
    key(
        "remote.log.metadata.manager.class.name",
        string("org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager").non_empty(),
        "The Java class that knows which segments lie in remote storage.",
    ),
    key(
        "remote.log.metadata.manager.class.path",
        unset(Kind::String),
        "Where that class and what it needs are found.",
    ),
    key(
        "remote.log.metadata.manager.impl.prefix",
        string("rlmm.config.").non_empty(),
        "The prefix of the keys that are handed to that class.",
    ),
    key(
        "remote.log.metadata.manager.listener.name",
        unset(Kind::String).non_empty(),
        "The listener through which that class reaches the cluster.",
    ),
    key(
        "remote.log.reader.max.pending.tasks",
        int("100").at_least(1.0),
        "How many reads of remote storage may wait.",
    ),
    key(
        "remote.log.reader.threads",
        int("10").at_least(1.0).cluster_wide(),
        "How many threads read remote storage.",
    ),
    key(
        "remote.log.storage.manager.class.name",
        unset(Kind::String).non_empty(),
        "The Java class that copies segments to remote storage and reads them there.",
    ),
    key(
        "remote.log.storage.manager.class.path",
        unset(Kind::String),
        "Where that class and what it needs are found.",
    ),
    key(
        "remote.log.storage.manager.impl.prefix",
        string("rsm.config.").non_empty(),
        "The prefix of the keys that are handed to that class.",
    ),
    key(
        "remote.log.storage.system.enable",
        boolean("false"),
        "Whether topics may be tiered at all.",
    ),
];
