//! What this broker goes by: its file, with what the cluster has set for it on top.
//!
//! A value of its own, made anew from each image that changes a broker's configuration; whoever
//! holds one sees no change.

use std::time::Duration;

use configuration::{Layers, Source, Value, keys};
use metadata::{Image, image::ConfigResource};
use types::BrokerId;

use crate::{cleaner::CleanerConfig, config::Config, topic_config::TopicConfig};

/// A broker's configuration as it is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    layers: Layers,
    topics: TopicConfig,
    producer_expiration: Duration,
    cleaner: CleanerConfig,
}

impl Effective {
    /// What holds for a broker with this configuration while the image is in force.
    pub(crate) fn new(config: &Config, image: &Image) -> Effective {
        let layers = layers(&config.file, config.broker, image);
        let topics = config.topics.with_defaults(&layers);
        let producer_expiration = set_number(&layers, "producer.id.expiration.ms")
            .map_or(config.producer_expiration, |ms| Duration::from_millis(ms.unsigned_abs()));
        let cleaner = config.cleaner.with(&layers);
        Effective { layers, topics, producer_expiration, cleaner }
    }

    /// What is set, layer by layer.
    #[must_use]
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// What topics have that do not say otherwise.
    #[must_use]
    pub fn topics(&self) -> &TopicConfig {
        &self.topics
    }

    /// After which time without a batch a producer is forgotten.
    pub(crate) fn producer_expiration(&self) -> Duration {
        self.producer_expiration
    }

    /// What compaction may cost.
    pub(crate) fn cleaner(&self) -> &CleanerConfig {
        &self.cleaner
    }

    /// The value of one of the broker's keys, a whole number.
    ///
    /// # Panics
    /// There is no such key, or it has no value: the table says which have a default.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        self.value(name).number()
    }

    fn value(&self, name: &str) -> Value {
        let key = keys::broker().find(name).expect("the table has the keys that are read");
        self.layers.value(key).expect("keys that are read have a default").0
    }
}

/// A whole number that somebody has set.
fn set_number(layers: &Layers, name: &str) -> Option<i64> {
    let (value, source) = layers.value(keys::broker().find(name)?)?;
    (source != Source::Default).then(|| value.number())
}

/// The layers of a broker's configuration.
pub(crate) fn layers(file: &Layers, broker: BrokerId, image: &Image) -> Layers {
    let own = ConfigResource::broker(broker);
    file.with_dynamic(image.configs.of(&own), image.configs.of(&ConfigResource::all_brokers()))
}
