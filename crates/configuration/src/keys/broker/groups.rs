//! What a broker can be told about groups and their offsets.

use crate::key::{Key, int, key, list, long, short, string};

pub(super) const KEYS: &[Key] = &[
    key(
        "group.consumer.assignment.interval.ms",
        int("1000").at_least(0.0).cluster_wide(),
        "The pause between two assignments of a consumer group.",
    ),
    key(
        "group.consumer.assignors",
        list("uniform,range").some_items(&[]),
        "The ways in which partitions can be given to members of consumer groups, the default first.",
    ),
    key(
        "group.consumer.heartbeat.interval.ms",
        int("5000").at_least(1.0),
        "How often members of consumer groups report.",
    ),
    key(
        "group.consumer.max.assignment.interval.ms",
        int("15000").at_least(0.0),
        "The longest pause between assignments that a consumer group may set.",
    ),
    key(
        "group.consumer.max.heartbeat.interval.ms",
        int("15000").at_least(1.0),
        "The longest interval between reports that a consumer group may set.",
    ),
    key(
        "group.consumer.max.session.timeout.ms",
        int("60000").at_least(1.0),
        "The longest silence that a consumer group may allow its members.",
    ),
    key(
        "group.consumer.max.size",
        int("2147483647").at_least(1.0),
        "How many members a consumer group may have.",
    ),
    key(
        "group.consumer.migration.policy",
        string("bidirectional").one_of_any_case(&[
            "DISABLED",
            "DOWNGRADE",
            "UPGRADE",
            "BIDIRECTIONAL",
        ]),
        "Which groups may change between the classic protocol and the newer one.",
    ),
    key(
        "group.consumer.min.assignment.interval.ms",
        int("0").at_least(0.0),
        "The shortest pause between assignments that a consumer group may set.",
    ),
    key(
        "group.consumer.min.heartbeat.interval.ms",
        int("5000").at_least(1.0),
        "The shortest interval between reports that a consumer group may set.",
    ),
    key(
        "group.consumer.min.session.timeout.ms",
        int("45000").at_least(1.0),
        "The shortest silence that a consumer group may allow its members.",
    ),
    key(
        "group.consumer.regex.refresh.interval.ms",
        int("600000").at_least(10_000.0).internal(),
        "How often subscriptions by pattern are matched against the topics again.",
    ),
    key(
        "group.consumer.session.timeout.ms",
        int("45000").at_least(1.0),
        "After which silence a member of a consumer group is taken for dead.",
    ),
    key(
        "group.coordinator.append.linger.ms",
        int("-1").at_least(-1.0),
        "How long the group coordinator gathers records before it writes them; -1 adapts to the load.",
    ),
    key(
        "group.coordinator.background.threads",
        int("2").at_least(1.0).high(),
        "How many threads compute assignments beside the group coordinator's own.",
    ),
    key(
        "group.coordinator.cached.buffer.max.bytes",
        int("1048588").at_least(524_288.0).cluster_wide(),
        "The largest buffer that the group coordinator keeps for its next write.",
    ),
    key(
        "group.coordinator.rebalance.protocols",
        list("classic,consumer,streams").some_items(&["consumer", "classic", "share", "streams"]),
        "The protocols that groups may use.",
    ),
    key(
        "group.coordinator.threads",
        int("4").at_least(1.0).high(),
        "How many threads the group coordinator has.",
    ),
    key(
        "group.initial.rebalance.delay.ms",
        int("3000").works(),
        "How long a new classic group waits for more members before its first assignment.",
    ),
    key(
        "group.max.session.timeout.ms",
        int("1800000").works(),
        "The longest silence that members of classic groups may ask for.",
    ),
    key(
        "group.max.size",
        int("2147483647").at_least(1.0).works(),
        "How many members a classic group may have.",
    ),
    key(
        "group.min.session.timeout.ms",
        int("6000").works(),
        "The shortest silence that members of classic groups may ask for.",
    ),
    key(
        "offset.metadata.max.bytes",
        int("4096").high().works(),
        "The longest text that a consumer may leave with a committed offset.",
    ),
    key(
        "offsets.commit.timeout.ms",
        int("5000").at_least(1.0).high().works(),
        "How long a commit of offsets may wait for its replicas.",
    ),
    key(
        "offsets.load.buffer.size",
        int("5242880").at_least(1.0).high().works(),
        "The size of the reads with which committed offsets are loaded.",
    ),
    key(
        "offsets.retention.check.interval.ms",
        long("600000").at_least(1.0).high().works(),
        "How often expired offsets are looked for.",
    ),
    key(
        "offsets.retention.minutes",
        int("10080").at_least(1.0).high().works(),
        "How long offsets are kept after their group has become empty.",
    ),
    key(
        "offsets.topic.compression.codec",
        int("0").high().works(),
        "The codec in which committed offsets are written: 0 is none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.",
    ),
    key(
        "offsets.topic.num.partitions",
        int("50").at_least(1.0).high().works(),
        "How many partitions the topic of committed offsets gets.",
    ),
    key(
        "offsets.topic.replication.factor",
        short("3").at_least(1.0).high().works(),
        "How many replicas the topic of committed offsets gets, but no more than there are brokers.",
    ),
    key(
        "offsets.topic.segment.bytes",
        int("104857600").at_least(1.0).high().works(),
        "The segment size of the topic of committed offsets.",
    ),
];
