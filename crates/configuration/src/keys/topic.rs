//! What can be configured for topics.

use crate::key::{Key, Kind, Unit, boolean, double, int, key, list, long, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "cleanup.policy",
        list("delete")
            .items(&["compact", "delete"])
            .after(&[("log.cleanup.policy", Unit::Same)])
            .works(),
        "What happens to old records: `delete` drops old segments, `compact` keeps the newest record of each key, both do both, and an empty list keeps everything.",
    ),
    key(
        "compression.gzip.level",
        int("-1").level(1, 9, -1).after(&[("compression.gzip.level", Unit::Same)]).works(),
        "How hard gzip works when the broker compresses for this topic; -1 leaves it to the library.",
    ),
    key(
        "compression.lz4.level",
        int("9").between(1.0, 17.0).after(&[("compression.lz4.level", Unit::Same)]),
        "How hard lz4 works when the broker compresses for this topic; the library here knows one level.",
    ),
    key(
        "compression.type",
        string("producer")
            .one_of(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
            .after(&[("compression.type", Unit::Same)])
            .works(),
        "The codec that batches are stored with; `producer` keeps what the producer chose.",
    ),
    key(
        "compression.zstd.level",
        int("3").between(-131_072.0, 22.0).after(&[("compression.zstd.level", Unit::Same)]).works(),
        "How hard zstd works when the broker compresses for this topic.",
    ),
    key(
        "delete.retention.ms",
        long("86400000")
            .at_least(0.0)
            .after(&[("log.cleaner.delete.retention.ms", Unit::Same)])
            .works(),
        "How long a compacted topic keeps the markers of deleted keys, so that readers can see the deletion.",
    ),
    key(
        "file.delete.delay.ms",
        long("60000").at_least(0.0).after(&[("log.segment.delete.delay.ms", Unit::Same)]).works(),
        "How long files stay on disk after they have been taken out of use, for readers that still hold them.",
    ),
    key(
        "flush.messages",
        long("9223372036854775807")
            .at_least(1.0)
            .after(&[("log.flush.interval.messages", Unit::Same)])
            .works(),
        "After how many records the log is flushed to disk; 1 flushes before anything is acknowledged.",
    ),
    key(
        "flush.ms",
        long("9223372036854775807")
            .at_least(0.0)
            .after(&[
                ("log.flush.interval.ms", Unit::Same),
                ("log.flush.scheduler.interval.ms", Unit::Same),
            ])
            .works(),
        "The longest time that records stay in memory only before the log is flushed.",
    ),
    key(
        "follower.replication.throttled.replicas",
        list("").like("[partitionId]:[brokerId],[partitionId]:[brokerId],..."),
        "The replicas whose copying is slowed down at the follower, as `partition:broker` pairs or `*`.",
    ),
    key(
        "index.interval.bytes",
        int("4096").at_least(0.0).after(&[("log.index.interval.bytes", Unit::Same)]).works(),
        "How many bytes of records lie between two entries of the offset index.",
    ),
    key(
        "internal.segment.bytes",
        unset(Kind::Int).internal(),
        "A segment size below the usual least one, for Kafka's own tests.",
    ),
    key(
        "leader.replication.throttled.replicas",
        list("").like("[partitionId]:[brokerId],[partitionId]:[brokerId],..."),
        "The replicas whose copying is slowed down at the leader, as `partition:broker` pairs or `*`.",
    ),
    key(
        "local.retention.bytes",
        long("-2").at_least(-2.0).after(&[("log.local.retention.bytes", Unit::Same)]),
        "How much of a tiered partition stays on local disks; -2 takes `retention.bytes`.",
    ),
    key(
        "local.retention.ms",
        long("-2").at_least(-2.0).after(&[("log.local.retention.ms", Unit::Same)]),
        "How long records of a tiered partition stay on local disks; -2 takes `retention.ms`.",
    ),
    key(
        "max.compaction.lag.ms",
        long("9223372036854775807")
            .at_least(1.0)
            .after(&[("log.cleaner.max.compaction.lag.ms", Unit::Same)])
            .works(),
        "The longest time that a record may wait to be looked at by compaction.",
    ),
    key(
        "max.message.bytes",
        int("1048588").at_least(0.0).after(&[("message.max.bytes", Unit::Same)]).works(),
        "The largest batch that is accepted, as it comes over the wire.",
    ),
    key(
        "message.timestamp.after.max.ms",
        long("3600000")
            .at_least(0.0)
            .after(&[("log.message.timestamp.after.max.ms", Unit::Same)])
            .works(),
        "How far a record's timestamp may lie in the future of the broker's clock.",
    ),
    key(
        "message.timestamp.before.max.ms",
        long("9223372036854775807")
            .at_least(0.0)
            .after(&[("log.message.timestamp.before.max.ms", Unit::Same)])
            .works(),
        "How far a record's timestamp may lie in the past of the broker's clock.",
    ),
    key(
        "message.timestamp.type",
        string("CreateTime")
            .one_of(&["CreateTime", "LogAppendTime"])
            .after(&[("log.message.timestamp.type", Unit::Same)])
            .works(),
        "Whether records carry the time at which they were made or at which they were appended.",
    ),
    key(
        "min.cleanable.dirty.ratio",
        double("0.5")
            .between(0.0, 1.0)
            .after(&[("log.cleaner.min.cleanable.ratio", Unit::Same)])
            .works(),
        "The share of a log that must be uncompacted before it is worth compacting.",
    ),
    key(
        "min.compaction.lag.ms",
        long("0").at_least(0.0).after(&[("log.cleaner.min.compaction.lag.ms", Unit::Same)]).works(),
        "How long a record is safe from compaction.",
    ),
    key(
        "min.insync.replicas",
        int("1").at_least(1.0).after(&[("min.insync.replicas", Unit::Same)]).works(),
        "How many replicas must have a record before `acks=all` is answered, never more than there are replicas.",
    ),
    key(
        "preallocate",
        boolean("false").after(&[("log.preallocate", Unit::Same)]),
        "Whether a new segment's file gets its full size at once.",
    ),
    key(
        "remote.log.copy.disable",
        boolean("false"),
        "Whether a tiered topic stops copying to remote storage and only reads there.",
    ),
    key(
        "remote.log.delete.on.disable",
        boolean("false"),
        "Whether turning tiering off deletes what lies in remote storage.",
    ),
    key(
        "remote.storage.enable",
        boolean("false"),
        "Whether the topic's old segments move to remote storage.",
    ),
    key(
        "retention.bytes",
        long("-1").after(&[("log.retention.bytes", Unit::Same)]).works(),
        "How large a partition may grow before its oldest segments go; -1 is without limit.",
    ),
    key(
        "retention.ms",
        long("604800000")
            .at_least(-1.0)
            .after(&[
                ("log.retention.ms", Unit::Same),
                ("log.retention.minutes", Unit::Minutes),
                ("log.retention.hours", Unit::Hours),
            ])
            .works(),
        "How long records are kept at least before their segment may go; -1 is for ever.",
    ),
    key(
        "segment.bytes",
        int("1073741824").at_least(1_048_576.0).after(&[("log.segment.bytes", Unit::Same)]).works(),
        "At which size a segment is closed and the next one begun.",
    ),
    key(
        "segment.index.bytes",
        int("10485760").at_least(4.0).after(&[("log.index.size.max.bytes", Unit::Same)]).works(),
        "The largest size of an index file; a full one closes the segment.",
    ),
    key(
        "segment.jitter.ms",
        long("0")
            .at_least(0.0)
            .after(&[("log.roll.jitter.ms", Unit::Same), ("log.roll.jitter.hours", Unit::Hours)])
            .works(),
        "By how much at most the closing of segments by age is spread out at random.",
    ),
    key(
        "segment.ms",
        long("604800000")
            .at_least(1.0)
            .after(&[("log.roll.ms", Unit::Same), ("log.roll.hours", Unit::Hours)])
            .works(),
        "At which age a segment is closed even when it is not full, so that retention can take it.",
    ),
    key(
        "unclean.leader.election.enable",
        boolean("false").after(&[("unclean.leader.election.enable", Unit::Same)]),
        "Whether a replica that has not kept up may lead when no other is left, at the price of records.",
    ),
];
