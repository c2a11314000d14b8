//! The tables say what Kafka's own say: every key, every field but the sentence, and the outcome of
//! many values with Kafka's very messages.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::BTreeMap;

use configuration::{Default, Importance, Key, Keys, Kind, Update, Valid, keys};
use kafka_jars::{text, tool};

/// Values that some key or other takes and many do not.
const VALUES: &[&str] = &[
    "",
    "  ",
    "-131073",
    "-3",
    "-2",
    "-1",
    "0",
    " 1 ",
    "2",
    "+5",
    "9",
    "10",
    "18",
    "23",
    "100",
    "600",
    "1000",
    "5000",
    "70000",
    "1048576",
    "3000000",
    "2147483647",
    "2147483648",
    "9223372036854775808",
    "0.25",
    "1.5",
    "1e10",
    "true",
    "FALSE",
    "yes",
    "a",
    "a,a",
    "a,,b",
    " compact , delete ",
    "compact,,delete",
    "compact,compress",
    "classic,share",
    "broker,controller",
    "producer",
    "Upgrade",
    "LogAppendTime",
    "required",
    "SSL",
    "es256",
    "read_committed",
];

/// The fields before the outcomes.
const FIELDS: usize = 9;

#[test]
fn every_key_is_what_kafka_says() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/java/ConfigKeys.java");
    let output = tool(program, VALUES);
    assert!(output.status.success(), "{}", text(&output));
    let kafka = String::from_utf8(output.stdout).unwrap();
    let kafka: BTreeMap<_, _> = kafka.lines().map(line).collect();
    let ours: BTreeMap<_, _> =
        [("topic", keys::topic()), ("broker", keys::broker()), ("group", keys::group())]
            .into_iter()
            .chain([("client-metrics", keys::client_metrics())])
            .flat_map(|(kind, keys)| described(kind, keys))
            .collect();
    let mut differences = Vec::new();
    for name in kafka.keys().filter(|name| !ours.contains_key(*name)) {
        differences.push(format!("{name:?} is missing"));
    }
    for (name, fields) in &ours {
        let Some(expected) = kafka.get(name) else {
            differences.push(format!("Kafka has no {name:?}"));
            continue;
        };
        differences.extend(compare(name, fields, expected));
    }
    assert!(kafka.len() > 400, "Kafka printed {} keys", kafka.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

type Name = (String, String);

fn line(line: &str) -> (Name, Vec<String>) {
    let fields: Vec<_> = line.split('\t').map(str::to_owned).collect();
    assert_eq!(fields.len(), FIELDS + VALUES.len(), "{line}");
    let kind = if fields[0] == "broker-dynamic" { "broker" } else { &fields[0] };
    ((kind.to_owned(), fields[1].clone()), fields[2..].to_vec())
}

fn described(kind: &'static str, keys: &'static Keys) -> impl Iterator<Item = (Name, Vec<String>)> {
    let of_kafka = keys.iter().filter(|key| !key.is_own());
    of_kafka.map(move |key| {
        let mut fields = fields(key);
        fields.extend(VALUES.iter().map(|value| outcome(key, value)));
        ((kind.to_owned(), key.name.to_owned()), fields)
    })
}

fn fields(key: &Key) -> Vec<String> {
    let shape = key.shape;
    let importance = match shape.importance {
        Importance::High => "HIGH",
        Importance::Medium => "MEDIUM",
        Importance::Low => "LOW",
    };
    let update = match shape.update {
        Update::ReadOnly => "read-only",
        Update::PerBroker => "per-broker",
        Update::ClusterWide => "cluster-wide",
        Update::OnlyDynamic => "only-dynamic",
    };
    let default = match shape.default {
        Default::Required => "required".to_owned(),
        Default::Unset => "unset".to_owned(),
        Default::Is(value) => format!("is {value}"),
    };
    let broker = shape.broker.iter().map(|(name, unit)| format!("{name}*{}", unit.factor()));
    let synonyms = broker.chain(shape.family.iter().map(|name| (*name).to_owned()));
    let internal = if shape.internal { "internal" } else { "public" };
    vec![
        shape.kind.name().to_owned(),
        default,
        importance.to_owned(),
        shape.valid.to_string(),
        internal.to_owned(),
        update.to_owned(),
        synonyms.collect::<Vec<_>>().join(","),
    ]
}

fn outcome(key: &Key, value: &str) -> String {
    match key.parse(value) {
        Ok(_) if key.is_sensitive() => "is [hidden]".to_owned(),
        Ok(value) => format!("is {value}"),
        Err(refusal) => refusal.to_string(),
    }
}

/// What differs. Java has to have a class to accept its name, and a form is said but not checked.
fn compare(name: &Name, ours: &[String], kafkas: &[String]) -> Vec<String> {
    let key = match name.0.as_str() {
        "topic" => keys::topic(),
        "broker" => keys::broker(),
        "group" => keys::group(),
        _ => keys::client_metrics(),
    };
    let shape = key.find(&name.1).unwrap().shape;
    let checked = shape.kind != Kind::Class && !matches!(shape.valid, Valid::Form(_));
    let compared = if checked { ours.len() } else { FIELDS - 2 };
    let pairs = ours.iter().zip(kafkas).take(compared);
    pairs
        .filter(|(own, kafkas)| own != kafkas)
        .map(|(own, kafkas)| format!("{name:?}: we say\n  {own}\nKafka says\n  {kafkas}"))
        .collect()
}
