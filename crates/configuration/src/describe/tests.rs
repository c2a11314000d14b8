//! What real Kafka answered to the same questions.

use std::sync::Arc;

use super::*;

fn texts(set: &[(&str, &str)]) -> Texts {
    set.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// The file that Kafka was asked with.
fn layers() -> Layers {
    Layers::of_file(Arc::new(texts(&[
        ("log.retention.hours", "2"),
        ("log.roll.hours", "3"),
        ("log.segment.bytes", "104857600"),
        ("ssl.key.password", "secret"),
    ])))
}

fn entry(entries: &[Entry], name: &str) -> (Option<String>, Source, Vec<(String, Source)>) {
    let entry = entries.iter().find(|entry| entry.key.name == name).unwrap();
    let synonyms = entry.synonyms.iter();
    let synonyms = synonyms.map(|one| (format!("{}={:?}", one.name, one.value), one.source));
    (entry.value.clone(), entry.source, synonyms.collect())
}

fn synonym(name: &str, value: &str, source: Source) -> (String, Source) {
    (format!("{name}={:?}", Some(value)), source)
}

#[test]
fn a_topics_key_names_all_that_would_give_its_value() {
    let entries = topic(&layers(), &texts(&[("flush.messages", " 5 ")]));
    let (value, source, synonyms) = entry(&entries, "flush.messages");
    assert_eq!((value.as_deref(), source), (Some("5"), Source::Resource));
    let expected = [
        synonym("flush.messages", "5", Source::Resource),
        synonym("log.flush.interval.messages", "9223372036854775807", Source::Default),
    ];
    assert_eq!(synonyms, expected);
    let (value, source, synonyms) = entry(&entries, "segment.bytes");
    assert_eq!((value.as_deref(), source), (Some("104857600"), Source::File));
    let expected = [
        synonym("log.segment.bytes", "104857600", Source::File),
        synonym("log.segment.bytes", "1073741824", Source::Default),
    ];
    assert_eq!(synonyms, expected);
}

#[test]
fn hours_in_the_file_are_called_a_default_when_the_topic_is_described() {
    let entries = topic(&layers(), &Texts::new());
    let expected = (Some("7200000".to_owned()), Source::Default, vec![]);
    assert_eq!(entry(&entries, "retention.ms"), expected);
    let created = created_topic(&layers(), &Texts::new());
    let (value, source, _) = entry(&created, "retention.ms");
    assert_eq!((value.as_deref(), source), (Some("7200000"), Source::File));
}

#[test]
fn a_topic_shows_all_keys_but_internal_ones() {
    let entries = topic(&layers(), &Texts::new());
    assert_eq!(entries.len(), 33);
    assert!(entries.iter().all(|entry| entry.key.name != "internal.segment.bytes"));
}

#[test]
fn a_broker_shows_dynamic_values_above_its_file() {
    let layers = layers().with_dynamic([("log.retention.ms", "1000")], []);
    let (value, source, synonyms) = entry(&broker(&layers), "log.retention.ms");
    assert_eq!((value.as_deref(), source), (Some("1000"), Source::Broker));
    let expected = [
        synonym("log.retention.ms", "1000", Source::Broker),
        synonym("log.retention.hours", "2", Source::File),
        synonym("log.retention.hours", "168", Source::Default),
    ];
    assert_eq!(synonyms, expected);
}

#[test]
fn secrets_are_shown_to_nobody() {
    let entries = broker(&layers());
    let expected = vec![("ssl.key.password=None".to_owned(), Source::File)];
    assert_eq!(entry(&entries, "ssl.key.password"), (None, Source::File, expected));
}

#[test]
fn all_brokers_show_what_is_set_for_all() {
    assert!(all_brokers(&layers()).is_empty());
    let layers = layers()
        .with_dynamic([("log.segment.bytes", "3000000")], [("log.segment.bytes", "2000000")]);
    let entries = all_brokers(&layers);
    let expected = vec![synonym("log.segment.bytes", "2000000", Source::AllBrokers)];
    let expected = (Some("2000000".to_owned()), Source::AllBrokers, expected);
    assert_eq!(entry(&entries, "log.segment.bytes"), expected);
    assert_eq!(entries.len(), 1);
}

#[test]
fn a_key_of_a_broker_that_a_broker_cannot_change_is_read_only() {
    let entries = broker(&layers());
    let read_only = |name| entries.iter().find(|one| one.key.name == name).unwrap().is_read_only;
    assert!(read_only("log.retention.hours") && !read_only("log.retention.ms"));
    assert!(read_only("node.id") && !read_only("listeners"));
    assert!(entries.iter().all(|entry| entry.key.name != "leader.replication.throttled.rate"));
}

#[test]
fn groups_and_subscriptions_show_their_defaults() {
    let entries = group(&layers(), &Texts::new());
    assert_eq!(entries.len(), 17);
    let (value, source, synonyms) = entry(&entries, "consumer.session.timeout.ms");
    assert_eq!((value.as_deref(), source), (Some("45000"), Source::Default));
    let expected = [synonym("group.consumer.session.timeout.ms", "45000", Source::Default)];
    assert_eq!(synonyms, expected);
    let (_, _, synonyms) = entry(&entries, "share.isolation.level");
    assert_eq!(synonyms, [synonym("share.isolation.level", "read_uncommitted", Source::Default)]);
    let entries = client_metrics(&Texts::new());
    let expected = (Some("300000".to_owned()), Source::Default, vec![]);
    assert_eq!(entry(&entries, "interval.ms"), expected);
}
