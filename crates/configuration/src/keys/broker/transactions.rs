//! What a broker can be told about transactions.

use crate::key::{Key, boolean, int, key, short};

pub(super) const KEYS: &[Key] = &[
    key(
        "add.partitions.to.txn.retry.backoff.max.ms",
        int("100").at_least(0.0).high(),
        "The longest pause before a broker asks again whether a partition belongs to a transaction.",
    ),
    key(
        "add.partitions.to.txn.retry.backoff.ms",
        int("20").at_least(1.0).high(),
        "The first pause before a broker asks again whether a partition belongs to a transaction.",
    ),
    key(
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        int("10000").at_least(1.0).low(),
        "How often transactions are looked for that took too long.",
    ),
    key(
        "transaction.max.timeout.ms",
        int("900000").at_least(1.0).high(),
        "The longest time that a transaction may ask for.",
    ),
    key(
        "transaction.partition.verification.enable",
        boolean("true").low().cluster_wide(),
        "Whether a partition asks the coordinator before it takes part in a transaction.",
    ),
    key(
        "transaction.remove.expired.transaction.cleanup.interval.ms",
        int("3600000").at_least(1.0).low(),
        "How often unused transactional ids are looked for.",
    ),
    key(
        "transaction.state.log.load.buffer.size",
        int("5242880").at_least(1.0).high(),
        "The size of the reads with which transactions are loaded.",
    ),
    key(
        "transaction.state.log.min.isr",
        int("2").at_least(1.0).high(),
        "How many replicas of the topic of transactions must have a record.",
    ),
    key(
        "transaction.state.log.num.partitions",
        int("50").at_least(1.0).high(),
        "How many partitions the topic of transactions gets.",
    ),
    key(
        "transaction.state.log.replication.factor",
        short("3").at_least(1.0).high(),
        "How many replicas the topic of transactions gets.",
    ),
    key(
        "transaction.state.log.segment.bytes",
        int("104857600").at_least(1.0).high(),
        "The segment size of the topic of transactions.",
    ),
    key(
        "transaction.two.phase.commit.enable",
        boolean("false").low(),
        "Whether transactions may be prepared and decided by somebody else.",
    ),
    key(
        "transactional.id.expiration.ms",
        int("604800000").at_least(1.0).high(),
        "After which time an unused transactional id is forgotten.",
    ),
];
