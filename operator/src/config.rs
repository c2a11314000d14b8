//! Keys of Kafka's configuration: where what is found differs from what a manifest wants.

use std::collections::BTreeMap;
use std::fmt;

use configuration::{Effect, Keys, Update, keys};
use serde::{Deserialize, Serialize};

use crate::crd::cluster::ConfigValue;
use crate::world::ConfigChanges;

/// The keys that a manifest sets.
pub type Wanted = BTreeMap<String, ConfigValue>;

/// The configuration of a topic or of all brokers, as the brokers know it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was set for it.
    pub set: BTreeMap<String, String>,
    /// What holds for the keys that were not.
    #[serde(skip)]
    pub inherited: BTreeMap<String, String>,
}

/// One key that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The key.
    pub key: String,
    /// What it was.
    pub from: Option<String>,
    /// What it becomes.
    pub to: Option<String>,
}

/// What turns `found` into what is wanted. Keys that neither the manifest names nor we have set
/// belong to someone else and stay.
#[must_use]
pub fn changes(keys: &Keys, wanted: &Wanted, owned: &Wanted, found: &Found) -> Vec<Change> {
    let mut changes = BTreeMap::new();
    for (key, value) in wanted {
        let now = found.set.get(key);
        if !now.is_some_and(|now| is_same(keys, key, now, &value.0)) {
            let from = now.or_else(|| found.inherited.get(key)).cloned();
            changes.insert(key, Change { key: key.clone(), from, to: Some(value.0.clone()) });
        }
    }
    for key in owned.keys().filter(|key| !wanted.contains_key(*key)) {
        if let Some(now) = found.set.get(key) {
            changes.insert(key, Change { key: key.clone(), from: Some(now.clone()), to: None });
        }
    }
    changes.into_values().collect()
}

/// Brokers show a value in one way that may be written in many: `a, b` is `a,b`.
fn is_same(keys: &Keys, key: &str, one: &str, other: &str) -> bool {
    let read = |text| keys.find(key)?.parse(text).ok();
    one == other || read(one).is_some_and(|value| read(other) == Some(value))
}

/// What is ours after these keys were set: those of before and those that are wanted.
#[must_use]
pub fn owned_with(owned: &Wanted, wanted: &Wanted) -> Wanted {
    owned.iter().chain(wanted).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The changes as a broker is asked for them.
#[must_use]
pub fn as_request(changes: &[Change]) -> ConfigChanges {
    changes.iter().map(|change| (change.key.clone(), change.to.clone())).collect()
}

/// Whether a broker's key can be changed for all brokers while they run.
#[must_use]
pub fn is_dynamic(key: &str) -> bool {
    keys::broker().find(key).is_some_and(|key| {
        let for_all = matches!(key.shape.update, Update::ClusterWide | Update::OnlyDynamic);
        for_all && key.shape.effect == Effect::Full
    })
}

impl From<&Wanted> for Found {
    /// What was found when everything was last as wanted.
    fn from(wanted: &Wanted) -> Found {
        let set = wanted.iter().map(|(key, value)| (key.clone(), value.0.clone())).collect();
        Found { set, inherited: BTreeMap::new() }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => write!(formatter, "{} {from} becomes {to}", self.key),
            (None, Some(to)) => write!(formatter, "{} becomes {to}", self.key),
            (Some(from), None) => write!(formatter, "{} {from} becomes the default", self.key),
            (None, None) => write!(formatter, "{} stays", self.key),
        }
    }
}

/// The changes in one sentence.
pub(crate) fn sentence(changes: &[Change]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(entries: &[(&str, &str)]) -> Wanted {
        let entries = entries.iter();
        entries.map(|(key, value)| ((*key).to_owned(), ConfigValue((*value).to_owned()))).collect()
    }

    fn differing(ours: &[(&str, &str)], before: &[(&str, &str)], found: &Found) -> String {
        sentence(&changes(keys::topic(), &wanted(ours), &wanted(before), found))
    }

    #[test]
    fn keys_are_set_with_what_held_before() {
        let inherited = BTreeMap::from([("retention.ms".to_owned(), "7".to_owned())]);
        let found = Found { inherited, ..Found::from(&wanted(&[("flush.ms", "1")])) };
        let ours = [("flush.ms", "2"), ("retention.ms", "5"), ("segment.ms", "9")];
        assert_eq!(
            differing(&ours, &[], &found),
            "flush.ms 1 becomes 2, retention.ms 7 becomes 5, segment.ms becomes 9"
        );
    }

    #[test]
    fn keys_that_were_ours_go_back_to_the_default_and_those_of_others_stay() {
        let found = Found::from(&wanted(&[("flush.ms", "1"), ("segment.ms", "9")]));
        assert_eq!(differing(&[], &[("flush.ms", "1")], &found), "flush.ms 1 becomes the default");
        assert_eq!(differing(&[], &[("retention.ms", "1")], &found), "", "it is gone already");
    }

    #[test]
    fn a_value_written_in_another_way_is_the_same() {
        let found =
            Found::from(&wanted(&[("cleanup.policy", "compact,delete"), ("flush.ms", "5")]));
        let ours = [("cleanup.policy", " compact, delete"), ("flush.ms", " 05")];
        assert_eq!(differing(&ours, &[], &found), "");
    }

    #[test]
    fn keys_that_a_running_broker_takes_are_told_from_those_of_its_file() {
        assert!(is_dynamic("log.retention.ms"));
        assert!(!is_dynamic("num.partitions"));
        assert!(!is_dynamic("nonsense"));
    }
}
