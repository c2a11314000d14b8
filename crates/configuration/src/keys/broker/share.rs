//! What a broker can be told about share groups.

use crate::key::{Key, int, key, list, short, string};

pub(super) const KEYS: &[Key] = &[
    key(
        "group.share.assignment.interval.ms",
        int("1000").at_least(0.0).cluster_wide(),
        "The pause between two assignments of a share group.",
    ),
    key(
        "group.share.assignors",
        list("simple").some_items(&[]),
        "The ways in which partitions can be given to members of share groups.",
    ),
    key(
        "group.share.delivery.count.limit",
        int("5").between(2.0, 10.0),
        "How often a share group delivers a record before it gives up on it.",
    ),
    key(
        "group.share.heartbeat.interval.ms",
        int("5000").at_least(1.0),
        "How often members of share groups report.",
    ),
    key(
        "group.share.initialize.retry.interval.ms",
        int("30000").at_least(1.0).low().internal(),
        "The pause before the state of a share partition is set up again after a failure.",
    ),
    key(
        "group.share.max.assignment.interval.ms",
        int("15000").at_least(0.0),
        "The longest pause between assignments that a share group may set.",
    ),
    key(
        "group.share.max.delivery.count.limit",
        int("10").between(5.0, 25.0),
        "The most deliveries of a record that a share group may set.",
    ),
    key(
        "group.share.max.heartbeat.interval.ms",
        int("15000").at_least(1.0),
        "The longest interval between reports that a share group may set.",
    ),
    key(
        "group.share.max.partition.max.record.locks",
        int("4000").between(2000.0, 10_000.0),
        "The most locked records of a partition that a share group may set.",
    ),
    key(
        "group.share.max.record.lock.duration.ms",
        int("60000").between(30_000.0, 3_600_000.0),
        "The longest lock of a record that a share group may set.",
    ),
    key(
        "group.share.max.session.timeout.ms",
        int("60000").at_least(1.0),
        "The longest silence that a share group may allow its members.",
    ),
    key(
        "group.share.max.share.sessions",
        int("2000").at_least(1.0),
        "How many sessions of share consumers a broker keeps.",
    ),
    key(
        "group.share.max.size",
        int("200").between(1.0, 1000.0),
        "How many members a share group may have.",
    ),
    key(
        "group.share.min.assignment.interval.ms",
        int("0").at_least(0.0),
        "The shortest pause between assignments that a share group may set.",
    ),
    key(
        "group.share.min.delivery.count.limit",
        int("2").between(2.0, 5.0),
        "The fewest deliveries of a record that a share group may set.",
    ),
    key(
        "group.share.min.heartbeat.interval.ms",
        int("5000").at_least(1.0),
        "The shortest interval between reports that a share group may set.",
    ),
    key(
        "group.share.min.partition.max.record.locks",
        int("100").between(100.0, 2000.0),
        "The fewest locked records of a partition that a share group may set.",
    ),
    key(
        "group.share.min.record.lock.duration.ms",
        int("15000").between(1000.0, 30_000.0),
        "The shortest lock of a record that a share group may set.",
    ),
    key(
        "group.share.min.session.timeout.ms",
        int("45000").at_least(1.0),
        "The shortest silence that a share group may allow its members.",
    ),
    key(
        "group.share.partition.max.record.locks",
        int("2000").between(100.0, 10_000.0),
        "How many records of a partition may be locked by members of a share group.",
    ),
    key(
        "group.share.persister.class.name",
        string("org.apache.kafka.server.share.persister.DefaultStatePersister").internal(),
        "The Java class that keeps the state of share groups.",
    ),
    key(
        "group.share.record.lock.duration.ms",
        int("30000").between(1000.0, 3_600_000.0),
        "How long a record is locked for the member of a share group that got it.",
    ),
    key(
        "group.share.session.timeout.ms",
        int("45000").at_least(1.0),
        "After which silence a member of a share group is taken for dead.",
    ),
    key(
        "share.coordinator.append.linger.ms",
        int("-1").at_least(-1.0),
        "How long the share coordinator gathers records before it writes them; -1 adapts to the load.",
    ),
    key(
        "share.coordinator.cached.buffer.max.bytes",
        int("1048588").at_least(524_288.0).cluster_wide(),
        "The largest buffer that the share coordinator keeps for its next write.",
    ),
    key(
        "share.coordinator.cold.partition.snapshot.interval.ms",
        int("300000").at_least(1.0).low().internal(),
        "How often the state of share partitions is written whole that nobody uses.",
    ),
    key(
        "share.coordinator.load.buffer.size",
        int("5242880").at_least(1.0).high(),
        "The size of the reads with which the state of share groups is loaded.",
    ),
    key(
        "share.coordinator.snapshot.update.records.per.snapshot",
        int("500").between(0.0, 500.0),
        "After how many changes the state of a share partition is written whole.",
    ),
    key(
        "share.coordinator.state.topic.compression.codec",
        int("0").high(),
        "The codec of the topic with the state of share groups.",
    ),
    key(
        "share.coordinator.state.topic.min.isr",
        short("2").at_least(1.0).high(),
        "How many replicas of that topic must have a record.",
    ),
    key(
        "share.coordinator.state.topic.num.partitions",
        int("50").at_least(1.0).high(),
        "How many partitions the topic with the state of share groups gets.",
    ),
    key(
        "share.coordinator.state.topic.prune.interval.ms",
        int("300000").at_least(1.0).low().internal(),
        "How often old records of that topic are deleted.",
    ),
    key(
        "share.coordinator.state.topic.replication.factor",
        short("3").at_least(1.0).high(),
        "How many replicas the topic with the state of share groups gets.",
    ),
    key(
        "share.coordinator.state.topic.segment.bytes",
        int("104857600").at_least(1.0).high(),
        "The segment size of the topic with the state of share groups.",
    ),
    key(
        "share.coordinator.threads",
        int("1").at_least(1.0),
        "How many threads the share coordinator has.",
    ),
    key(
        "share.coordinator.write.timeout.ms",
        int("5000").at_least(1.0).high(),
        "How long a write of the share coordinator may wait for its replicas.",
    ),
    key(
        "share.fetch.purgatory.purge.interval.requests",
        int("1000"),
        "How many finished share fetches may gather before they are swept out of memory.",
    ),
];
