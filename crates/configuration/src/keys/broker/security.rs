//! What a broker can be told about who may do what.

use crate::key::{Key, Kind, class, key, list, long, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "authorizer.class.name",
        string("").present().low(),
        "The Java class that decides who may do what.",
    ),
    key(
        "config.providers",
        list("").items(&[]).low().cluster_wide(),
        "Java classes that values such as secrets are looked up with.",
    ),
    key(
        "delegation.token.expiry.check.interval.ms",
        long("3600000").at_least(1.0).low(),
        "How often expired delegation tokens are looked for.",
    ),
    key(
        "delegation.token.expiry.time.ms",
        long("86400000").at_least(1.0),
        "How long a delegation token is valid without being renewed.",
    ),
    key(
        "delegation.token.max.lifetime.ms",
        long("604800000").at_least(1.0),
        "How long a delegation token is valid however often it is renewed.",
    ),
    key(
        "delegation.token.secret.key",
        unset(Kind::Password),
        "The secret that delegation tokens are signed with.",
    ),
    key(
        "principal.builder.class",
        class("org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder")
            .per_broker(),
        "The Java class that says who a connection belongs to.",
    ),
    key(
        "security.providers",
        unset(Kind::String).low(),
        "Java classes that bring further cryptography.",
    ),
];
