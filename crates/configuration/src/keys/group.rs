//! What can be configured for groups.

use crate::key::{Key, Unit, boolean, int, key, string};

pub(super) const KEYS: &[Key] = &[
    key(
        "consumer.assignment.interval.ms",
        int("1000").at_least(0.0).after(&[("group.consumer.assignment.interval.ms", Unit::Same)]),
        "The pause between two assignments of the group.",
    ),
    key(
        "consumer.heartbeat.interval.ms",
        int("5000").at_least(1.0).after(&[("group.consumer.heartbeat.interval.ms", Unit::Same)]),
        "How often members of the consumer group report.",
    ),
    key(
        "consumer.session.timeout.ms",
        int("45000").at_least(1.0).after(&[("group.consumer.session.timeout.ms", Unit::Same)]),
        "After which silence a member of the consumer group is taken for dead.",
    ),
    key(
        "share.assignment.interval.ms",
        int("1000").at_least(0.0).after(&[("group.share.assignment.interval.ms", Unit::Same)]),
        "The pause between two assignments of the share group.",
    ),
    key(
        "share.auto.offset.reset",
        string("latest").like("[latest, earliest, by_duration:PnDTnHnMn.nS]"),
        "Where a share group begins to read a topic that it does not know.",
    ),
    key(
        "share.delivery.count.limit",
        int("5").at_least(2.0).after(&[("group.share.delivery.count.limit", Unit::Same)]),
        "How often the share group delivers a record before it gives up on it.",
    ),
    key(
        "share.heartbeat.interval.ms",
        int("5000").at_least(1.0).after(&[("group.share.heartbeat.interval.ms", Unit::Same)]),
        "How often members of the share group report.",
    ),
    key(
        "share.isolation.level",
        string("read_uncommitted").one_of(&["read_committed", "read_uncommitted"]),
        "Whether the share group sees records of transactions that are not committed.",
    ),
    key(
        "share.partition.max.record.locks",
        int("2000")
            .at_least(100.0)
            .after(&[("group.share.partition.max.record.locks", Unit::Same)]),
        "How many records of a partition may be locked by members of the share group.",
    ),
    key(
        "share.record.lock.duration.ms",
        int("30000").at_least(1000.0).after(&[("group.share.record.lock.duration.ms", Unit::Same)]),
        "How long a record is locked for the member that got it.",
    ),
    key("share.renew.acknowledge.enable", boolean("true"), "Whether a member may renew its locks."),
    key(
        "share.session.timeout.ms",
        int("45000").at_least(1.0).after(&[("group.share.session.timeout.ms", Unit::Same)]),
        "After which silence a member of the share group is taken for dead.",
    ),
    key(
        "streams.assignment.interval.ms",
        int("1000").at_least(0.0).after(&[("group.streams.assignment.interval.ms", Unit::Same)]),
        "The pause between two assignments of the streams group.",
    ),
    key(
        "streams.heartbeat.interval.ms",
        int("5000").at_least(1.0).after(&[("group.streams.heartbeat.interval.ms", Unit::Same)]),
        "How often members of the streams group report.",
    ),
    key(
        "streams.initial.rebalance.delay.ms",
        int("3000")
            .at_least(0.0)
            .after(&[("group.streams.initial.rebalance.delay.ms", Unit::Same)]),
        "How long a new streams group waits for more members before its first assignment.",
    ),
    key(
        "streams.num.standby.replicas",
        int("0").at_least(0.0).after(&[("group.streams.num.standby.replicas", Unit::Same)]),
        "How many standby copies each task of the streams group has.",
    ),
    key(
        "streams.session.timeout.ms",
        int("45000").at_least(1.0).after(&[("group.streams.session.timeout.ms", Unit::Same)]),
        "After which silence a member of the streams group is taken for dead.",
    ),
];
