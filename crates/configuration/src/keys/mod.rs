//! Every key of Kafka 4.3, and Klamm's own.
//!
//! The tables lie in files by what the keys are about. A test holds them to Kafka's own jars, field
//! by field, so what is in here is never looked up elsewhere.

mod broker;
mod client_metrics;
mod group;
mod topic;

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{Key, valid::Invalid};

/// The keys of one kind of resource, by name.
#[derive(Debug)]
pub struct Keys {
    by_name: BTreeMap<&'static str, &'static Key>,
    /// What these keys configure, as Kafka's sentences say it.
    noun: &'static str,
}

static TOPIC: LazyLock<Keys> = LazyLock::new(|| Keys::new("topic", &[topic::KEYS]));
static BROKER: LazyLock<Keys> = LazyLock::new(|| {
    let tables: Vec<&'static [Key]> = broker_subjects().map(|(_, keys)| keys).collect();
    Keys::new("broker", &tables)
});
static GROUP: LazyLock<Keys> = LazyLock::new(|| Keys::new("group", &[group::KEYS]));
static CLIENT_METRICS: LazyLock<Keys> =
    LazyLock::new(|| Keys::new("client metrics", &[client_metrics::KEYS]));

/// The keys of topics.
#[must_use]
pub fn topic() -> &'static Keys {
    &TOPIC
}

/// The keys of brokers.
#[must_use]
pub fn broker() -> &'static Keys {
    &BROKER
}

/// The keys of brokers by what they are about, each with a title.
pub fn broker_subjects() -> impl Iterator<Item = (&'static str, &'static [Key])> {
    broker::KEYS.iter().copied()
}

/// The keys of groups.
#[must_use]
pub fn group() -> &'static Keys {
    &GROUP
}

/// The keys of subscriptions to clients' metrics.
#[must_use]
pub fn client_metrics() -> &'static Keys {
    &CLIENT_METRICS
}

impl Keys {
    fn new(noun: &'static str, tables: &[&'static [Key]]) -> Keys {
        let keys = tables.iter().copied().flatten();
        Keys { by_name: keys.map(|key| (key.name, key)).collect(), noun }
    }

    /// The key of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Key> {
        self.by_name.get(name).copied()
    }

    /// The key of this name.
    ///
    /// # Errors
    /// Kafka's sentence when there is none.
    pub fn get(&self, name: &str) -> Result<&'static Key, Invalid> {
        let unknown = || Invalid(format!("Unknown {} config name: {name}", self.noun));
        self.find(name).ok_or_else(unknown)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static Key> {
        self.by_name.values().copied()
    }

    /// The name that somebody may have meant who wrote one that does not exist.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        // Each character more or less is an edit: most names need no closer look, however long.
        let alike = |known: &&&str| known.len().abs_diff(name.len()) <= EDITS_MAX;
        let names = self.by_name.keys().filter(alike);
        let (distance, known) = names.map(|known| (distance(name, known), *known)).min()?;
        (distance <= EDITS_MAX).then_some(known)
    }
}

/// How much of a name somebody may have got wrong.
const EDITS_MAX: usize = 3;

/// How many characters have to be added, removed or replaced to turn one text into the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Effect;

    #[test]
    fn the_distance_of_two_words_is_the_number_of_edits() {
        assert_eq!(distance("num.partition", "num.partitions"), 1);
        assert_eq!(distance("abc", "axc"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn what_somebody_may_have_meant_is_found() {
        assert_eq!(broker().nearest("num.partition"), Some("num.partitions"));
        assert_eq!(broker().nearest("nun.partitionss"), Some("num.partitions"));
        assert_eq!(broker().nearest("partitions"), None);
        assert_eq!(broker().nearest(&"x".repeat(1 << 20)), None);
    }

    #[test]
    fn every_key_stands_in_one_table_only() {
        let brokers: Vec<&[Key]> = broker_subjects().map(|(_, keys)| keys).collect();
        let tables = [&[topic::KEYS][..], &brokers, &[group::KEYS], &[client_metrics::KEYS]];
        for (table, keys) in tables.iter().zip([topic(), broker(), group(), client_metrics()]) {
            let rows: usize = table.iter().map(|keys| keys.len()).sum();
            assert_eq!(rows, keys.iter().count());
        }
    }

    #[test]
    fn every_default_is_a_valid_value_in_its_shortest_form() {
        for keys in [topic(), broker(), group(), client_metrics()] {
            for key in keys.iter() {
                let Some(default) = key.default_text() else { continue };
                let parsed = key.parse(default).map(|value| value.to_string());
                assert_eq!(parsed.as_deref(), Ok(default), "{}", key.name);
            }
        }
    }

    #[test]
    fn every_sentence_is_one() {
        for keys in [topic(), broker(), group(), client_metrics()] {
            for Key { name, doc, .. } in keys.iter() {
                assert!(doc.ends_with('.') && !doc.contains(". "), "{name}: {doc}");
            }
        }
    }

    #[test]
    fn what_stands_in_for_a_topics_key_has_the_same_effect() {
        for key in topic().iter() {
            for (name, _) in key.shape.broker {
                let broker = broker().find(name).expect("the table names keys that exist");
                let has_effect = |key: &Key| key.shape.effect != Effect::None;
                assert_eq!(has_effect(key), has_effect(broker), "{} and {name}", key.name);
            }
        }
    }
}
