//! What may differ between two brokers: ids, hosts and times. Nothing else is touched.

use crate::dump::Field;
use regex::Regex;
use std::sync::LazyLock;

/// What a rule is about, the fields it touches, and what it leaves of a value that is there at all.
struct Rule {
    what: &'static str,
    fields: &'static [&'static str],
}

/// Every rule.
const RULES: &[Rule] = &[
    Rule { what: "a topic's id", fields: &["TopicId"] },
    Rule { what: "a cluster's id", fields: &["ClusterId"] },
    Rule {
        what: "a node's id",
        fields: &[
            "BrokerId",
            "NodeId",
            "ControllerId",
            "LeaderId",
            "ReplicaId",
            "ReplicaNodes",
            "IsrNodes",
        ],
    },
    Rule { what: "a folder's id", fields: &["ReplicaDirectoryId"] },
    Rule { what: "a producer's id", fields: &["ProducerId"] },
    Rule { what: "a session's id", fields: &["SessionId"] },
    Rule { what: "a host", fields: &["Host", "ClientHost"] },
    Rule { what: "a port", fields: &["Port"] },
    Rule { what: "a folder", fields: &["LogDir"] },
    Rule { what: "the size of a disk", fields: &["TotalBytes", "UsableBytes"] },
    Rule {
        what: "a time",
        fields: &[
            "LogAppendTimeMs",
            "LastTimestamp",
            "LastFetchTimestamp",
            "LastCaughtUpTimestamp",
        ],
    },
    Rule { what: "an offset of the metadata's log", fields: &["FinalizedFeaturesEpoch"] },
];

/// Values that say that there is nothing: they are compared as they are.
const NOTHING: &[&str] = &["null", "-1", "\"\"", "00000000-0000-0000-0000-000000000000"];
/// A topic's id as Kafka writes it, where there is none.
const NO_ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

static UUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap()
});

/// A field with what may differ replaced by a word for it.
pub(crate) fn field((path, value): Field) -> Field {
    let name = path.rsplit('.').next().unwrap_or(&path);
    let name = name.split('[').next().unwrap_or(name);
    let rule = RULES.iter().find(|rule| rule.fields.contains(&name));
    if NOTHING.contains(&value.as_str()) || value == NO_ID {
        return (path, value);
    }
    match rule {
        Some(rule) => (path, rule.what.to_owned()),
        // A member's id is the client's name and a UUID.
        None => (path, UUID.replace_all(&value, "a UUID").into_owned()),
    }
}

#[test]
fn ids_hosts_and_times_are_words_and_nothing_else_is() {
    let after = |path: &str, value: &str| field((path.to_owned(), value.to_owned())).1;
    assert_eq!(after("Topics[0].TopicId", "abc"), "a topic's id");
    assert_eq!(after("Brokers[0].Port", "9092"), "a port");
    assert_eq!(after("Topics[0].Partitions[0].IsrNodes[0]", "3"), "a node's id");
    assert_eq!(after("Topics[0].ErrorCode", "3"), "3");
    assert_eq!(after("Topics[0].Partitions[0].Timestamp", "1700000000000"), "1700000000000");
}

#[test]
fn what_is_not_there_stays_different_from_what_is() {
    let after = |path: &str, value: &str| field((path.to_owned(), value.to_owned())).1;
    assert_eq!(after("LeaderId", "-1"), "-1");
    assert_eq!(after("ClusterId", "null"), "null");
    assert_eq!(after("Topics[0].TopicId", NO_ID), NO_ID);
}

#[test]
fn members_ids_keep_the_clients_name() {
    let id = "\"raw-5ab7c5a3-1111-4222-8333-0123456789ab\"".to_owned();
    assert_eq!(field(("MemberId".to_owned(), id)).1, "\"raw-a UUID\"");
}
