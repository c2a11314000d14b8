//! What a broker can be told about replicas of partitions.

use crate::key::{Key, Kind, boolean, int, key, long, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "auto.leader.rebalance.enable",
        boolean("true").high(),
        "Whether leaders move back to the preferred replicas by themselves.",
    ),
    key(
        "leader.imbalance.check.interval.seconds",
        long("300").at_least(1.0).high(),
        "How often the controller looks whether leaders have strayed from the preferred replicas.",
    ),
    key(
        "num.replica.alter.log.dirs.threads",
        unset(Kind::Int).high(),
        "How many threads move partitions between folders.",
    ),
    key(
        "num.replica.fetchers",
        int("1").at_least(1.0).high().cluster_wide(),
        "How many threads fetch from each other broker.",
    ),
    key(
        "replica.fetch.backoff.ms",
        int("1000").at_least(0.0),
        "The pause of a follower after a failed fetch.",
    ),
    key(
        "replica.fetch.max.bytes",
        int("1048576").at_least(0.0),
        "The most that a follower fetches of one partition at a time.",
    ),
    key("replica.fetch.min.bytes", int("1").high(), "How much a follower's fetch waits for."),
    key(
        "replica.fetch.response.max.bytes",
        int("10485760").at_least(0.0),
        "The most that one fetch of a follower brings.",
    ),
    key(
        "replica.fetch.wait.max.ms",
        int("500").high(),
        "How long a follower's fetch waits for something to come.",
    ),
    key(
        "replica.high.watermark.checkpoint.interval.ms",
        long("5000").high().works(),
        "How often the high watermarks are written down.",
    ),
    key(
        "replica.lag.time.max.ms",
        long("30000").high(),
        "How long a follower may lag behind before it is no longer counted as in sync.",
    ),
    key(
        "replica.selector.class",
        unset(Kind::String),
        "The Java class that picks the replica a consumer reads from.",
    ),
    key(
        "replica.socket.receive.buffer.bytes",
        int("65536").high(),
        "The receive buffer of a follower's sockets.",
    ),
    key(
        "replica.socket.timeout.ms",
        int("30000").high(),
        "How long a follower waits for an answer.",
    ),
];
