//! What a broker can be told about the logs and their topics' defaults.

use super::{FLUSH, JITTER, RETENTION, ROLL};
use crate::key::{Key, Kind, boolean, int, key, list, long, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "compression.gzip.level",
        int("-1").level(1, 9, -1).cluster_wide().works(),
        "The default of the topic key `compression.gzip.level`.",
    ),
    key(
        "compression.lz4.level",
        int("9").between(1.0, 17.0).cluster_wide(),
        "The default of the topic key `compression.lz4.level`.",
    ),
    key(
        "compression.type",
        string("producer")
            .one_of(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
            .high()
            .cluster_wide()
            .works(),
        "The default of the topic key `compression.type`.",
    ),
    key(
        "compression.zstd.level",
        int("3").between(-131_072.0, 22.0).cluster_wide().works(),
        "The default of the topic key `compression.zstd.level`.",
    ),
    key(
        "log.cleanup.policy",
        list("delete").items(&["compact", "delete"]).cluster_wide().works(),
        "The default of the topic key `cleanup.policy`.",
    ),
    key(
        "log.dir",
        list("/tmp/kafka-logs").some_items(&[]).high().works(),
        "The folder that holds the logs, where `log.dirs` is not set.",
    ),
    key(
        "log.dir.failure.timeout.ms",
        long("30000").at_least(1.0).low(),
        "How long a broker with a broken folder tries to tell the controller before it stops.",
    ),
    key(
        "log.dirs",
        unset(Kind::List).some_items(&[]).high().works(),
        "The folder that holds the logs; Klamm has one so far.",
    ),
    key(
        "log.flush.interval.messages",
        long("9223372036854775807").at_least(1.0).high().cluster_wide().works(),
        "The default of the topic key `flush.messages`.",
    ),
    key(
        "log.flush.interval.ms",
        unset(Kind::Long).among(FLUSH).high().cluster_wide().works(),
        "The default of the topic key `flush.ms`; without it `log.flush.scheduler.interval.ms` is taken.",
    ),
    key(
        "log.flush.offset.checkpoint.interval.ms",
        int("60000").at_least(0.0).high().works(),
        "How often it is written down from where on logs would have to be recovered.",
    ),
    key(
        "log.flush.scheduler.interval.ms",
        long("9223372036854775807").high().works(),
        "How often Kafka looks for logs to flush; without `log.flush.interval.ms` also that key's default.",
    ),
    key(
        "log.flush.start.offset.checkpoint.interval.ms",
        int("60000").at_least(0.0).high().works(),
        "How often it is written down where logs begin.",
    ),
    key(
        "log.index.interval.bytes",
        int("4096").at_least(0.0).cluster_wide().works(),
        "The default of the topic key `index.interval.bytes`.",
    ),
    key(
        "log.index.size.max.bytes",
        int("10485760").at_least(4.0).cluster_wide().works(),
        "The default of the topic key `segment.index.bytes`.",
    ),
    key(
        "log.initial.task.delay.ms",
        long("30000").at_least(0.0).low().internal(),
        "How long after the start the first round of retention and the like is due.",
    ),
    key(
        "log.local.retention.bytes",
        long("-2").at_least(-2.0).cluster_wide(),
        "The default of the topic key `local.retention.bytes`.",
    ),
    key(
        "log.local.retention.ms",
        long("-2").at_least(-2.0).cluster_wide(),
        "The default of the topic key `local.retention.ms`.",
    ),
    key(
        "log.message.timestamp.after.max.ms",
        long("3600000").at_least(0.0).cluster_wide().works(),
        "The default of the topic key `message.timestamp.after.max.ms`.",
    ),
    key(
        "log.message.timestamp.before.max.ms",
        long("9223372036854775807").at_least(0.0).cluster_wide().works(),
        "The default of the topic key `message.timestamp.before.max.ms`.",
    ),
    key(
        "log.message.timestamp.type",
        string("CreateTime").one_of(&["CreateTime", "LogAppendTime"]).cluster_wide().works(),
        "The default of the topic key `message.timestamp.type`.",
    ),
    key(
        "log.preallocate",
        boolean("false").cluster_wide(),
        "The default of the topic key `preallocate`.",
    ),
    key(
        "log.retention.bytes",
        long("-1").high().cluster_wide().works(),
        "The default of the topic key `retention.bytes`.",
    ),
    key(
        "log.retention.check.interval.ms",
        long("300000").at_least(1.0).works(),
        "How often old segments are looked for.",
    ),
    key(
        "log.retention.hours",
        int("168").among(RETENTION).high().works(),
        "The default of the topic key `retention.ms`, in hours; minutes and milliseconds win over it.",
    ),
    key(
        "log.retention.minutes",
        unset(Kind::Int).among(RETENTION).high().works(),
        "The default of the topic key `retention.ms`, in minutes; milliseconds win over it.",
    ),
    key(
        "log.retention.ms",
        unset(Kind::Long).among(RETENTION).high().cluster_wide().works(),
        "The default of the topic key `retention.ms`.",
    ),
    key(
        "log.roll.hours",
        int("168").at_least(1.0).among(ROLL).high().works(),
        "The default of the topic key `segment.ms`, in hours; milliseconds win over it.",
    ),
    key(
        "log.roll.jitter.hours",
        int("0").at_least(0.0).among(JITTER).high().works(),
        "The default of the topic key `segment.jitter.ms`, in hours; milliseconds win over it.",
    ),
    key(
        "log.roll.jitter.ms",
        unset(Kind::Long).among(JITTER).high().cluster_wide().works(),
        "The default of the topic key `segment.jitter.ms`.",
    ),
    key(
        "log.roll.ms",
        unset(Kind::Long).among(ROLL).high().cluster_wide().works(),
        "The default of the topic key `segment.ms`.",
    ),
    key(
        "log.segment.bytes",
        int("1073741824").at_least(1_048_576.0).high().cluster_wide().works(),
        "The default of the topic key `segment.bytes`.",
    ),
    key(
        "log.segment.delete.delay.ms",
        long("60000").at_least(0.0).high().cluster_wide().works(),
        "The default of the topic key `file.delete.delay.ms`.",
    ),
    key(
        "message.max.bytes",
        int("1048588").at_least(0.0).high().cluster_wide().works(),
        "The default of the topic key `max.message.bytes`.",
    ),
    key(
        "min.insync.replicas",
        int("1").at_least(1.0).high().cluster_wide().works(),
        "The default of the topic key `min.insync.replicas`.",
    ),
    key(
        "num.recovery.threads.per.data.dir",
        int("2").at_least(1.0).high().cluster_wide().works_at_start(),
        "How many threads read logs again after a crash.",
    ),
    key(
        "producer.id.expiration.check.interval.ms",
        int("600000").at_least(1.0).low().internal().works(),
        "How often idle producers are looked for.",
    ),
    key(
        "producer.id.expiration.ms",
        int("86400000").at_least(1.0).low().cluster_wide().works(),
        "After which time without a batch a producer's sequence is forgotten.",
    ),
    key(
        "unclean.leader.election.enable",
        boolean("false").high().cluster_wide(),
        "The default of the topic key `unclean.leader.election.enable`.",
    ),
    key(
        "unclean.leader.election.interval.ms",
        long("300000").at_least(1.0).internal(),
        "How often the controller looks for partitions that need an unclean election.",
    ),
    key(
        "klamm.log.open.files.max",
        int("4096").at_least(16.0).works(),
        "How many files of logs are held open at a time.",
    ),
];
