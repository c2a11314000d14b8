//! The configuration of a resource as DescribeConfigs lists it: each key with its value, where the
//! value comes from, and which keys would give it otherwise.

use crate::{
    key::{Key, Update},
    keys,
    layers::{Layers, Source, Texts},
    value::Value,
};

/// One key of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: &'static Key,
    /// Its value as text; none when it has none or is shown to nobody.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
    /// Whether it cannot be changed while brokers run.
    pub is_read_only: bool,
    /// Everything that gives it a value, the strongest first.
    pub synonyms: Vec<Synonym>,
}

/// Something that gives a key its value when nothing stronger does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    /// The key that is set.
    pub name: &'static str,
    /// What it is set to; none when that is shown to nobody.
    pub value: Option<String>,
    /// Where it is set.
    pub source: Source,
}

/// All keys of a broker.
#[must_use]
pub fn broker(layers: &Layers) -> Vec<Entry> {
    let is_set = |key: &Key| layers.each().iter().any(|(layer, _)| layer.contains_key(key.name));
    let shown = |key: &&Key| match key.shape.update {
        Update::OnlyDynamic => is_set(key),
        Update::ReadOnly | Update::PerBroker | Update::ClusterWide => !key.shape.internal,
    };
    keys::broker().iter().filter(shown).map(|key| of_broker(layers, key, |_| true)).collect()
}

/// The keys that are set for all brokers.
#[must_use]
pub fn all_brokers(layers: &Layers) -> Vec<Entry> {
    let set = layers.cluster().keys().filter_map(|name| keys::broker().find(name));
    set.map(|key| of_broker(layers, key, |source| source == Source::AllBrokers))
        .map(|entry| {
            let set = layers.cluster().get(entry.key.name);
            let value = set.and_then(|text| entry.key.parse(text).ok());
            Entry { value: shown(entry.key, value), ..entry }
        })
        .collect()
}

fn of_broker(layers: &Layers, key: &'static Key, counts: impl Fn(Source) -> bool) -> Entry {
    let mut synonyms = synonyms_of_broker(layers, key);
    synonyms.retain(|synonym| counts(synonym.source));
    Entry {
        key,
        value: shown(key, layers.value(key).map(|(value, _)| value)),
        source: synonyms.first().map_or(Source::Default, |first| first.source),
        is_read_only: matches!(key.shape.update, Update::ReadOnly | Update::OnlyDynamic),
        synonyms,
    }
}

/// All keys of a topic for which `set` is set.
#[must_use]
pub fn topic(layers: &Layers, set: &Texts) -> Vec<Entry> {
    let keys = keys::topic().iter().filter(|key| !key.shape.internal);
    keys.map(|key| {
        let beneath = key.shape.broker.first().and_then(|(name, _)| keys::broker().find(name));
        let beneath = beneath.map(|key| synonyms_of_broker(layers, key)).unwrap_or_default();
        with_own(layers, key, set, beneath)
    })
    .collect()
}

/// All keys of a topic that was just created with `set`, as its creator is told. Unlike
/// [`topic`], Kafka names the true source where hours or minutes were set.
#[must_use]
pub fn created_topic(layers: &Layers, set: &Texts) -> Vec<Entry> {
    let mut entries = topic(layers, set);
    for entry in &mut entries {
        if let Some((_, source)) = layers.topic_default(entry.key)
            && entry.source != Source::Resource
        {
            entry.source = source;
        }
    }
    entries
}

/// All keys of a group for which `set` is set.
#[must_use]
pub fn group(layers: &Layers, set: &Texts) -> Vec<Entry> {
    let keys = keys::group().iter();
    keys.map(|key| {
        let beneath = key.shape.broker.first().and_then(|(name, _)| keys::broker().find(name));
        let beneath = match beneath {
            Some(beneath) => synonyms_of_broker(layers, beneath),
            None => default_of(key).into_iter().collect(),
        };
        with_own(layers, key, set, beneath)
    })
    .collect()
}

/// All keys of a subscription to clients' metrics for which `set` is set.
#[must_use]
pub fn client_metrics(set: &Texts) -> Vec<Entry> {
    let nothing = Layers::default();
    let keys = keys::client_metrics().iter();
    keys.map(|key| Entry { synonyms: Vec::new(), ..with_own(&nothing, key, set, Vec::new()) })
        .collect()
}

/// A key that a resource can set for itself, above what a broker says.
fn with_own(layers: &Layers, key: &'static Key, set: &Texts, beneath: Vec<Synonym>) -> Entry {
    let own = set.get(key.name).and_then(|text| key.parse(text).ok());
    let mut synonyms = Vec::new();
    if let Some(value) = &own {
        let value = shown(key, Some(value.clone()));
        synonyms.push(Synonym { name: key.name, value, source: Source::Resource });
    }
    synonyms.extend(beneath);
    let value = own.or_else(|| layers.topic_default(key).map(|(value, _)| value));
    Entry {
        key,
        value: shown(key, value),
        source: synonyms.first().map_or(Source::Default, |first| first.source),
        is_read_only: false,
        synonyms,
    }
}

/// All that gives a broker's key its value, the strongest first. As in Kafka, what comes before the
/// first mention of the key itself is left out.
fn synonyms_of_broker(layers: &Layers, key: &'static Key) -> Vec<Synonym> {
    let alone = [key.name];
    let family = if key.shape.family.is_empty() { &alone[..] } else { key.shape.family };
    let family = || family.iter().filter_map(|name| keys::broker().find(name));
    let mut synonyms = Vec::new();
    for (layer, source) in layers.each() {
        for one in family() {
            let Some(text) = layer.get(one.name) else { continue };
            let value = (!key.is_sensitive()).then(|| text.clone());
            synonyms.push(Synonym { name: one.name, value, source });
        }
    }
    synonyms.extend(family().filter_map(default_of));
    synonyms.into_iter().skip_while(|synonym| synonym.name != key.name).collect()
}

fn default_of(key: &'static Key) -> Option<Synonym> {
    let value = Some(key.default_text()?.to_owned());
    Some(Synonym { name: key.name, value, source: Source::Default })
}

fn shown(key: &Key, value: Option<Value>) -> Option<String> {
    value.filter(|_| !key.is_sensitive()).map(|value| value.to_string())
}

#[cfg(test)]
mod tests;
