//! What can be configured for a broker, by what it is about.

mod cleaner;
mod fetching;
mod groups;
mod identity;
mod listeners;
mod log;
mod metadata;
mod metrics;
mod network;
mod oauth;
mod quotas;
mod remote;
mod replication;
mod sasl;
mod security;
mod share;
mod ssl;
mod streams;
mod topics;
mod transactions;

use crate::key::Key;

pub(super) const KEYS: &[&[Key]] = &[
    cleaner::KEYS,
    fetching::KEYS,
    groups::KEYS,
    identity::KEYS,
    listeners::KEYS,
    log::KEYS,
    metadata::KEYS,
    metrics::KEYS,
    network::KEYS,
    oauth::KEYS,
    quotas::KEYS,
    remote::KEYS,
    replication::KEYS,
    sasl::KEYS,
    security::KEYS,
    share::KEYS,
    ssl::KEYS,
    streams::KEYS,
    topics::KEYS,
    transactions::KEYS,
];

/// Keys for the same thing, the strongest first.
const RETENTION: &[&str] = &["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
const ROLL: &[&str] = &["log.roll.ms", "log.roll.hours"];
const JITTER: &[&str] = &["log.roll.jitter.ms", "log.roll.jitter.hours"];
const FLUSH: &[&str] = &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"];
