//! What a broker can be told about TLS.

use crate::key::{Key, Kind, boolean, key, list, string, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "ssl.allow.dn.changes",
        boolean("false").low(),
        "Whether a certificate that is loaded anew may have another name.",
    ),
    key(
        "ssl.allow.san.changes",
        boolean("false").low(),
        "Whether a certificate that is loaded anew may have other alternative names.",
    ),
    key(
        "ssl.cipher.suites",
        list("").items(&[]).per_broker(),
        "The cipher suites that may be used.",
    ),
    key(
        "ssl.client.auth",
        string("none").one_of(&["required", "requested", "none"]).per_broker(),
        "Whether clients must show a certificate.",
    ),
    key(
        "ssl.enabled.protocols",
        list("TLSv1.2,TLSv1.3").items(&[]).per_broker(),
        "The versions of TLS that may be used.",
    ),
    key(
        "ssl.endpoint.identification.algorithm",
        string("https").low().per_broker(),
        "How the name of a host is checked against its certificate.",
    ),
    key(
        "ssl.engine.factory.class",
        unset(Kind::Class).low().per_broker(),
        "The Java class that makes TLS engines.",
    ),
    key("ssl.key.password", unset(Kind::Password).per_broker(), "The password of the private key."),
    key(
        "ssl.keymanager.algorithm",
        string("SunX509").per_broker(),
        "The algorithm with which Java finds its own key.",
    ),
    key(
        "ssl.keystore.certificate.chain",
        unset(Kind::Password).per_broker(),
        "The certificates of this broker, as text.",
    ),
    key(
        "ssl.keystore.key",
        unset(Kind::Password).per_broker(),
        "The private key of this broker, as text.",
    ),
    key(
        "ssl.keystore.location",
        unset(Kind::String).per_broker(),
        "The file with key and certificates.",
    ),
    key("ssl.keystore.password", unset(Kind::Password).per_broker(), "The password of that file."),
    key("ssl.keystore.type", string("JKS").per_broker(), "The format of that file."),
    key(
        "ssl.principal.mapping.rules",
        string("DEFAULT").low(),
        "How names of certificates become names of users.",
    ),
    key("ssl.protocol", string("TLSv1.3").per_broker(), "The newest version of TLS that is used."),
    key("ssl.provider", unset(Kind::String).per_broker(), "The Java provider of TLS."),
    key(
        "ssl.secure.random.implementation",
        unset(Kind::String).low().per_broker(),
        "The random source of TLS.",
    ),
    key(
        "ssl.trustmanager.algorithm",
        string("PKIX").per_broker(),
        "The algorithm with which Java checks certificates.",
    ),
    key(
        "ssl.truststore.certificates",
        unset(Kind::Password).per_broker(),
        "The trusted certificates, as text.",
    ),
    key(
        "ssl.truststore.location",
        unset(Kind::String).per_broker(),
        "The file with the trusted certificates.",
    ),
    key(
        "ssl.truststore.password",
        unset(Kind::Password).per_broker(),
        "The password of that file.",
    ),
    key("ssl.truststore.type", string("JKS").per_broker(), "The format of that file."),
];
