//! Which value holds: what is set for one broker, above what is set for all, above what its file
//! says, above the default.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    dynamic::{self, Scope},
    key::{Key, Unit},
    keys,
    value::Value,
};

/// What is set, by key.
pub type Texts = BTreeMap<String, String>;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It was set for the resource itself: the topic, the group, the subscription.
    Resource,
    /// It was set for this broker.
    Broker,
    /// It was set for all brokers.
    AllBrokers,
    /// The broker's file says it.
    File,
    /// Nobody has set it.
    Default,
}

/// What is set for one broker, layer by layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layers {
    own: Texts,
    cluster: Texts,
    file: Arc<Texts>,
}

impl Layers {
    /// The layers of a broker with nothing but a file, whose keys have been checked.
    #[must_use]
    pub fn of_file(file: Arc<Texts>) -> Layers {
        Layers { own: Texts::new(), cluster: Texts::new(), file }
    }

    /// These layers with other dynamic ones. As in Kafka, a value that cannot be is as if it were
    /// not there: it may have been set by a version that knows more.
    #[must_use]
    pub fn with_dynamic<'a>(
        &self,
        own: impl IntoIterator<Item = (&'a str, &'a str)>,
        cluster: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Layers {
        Layers {
            own: checked(Scope::OneBroker, own),
            cluster: checked(Scope::AllBrokers, cluster),
            file: Arc::clone(&self.file),
        }
    }

    /// What is set for all brokers.
    #[must_use]
    pub fn cluster(&self) -> &Texts {
        &self.cluster
    }

    /// The dynamic layers and the file, the strongest first.
    pub(crate) fn each(&self) -> [(&Texts, Source); 3] {
        [
            (&self.own, Source::Broker),
            (&self.cluster, Source::AllBrokers),
            (&self.file, Source::File),
        ]
    }

    /// The value of one of the broker's keys and where it comes from. Of several keys for the same
    /// thing only the one asked for is looked at.
    #[must_use]
    pub fn value(&self, key: &Key) -> Option<(Value, Source)> {
        let set = self.each().into_iter().find_map(|(layer, source)| {
            let value = key.parse(layer.get(key.name)?).ok()?;
            Some((value, source))
        });
        let default = || Some((key.parse(key.default_text()?).ok()?, Source::Default));
        set.or_else(default)
    }

    /// The value that a key of a topic has where the topic does not say, and where it comes from.
    #[must_use]
    pub fn topic_default(&self, key: &Key) -> Option<(Value, Source)> {
        let set = self.each().into_iter().find_map(|(layer, source)| {
            let mut broker = key.shape.broker.iter();
            let value = broker.find_map(|(name, unit)| in_units_of(key, *unit, layer.get(*name)?));
            Some((value?, source))
        });
        let default = || Some((key.parse(key.default_text()?).ok()?, Source::Default));
        set.or_else(default)
    }

    /// All that is set for this broker in whichever layer, as if it stood in its file. Keys for the
    /// same thing that a stronger layer sets are left out, as in Kafka.
    #[must_use]
    pub fn merged(&self) -> Texts {
        let mut merged = (*self.file).clone();
        for layer in [&self.cluster, &self.own] {
            for (name, text) in layer {
                let family = keys::broker().find(name).map_or(&[][..], |key| key.shape.family);
                for other in family {
                    merged.remove(*other);
                }
                merged.insert(name.clone(), text.clone());
            }
        }
        merged
    }
}

fn checked<'a>(scope: Scope, set: impl IntoIterator<Item = (&'a str, &'a str)>) -> Texts {
    let set = set.into_iter().filter(|(name, text)| dynamic::check(scope, name, text).is_ok());
    set.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// What a broker's text means for a topic's key; negative times are without end in every unit.
fn in_units_of(key: &Key, unit: Unit, text: &str) -> Option<Value> {
    if unit == Unit::Same {
        return key.parse(text).ok();
    }
    let number: i64 = text.trim().parse().ok()?;
    let scaled = if number < 0 { -1 } else { number.checked_mul(unit.factor())? };
    key.parse(&scaled.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(file: &[(&str, &str)]) -> Layers {
        let texts = file.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Layers::of_file(Arc::new(texts.collect()))
    }

    fn topic_default(layers: &Layers, name: &str) -> (String, Source) {
        let key = keys::topic().find(name).unwrap();
        let (value, source) = layers.topic_default(key).unwrap();
        (value.to_string(), source)
    }

    #[test]
    fn the_defaults_of_topics_are_those_of_the_brokers_keys() {
        let nothing = Layers::default();
        for key in keys::topic().iter() {
            let mut broker = key.shape.broker.iter();
            let converted = broker.find_map(|(name, unit)| {
                let default = keys::broker().find(name).unwrap().default_text()?;
                in_units_of(key, *unit, default)
            });
            let own = nothing.topic_default(key).map(|(value, _)| value);
            if !key.shape.broker.is_empty() {
                assert_eq!(converted, own, "{}", key.name);
            }
        }
    }

    #[test]
    fn milliseconds_win_over_minutes_and_hours() {
        let hours = layers(&[("log.retention.hours", "1")]);
        assert_eq!(topic_default(&hours, "retention.ms"), ("3600000".into(), Source::File));
        let both = layers(&[("log.retention.hours", "1"), ("log.retention.minutes", "2")]);
        assert_eq!(topic_default(&both, "retention.ms"), ("120000".into(), Source::File));
        let forever = layers(&[("log.retention.hours", "-1")]);
        assert_eq!(topic_default(&forever, "retention.ms"), ("-1".into(), Source::File));
    }

    #[test]
    fn a_stronger_layer_wins_whatever_its_unit() {
        let file = layers(&[("log.retention.ms", "7"), ("log.retention.hours", "1")]);
        let cluster = file.with_dynamic([], [("log.retention.ms", "5")]);
        assert_eq!(topic_default(&cluster, "retention.ms"), ("5".into(), Source::AllBrokers));
        let own = file.with_dynamic([("log.retention.ms", "3")], [("log.retention.ms", "5")]);
        assert_eq!(topic_default(&own, "retention.ms"), ("3".into(), Source::Broker));
        assert_eq!(own.merged(), Texts::from([("log.retention.ms".into(), "3".into())]));
    }

    #[test]
    fn what_cannot_be_set_dynamically_is_as_if_it_were_not_there() {
        let dynamic = [("num.partitions", "3"), ("log.retention.ms", "a week"), ("none", "1")];
        let layers = layers(&[]).with_dynamic(dynamic, dynamic);
        assert_eq!(layers, Layers::default());
    }
}
