//! What a broker can be told about connections and requests.

use crate::key::{Key, int, key, long, string};

pub(super) const KEYS: &[Key] = &[
    key(
        "background.threads",
        int("10").at_least(1.0).high().cluster_wide(),
        "How many threads Kafka has for small periodic chores.",
    ),
    key(
        "connection.failed.authentication.delay.ms",
        int("100").at_least(0.0).low(),
        "How long a connection that failed to authenticate is kept open before it is closed.",
    ),
    key(
        "connections.max.idle.ms",
        long("600000").works(),
        "After which time without a request a connection is closed.",
    ),
    key(
        "connections.max.reauth.ms",
        long("0"),
        "After which time a SASL client has to authenticate again; 0 is never.",
    ),
    key(
        "max.connection.creation.rate",
        int("2147483647").at_least(0.0).cluster_wide(),
        "How many new connections a second are taken.",
    ),
    key(
        "max.connections",
        int("2147483647").at_least(0.0).cluster_wide().works(),
        "How many connections there may be, over all listeners.",
    ),
    key(
        "max.connections.per.ip",
        int("2147483647").at_least(0.0).cluster_wide().works(),
        "How many connections there may be from one address.",
    ),
    key(
        "max.connections.per.ip.overrides",
        string("").cluster_wide(),
        "Other limits for single hosts, as `host:count` pairs.",
    ),
    key(
        "num.io.threads",
        int("8").at_least(1.0).high().cluster_wide().works_at_start(),
        "How many threads do what may wait for a disk.",
    ),
    key(
        "num.network.threads",
        int("3").at_least(1.0).high().cluster_wide().works_at_start(),
        "How many threads serve connections, at most one per core.",
    ),
    key(
        "queued.max.request.bytes",
        long("-1").works(),
        "What all unanswered requests may take together before sockets are no longer read; -1 is without limit in Kafka and 256 MiB here.",
    ),
    key(
        "queued.max.requests",
        int("500").at_least(1.0).high(),
        "How many requests may wait before sockets are no longer read.",
    ),
    key(
        "request.timeout.ms",
        int("30000").high().works(),
        "How long a request may wait that brings no limit of its own.",
    ),
    key(
        "socket.connection.setup.timeout.max.ms",
        long("30000"),
        "The longest time that a connection to another node may take to be made.",
    ),
    key(
        "socket.connection.setup.timeout.ms",
        long("10000"),
        "The first such time, which grows with each failure.",
    ),
    key(
        "socket.listen.backlog.size",
        int("50").at_least(1.0).works(),
        "How many connections may wait to be accepted.",
    ),
    key(
        "socket.receive.buffer.bytes",
        int("102400").high().works(),
        "The receive buffer of sockets; -1 leaves it to the system.",
    ),
    key(
        "socket.request.max.bytes",
        int("104857600").at_least(1.0).high().works(),
        "The largest request.",
    ),
    key(
        "socket.send.buffer.bytes",
        int("102400").high().works(),
        "The send buffer of sockets; -1 leaves it to the system.",
    ),
    key(
        "klamm.connection.requests.max",
        int("16").between(1.0, 1024.0).works(),
        "How many requests of one connection may wait for their answers.",
    ),
    key(
        "klamm.shutdown.grace.ms",
        int("2000").between(0.0, 600_000.0).works(),
        "How long a stop waits for requests in flight.",
    ),
];
