//! What a broker can be told about topics.

use crate::key::{Key, Kind, boolean, int, key, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "alter.config.policy.class.name",
        unset(Kind::Class).low(),
        "The Java class that may veto changes of configuration.",
    ),
    key(
        "auto.create.topics.enable",
        boolean("true").high().works(),
        "Whether asking for the metadata of an unknown topic creates it.",
    ),
    key(
        "create.topic.policy.class.name",
        unset(Kind::Class).low(),
        "The Java class that may veto the creation of topics.",
    ),
    key(
        "default.replication.factor",
        int("1").works(),
        "How many replicas a topic gets whose creator does not say.",
    ),
    key("delete.topic.enable", boolean("true").high().works(), "Whether topics can be deleted."),
    key(
        "max.request.partition.size.limit",
        int("2000").at_least(1.0).works(),
        "The most partitions that one description of topics lists.",
    ),
    key(
        "num.partitions",
        int("1").at_least(1.0).works(),
        "How many partitions a topic gets whose creator does not say.",
    ),
];
