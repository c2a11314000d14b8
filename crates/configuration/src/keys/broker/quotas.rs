//! What a broker can be told about quotas and throttles.

use crate::key::{Key, Kind, int, key, long, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "alter.log.dirs.replication.quota.window.num",
        int("11").at_least(1.0).low(),
        "How many windows the rate of moves between folders is measured over.",
    ),
    key(
        "alter.log.dirs.replication.quota.window.size.seconds",
        int("1").at_least(1.0).low(),
        "How long one such window is.",
    ),
    key(
        "client.quota.callback.class",
        unset(Kind::Class).low(),
        "The Java class that decides which quota applies to a client.",
    ),
    key(
        "controller.quota.window.num",
        int("11").at_least(1.0).low(),
        "How many windows the rate of changes to topics is measured over.",
    ),
    key(
        "controller.quota.window.size.seconds",
        int("1").at_least(1.0).low(),
        "How long one such window is.",
    ),
    key(
        "follower.replication.throttled.rate",
        long("9223372036854775807").at_least(0.0).dynamic_only(),
        "How many bytes a second a follower fetches of throttled replicas.",
    ),
    key(
        "leader.replication.throttled.rate",
        long("9223372036854775807").at_least(0.0).dynamic_only(),
        "How many bytes a second a leader sends of throttled replicas.",
    ),
    key(
        "quota.window.num",
        int("11").at_least(1.0).low(),
        "How many windows the rates of clients are measured over.",
    ),
    key("quota.window.size.seconds", int("1").at_least(1.0).low(), "How long one such window is."),
    key(
        "replica.alter.log.dirs.io.max.bytes.per.second",
        long("9223372036854775807").at_least(0.0).dynamic_only(),
        "How many bytes a second are moved between folders.",
    ),
    key(
        "replication.quota.window.num",
        int("11").at_least(1.0).low(),
        "How many windows the rate of replication is measured over.",
    ),
    key(
        "replication.quota.window.size.seconds",
        int("1").at_least(1.0).low(),
        "How long one such window is.",
    ),
];
