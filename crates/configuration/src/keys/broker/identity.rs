//! What a broker can be told about who the broker is.

use crate::key::{Key, Kind, boolean, int, key, list, long, required, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "broker.heartbeat.interval.ms",
        int("2000"),
        "How often a broker tells the controller that it is alive.",
    ),
    key("broker.id", int("-1").high(), "The old name of `node.id`."),
    key(
        "broker.rack",
        unset(Kind::String).works(),
        "The rack or zone this broker stands in, which replicas are spread over.",
    ),
    key(
        "broker.session.timeout.ms",
        int("9000"),
        "After which silence the controller takes a broker for dead.",
    ),
    key(
        "controlled.shutdown.enable",
        boolean("true"),
        "Whether a broker hands its partitions over before it stops.",
    ),
    key(
        "cordoned.log.dirs",
        list("").items(&[]).per_broker(),
        "Folders that get no new partitions.",
    ),
    key(
        "initial.broker.registration.timeout.ms",
        int("60000"),
        "How long a starting broker tries to register before it gives up.",
    ),
    key(
        "node.id",
        required(Kind::Int).at_least(0.0).high().works(),
        "The number of this node, which no other node of the cluster has.",
    ),
    key(
        "process.roles",
        required(Kind::List).some_items(&["broker", "controller"]).high().works(),
        "What this node is: a broker, a controller, or both.",
    ),
    key(
        "server.max.startup.time.ms",
        long("9223372036854775807").at_least(0.0).internal(),
        "How long a start may take before the process gives up.",
    ),
    key(
        "klamm.cluster.id",
        unset(Kind::String).high().works(),
        "The cluster this node belongs to; a data folder of another cluster is refused.",
    ),
    key(
        "klamm.initial.controllers",
        unset(Kind::List).high().works(),
        "The voters that a new cluster begins with, as `id@host:port:directory-id`.",
    ),
];
