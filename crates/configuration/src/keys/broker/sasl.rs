//! What a broker can be told about SASL.

use crate::key::{Key, Kind, double, int, key, list, long, short, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "sasl.client.callback.handler.class",
        unset(Kind::Class),
        "The Java class that answers SASL's questions when the broker is the client.",
    ),
    key(
        "sasl.enabled.mechanisms",
        list("GSSAPI").items(&[]).per_broker(),
        "The SASL mechanisms that clients may use.",
    ),
    key(
        "sasl.jaas.config",
        unset(Kind::Password).per_broker(),
        "The login of a SASL mechanism, in the format of Java's own.",
    ),
    key(
        "sasl.kerberos.kinit.cmd",
        string("/usr/bin/kinit").per_broker(),
        "The program that renews Kerberos tickets.",
    ),
    key(
        "sasl.kerberos.min.time.before.relogin",
        long("60000").per_broker(),
        "The pause between two renewals of a Kerberos ticket.",
    ),
    key(
        "sasl.kerberos.principal.to.local.rules",
        list("DEFAULT").items(&[]).per_broker(),
        "How Kerberos names become short names.",
    ),
    key(
        "sasl.kerberos.service.name",
        unset(Kind::String).per_broker(),
        "The Kerberos name that Kafka runs under.",
    ),
    key(
        "sasl.kerberos.ticket.renew.jitter",
        double("0.05").per_broker(),
        "By how much the renewal of a Kerberos ticket is spread out at random.",
    ),
    key(
        "sasl.kerberos.ticket.renew.window.factor",
        double("0.8").per_broker(),
        "After which share of its lifetime a Kerberos ticket is renewed.",
    ),
    key(
        "sasl.login.callback.handler.class",
        unset(Kind::Class),
        "The Java class that answers the questions of a SASL login.",
    ),
    key("sasl.login.class", unset(Kind::Class), "The Java class that logs in to SASL."),
    key(
        "sasl.login.connect.timeout.ms",
        unset(Kind::Int).low(),
        "How long a connection to an OAuth provider may take.",
    ),
    key(
        "sasl.login.read.timeout.ms",
        unset(Kind::Int).low(),
        "How long an answer of an OAuth provider may take.",
    ),
    key(
        "sasl.login.refresh.buffer.seconds",
        short("300").per_broker(),
        "How long before its end at the latest a login is renewed.",
    ),
    key(
        "sasl.login.refresh.min.period.seconds",
        short("60").per_broker(),
        "The shortest time between two renewals of a login.",
    ),
    key(
        "sasl.login.refresh.window.factor",
        double("0.8").per_broker(),
        "After which share of its lifetime a login is renewed.",
    ),
    key(
        "sasl.login.refresh.window.jitter",
        double("0.05").per_broker(),
        "By how much the renewal of a login is spread out at random.",
    ),
    key(
        "sasl.login.retry.backoff.max.ms",
        long("10000").low(),
        "The longest pause before a failed login is tried again.",
    ),
    key(
        "sasl.login.retry.backoff.ms",
        long("100").low(),
        "The first pause before a failed login is tried again.",
    ),
    key(
        "sasl.mechanism.controller.protocol",
        string("GSSAPI").high(),
        "The SASL mechanism towards controllers.",
    ),
    key(
        "sasl.mechanism.inter.broker.protocol",
        string("GSSAPI").per_broker(),
        "The SASL mechanism between brokers.",
    ),
    key(
        "sasl.server.callback.handler.class",
        unset(Kind::Class),
        "The Java class that answers SASL's questions when the broker is the server.",
    ),
    key(
        "sasl.server.max.receive.size",
        int("524288"),
        "The largest message while a client authenticates.",
    ),
];
