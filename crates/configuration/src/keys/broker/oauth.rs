//! What a broker can be told about SASL with OAuth tokens.

use crate::key::{Key, Kind, boolean, class, int, key, list, long, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "sasl.oauthbearer.assertion.algorithm",
        string("RS256").one_of_any_case(&["ES256", "RS256"]),
        "The algorithm that an assertion for an OAuth provider is signed with.",
    ),
    key(
        "sasl.oauthbearer.assertion.claim.aud",
        unset(Kind::String),
        "The audience that an assertion names.",
    ),
    key(
        "sasl.oauthbearer.assertion.claim.exp.seconds",
        int("300").between(0.0, 86_400.0).low(),
        "How long an assertion is valid.",
    ),
    key(
        "sasl.oauthbearer.assertion.claim.iss",
        unset(Kind::String),
        "The issuer that an assertion names.",
    ),
    key(
        "sasl.oauthbearer.assertion.claim.jti.include",
        boolean("false"),
        "Whether an assertion carries an id of its own.",
    ),
    key(
        "sasl.oauthbearer.assertion.claim.nbf.seconds",
        int("60").between(0.0, 3600.0).low(),
        "How long before now an assertion begins to be valid.",
    ),
    key(
        "sasl.oauthbearer.assertion.claim.sub",
        unset(Kind::String),
        "The subject that an assertion names.",
    ),
    key(
        "sasl.oauthbearer.assertion.file",
        unset(Kind::String),
        "A file that holds a finished assertion.",
    ),
    key(
        "sasl.oauthbearer.assertion.private.key.file",
        unset(Kind::String),
        "The file of the key that assertions are signed with.",
    ),
    key(
        "sasl.oauthbearer.assertion.private.key.passphrase",
        unset(Kind::Password),
        "The passphrase of that key.",
    ),
    key(
        "sasl.oauthbearer.assertion.template.file",
        unset(Kind::String),
        "A file with further content for assertions.",
    ),
    key(
        "sasl.oauthbearer.client.credentials.client.id",
        unset(Kind::String),
        "The client's name at the OAuth provider.",
    ),
    key(
        "sasl.oauthbearer.client.credentials.client.secret",
        unset(Kind::Password),
        "The client's secret at the OAuth provider.",
    ),
    key(
        "sasl.oauthbearer.clock.skew.seconds",
        int("30").low(),
        "By how much the clocks of broker and OAuth provider may differ.",
    ),
    key(
        "sasl.oauthbearer.expected.audience",
        list("").items(&[]).high(),
        "The audiences that a token may be meant for.",
    ),
    key(
        "sasl.oauthbearer.expected.issuer",
        unset(Kind::String).high(),
        "The issuer that a token must come from.",
    ),
    key(
        "sasl.oauthbearer.jwks.endpoint.refresh.ms",
        long("3600000").low(),
        "How often the provider's keys are fetched again.",
    ),
    key(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        long("10000").low(),
        "The longest pause before a failed fetch of the provider's keys is tried again.",
    ),
    key(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        long("100").low(),
        "The first pause before a failed fetch of the provider's keys is tried again.",
    ),
    key(
        "sasl.oauthbearer.jwks.endpoint.url",
        unset(Kind::String),
        "Where the provider's keys are found.",
    ),
    key(
        "sasl.oauthbearer.jwt.retriever.class",
        class("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"),
        "The Java class that fetches tokens.",
    ),
    key(
        "sasl.oauthbearer.jwt.validator.class",
        class("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"),
        "The Java class that checks tokens.",
    ),
    key("sasl.oauthbearer.scope", unset(Kind::String), "The scope that a token is asked for."),
    key(
        "sasl.oauthbearer.scope.claim.name",
        string("scope").low(),
        "The claim of a token that holds its scope.",
    ),
    key(
        "sasl.oauthbearer.sub.claim.name",
        string("sub").low(),
        "The claim of a token that holds its subject.",
    ),
    key("sasl.oauthbearer.token.endpoint.url", unset(Kind::String), "Where tokens are fetched."),
];
