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

/// The keys by what they are about, what most people look for first.
pub(super) const KEYS: &[(&str, &[Key])] = &[
    ("The broker and its cluster", identity::KEYS),
    ("Listeners", listeners::KEYS),
    ("Connections and requests", network::KEYS),
    ("Logs and the defaults of topics", log::KEYS),
    ("Compaction", cleaner::KEYS),
    ("Topics", topics::KEYS),
    ("Requests that wait", fetching::KEYS),
    ("The metadata quorum", metadata::KEYS),
    ("Replication", replication::KEYS),
    ("Groups and their offsets", groups::KEYS),
    ("Transactions", transactions::KEYS),
    ("Share groups", share::KEYS),
    ("Streams groups", streams::KEYS),
    ("Tiered storage", remote::KEYS),
    ("Quotas and throttles", quotas::KEYS),
    ("Metrics", metrics::KEYS),
    ("Who may do what", security::KEYS),
    ("TLS", ssl::KEYS),
    ("SASL", sasl::KEYS),
    ("SASL with OAuth tokens", oauth::KEYS),
];

/// Keys for the same thing, the strongest first.
const RETENTION: &[&str] = &["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
const ROLL: &[&str] = &["log.roll.ms", "log.roll.hours"];
const JITTER: &[&str] = &["log.roll.jitter.ms", "log.roll.jitter.hours"];
const FLUSH: &[&str] = &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"];
