//! What a broker can be told about where the broker listens.

use crate::key::{Key, Kind, key, list, required, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "advertised.listeners",
        unset(Kind::List).some_items(&[]).high().works(),
        "The addresses that clients are told to connect to, where they differ from `listeners`.",
    ),
    key(
        "controller.listener.names",
        required(Kind::List).some_items(&[]).high().works(),
        "The listeners that belong to the metadata quorum.",
    ),
    key(
        "early.start.listeners",
        unset(Kind::List).items(&[]).high(),
        "Listeners that open before the broker may serve, such as the controller's.",
    ),
    key(
        "inter.broker.listener.name",
        unset(Kind::String).works(),
        "The listener that brokers use among themselves.",
    ),
    key(
        "listener.security.protocol.map",
        string("SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT")
            .low()
            .per_broker()
            .works_at_start(),
        "Which security protocol each listener speaks, as `NAME:PROTOCOL` pairs.",
    ),
    key(
        "listeners",
        list("PLAINTEXT://:9092").some_items(&[]).high().per_broker().works_at_start(),
        "The addresses that the broker listens on, as `NAME://host:port`.",
    ),
    key(
        "security.inter.broker.protocol",
        string("PLAINTEXT").one_of(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
        "The security protocol between brokers, where `inter.broker.listener.name` does not say.",
    ),
    key(
        "klamm.admin.listener",
        unset(Kind::String).works(),
        "Where `/metrics`, `/livez` and `/readyz` are served, as `host:port`; nowhere without it.",
    ),
];
