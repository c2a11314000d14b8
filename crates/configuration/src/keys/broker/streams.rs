//! What a broker can be told about streams groups.

use crate::key::{Key, int, key};

pub(super) const KEYS: &[Key] = &[
    key(
        "group.streams.assignment.interval.ms",
        int("1000").at_least(0.0).cluster_wide(),
        "The pause between two assignments of a streams group.",
    ),
    key(
        "group.streams.heartbeat.interval.ms",
        int("5000").at_least(1.0),
        "How often members of streams groups report.",
    ),
    key(
        "group.streams.initial.rebalance.delay.ms",
        int("3000").at_least(0.0),
        "How long a new streams group waits for more members before its first assignment.",
    ),
    key(
        "group.streams.max.assignment.interval.ms",
        int("15000").at_least(0.0),
        "The longest pause between assignments that a streams group may set.",
    ),
    key(
        "group.streams.max.heartbeat.interval.ms",
        int("15000").at_least(1.0),
        "The longest interval between reports that a streams group may set.",
    ),
    key(
        "group.streams.max.session.timeout.ms",
        int("60000").at_least(1.0),
        "The longest silence that a streams group may allow its members.",
    ),
    key(
        "group.streams.max.size",
        int("2147483647").at_least(1.0),
        "How many members a streams group may have.",
    ),
    key(
        "group.streams.max.standby.replicas",
        int("2").at_least(0.0),
        "The most standby copies of a task that a streams group may set.",
    ),
    key(
        "group.streams.min.assignment.interval.ms",
        int("0").at_least(0.0),
        "The shortest pause between assignments that a streams group may set.",
    ),
    key(
        "group.streams.min.heartbeat.interval.ms",
        int("5000").at_least(1.0),
        "The shortest interval between reports that a streams group may set.",
    ),
    key(
        "group.streams.min.session.timeout.ms",
        int("45000").at_least(1.0),
        "The shortest silence that a streams group may allow its members.",
    ),
    key(
        "group.streams.num.standby.replicas",
        int("0").at_least(0.0),
        "How many standby copies each task of a streams group has.",
    ),
    key(
        "group.streams.session.timeout.ms",
        int("45000").at_least(1.0),
        "After which silence a member of a streams group is taken for dead.",
    ),
];
