//! Lines of a broker's `server.properties` that are wrong.

/// Lines behind those of [`with`], the number of the wrong one if it has one, and what is said of it.
pub(crate) const ROWS: &[(&str, Option<usize>, &str)] = &[
    ("node.id=", Some(1), "'node.id' is missing"),
    (
        "node.id=one",
        Some(1),
        "Invalid value one for configuration node.id: Not a number of type INT",
    ),
    ("node.id=-1", Some(1), "Invalid value -1 for configuration node.id: Value must be at least 0"),
    (
        "node.id=99999999999",
        Some(1),
        "Invalid value 99999999999 for configuration node.id: Not a number of type INT",
    ),
    ("process.roles=", Some(1), "'process.roles' has to be broker,controller"),
    ("process.roles=broker", Some(1), "'process.roles' has to be broker,controller"),
    (
        "process.roles=broker,zookeeper",
        Some(1),
        "Invalid value zookeeper for configuration process.roles",
    ),
    (
        "listeners=PLAINTEXT://127.0.0.1",
        Some(1),
        "'listeners': 'PLAINTEXT://127.0.0.1' is not of the form NAME://host:port",
    ),
    (
        "listeners=PLAINTEXT://127.0.0.1:99999",
        Some(1),
        "'listeners': 'PLAINTEXT://127.0.0.1:99999' is not of the form NAME://host:port",
    ),
    (
        "listeners=127.0.0.1:9092",
        Some(1),
        "'listeners': '127.0.0.1:9092' is not of the form NAME://host:port",
    ),
    ("listeners=A://127.0.0.1:9092,A://127.0.0.1:9094", Some(1), "'listeners' names A twice"),
    (
        "listeners=A://127.0.0.1:9092,CONTROLLER://0.0.0.0:9092",
        Some(1),
        "'listeners' has CONTROLLER listen on port 9092, as A",
    ),
    ("listeners=CONTROLLER://127.0.0.1:9093", Some(1), "'listeners' has no listener for clients"),
    (
        "listeners=PLAINTEXT://127.0.0.1:9092",
        Some(4),
        "'controller.listener.names' has to name exactly one of 'listeners'",
    ),
    (
        "listeners=PLAINTEXT://:9092,CONTROLLER://127.0.0.1:9093",
        Some(1),
        "clients cannot connect to ':9092': set an address for PLAINTEXT",
    ),
    (
        "listeners=SSL://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
        Some(1),
        "SSL asks for SSL; Klamm speaks PLAINTEXT only",
    ),
    (
        "advertised.listeners=OTHER://a:1",
        Some(1),
        "'advertised.listeners' names OTHER, which 'listeners' does not",
    ),
    (
        "advertised.listeners=PLAINTEXT://a",
        Some(1),
        "'advertised.listeners': 'PLAINTEXT://a' is not of the form NAME://host:port",
    ),
    ("listener.security.protocol.map=PLAINTEXT:TLS", Some(1), "PLAINTEXT asks for TLS"),
    (
        "inter.broker.listener.name=OTHER",
        Some(1),
        "'inter.broker.listener.name' is OTHER, which no listener is called",
    ),
    ("log.dirs=", None, "'log.dirs' is missing"),
    ("log.dirs=/a,/b", Some(1), "'log.dirs' names 2 folders; Klamm has one so far"),
    (
        "klamm.cluster.id=short",
        Some(1),
        "'klamm.cluster.id' is 'short', not a UUID of 22 characters",
    ),
    (
        "klamm.initial.controllers=1@a",
        Some(1),
        "'klamm.initial.controllers': '1@a' is not of the form id@host:port:directory-id",
    ),
    ("klamm.admin.listener=a", Some(1), "'klamm.admin.listener': 'a' is not of the form host:port"),
    ("klamm.nothing=1", Some(1), "'klamm.nothing' is no key of a broker"),
    (
        "num.partition=3",
        Some(1),
        "'num.partition' is no key of a broker; did you mean 'num.partitions'?",
    ),
    ("zookeeper.connect=localhost:2181", Some(1), "'zookeeper.connect' is no key of a broker"),
    (
        "num.partitions=three",
        Some(1),
        "Invalid value three for configuration num.partitions: Not a number of type INT",
    ),
    (
        "num.partitions=0",
        Some(1),
        "Invalid value 0 for configuration num.partitions: Value must be at least 1",
    ),
    (
        "num.partitions",
        Some(1),
        "Invalid value  for configuration num.partitions: Not a number of type INT",
    ),
    (
        "# a comment\n\nnum.partitions=-1",
        Some(3),
        "Invalid value -1 for configuration num.partitions",
    ),
    ("num.partitions=\\\n  three", Some(1), "Invalid value three for configuration num.partitions"),
    (
        "num.partitions=1\nnum.partitions=2",
        Some(2),
        "'num.partitions' is set again, first in line 1",
    ),
    (
        "auto.create.topics.enable=yes",
        Some(1),
        "Invalid value yes for configuration auto.create.topics.enable: Expected value to be either true or false",
    ),
    (
        "auto.create.topics.enable=",
        Some(1),
        "Invalid value  for configuration auto.create.topics.enable",
    ),
    (
        "compression.type=brotli",
        Some(1),
        "Invalid value brotli for configuration compression.type: String must be one of",
    ),
    (
        "compression.gzip.level=99",
        Some(1),
        "Invalid value 99 for configuration compression.gzip.level: Value must be between 1 and 9",
    ),
    (
        "log.cleanup.policy=compress",
        Some(1),
        "Invalid value compress for configuration log.cleanup.policy",
    ),
    (
        "log.segment.bytes=10",
        Some(1),
        "Invalid value 10 for configuration log.segment.bytes: Value must be at least 1048576",
    ),
    (
        "log.retention.bytes=99999999999999999999",
        Some(1),
        "Invalid value 99999999999999999999 for configuration log.retention.bytes: Not a number of type LONG",
    ),
    (
        "log.retention.ms=-5",
        Some(1),
        "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
    ),
    ("metadata.log.dir=/x", Some(1), "'metadata.log.dir' has no effect in Klamm; leave it out"),
    (
        "authorizer.class.name=a.B",
        Some(1),
        "'authorizer.class.name' has no effect in Klamm; leave it out",
    ),
    ("sasl.enabled.mechanisms=PLAIN", Some(1), "'sasl.enabled.mechanisms' has no effect in Klamm"),
];

/// A file that is right but for these lines, which stand first and in place of those of the same keys.
pub(crate) fn with(lines: &str) -> String {
    let key = |line: &str| line.split_once('=').map(|it| it.0.to_owned());
    let replaced: Vec<_> = lines.lines().filter_map(key).collect();
    let kept = RIGHT.lines().filter(|line| key(line).is_none_or(|key| !replaced.contains(&key)));
    let kept: Vec<_> = kept.collect();
    format!("{lines}\n{}\n", kept.join("\n"))
}

const RIGHT: &str = "\
node.id=1
process.roles=broker,controller
listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093
controller.listener.names=CONTROLLER
log.dirs=data
klamm.cluster.id=AAAAAAAAAAAAAAAAAAAAAQ
";
