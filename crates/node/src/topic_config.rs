//! What can be configured for a topic, by Kafka's keys.
//!
//! Which keys there are and what they can be, the crate `configuration` says; this is the form in
//! which a partition goes by them.

use configuration::{Layers, Source, Value, keys};
use protocol::records::{Codec, Compression, ProduceRules, TimestampRule, TimestampType};
use storage::{CleanupPolicy, LogConfig};

/// A topic's configuration: the broker's defaults with the topic's own keys on top.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicConfig {
    /// What concerns the log.
    pub log: LogConfig,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_ms_max: i64,
    /// `message.timestamp.after.max.ms`; Kafka's default is an hour.
    pub timestamp_after_ms_max: i64,
    /// `compression.type`; none for `producer`.
    pub codec: Option<Codec>,
    /// `compression.gzip.level`; -1 is the library's own choice.
    pub gzip_level: i32,
    /// `compression.zstd.level`.
    pub zstd_level: i32,
    /// The most the records of one batch may take when they are decompressed.
    pub decompressed_bytes_max: usize,
}

impl Default for TopicConfig {
    fn default() -> TopicConfig {
        TopicConfig {
            log: LogConfig::default(),
            timestamp_before_ms_max: i64::MAX,
            timestamp_after_ms_max: 3_600_000,
            codec: None,
            gzip_level: -1,
            zstd_level: 3,
            decompressed_bytes_max: 256 << 20,
        }
    }
}

impl TopicConfig {
    /// This configuration with one key changed.
    fn set(&mut self, key: &str, value: &Value) {
        let log = &mut self.log;
        match key {
            "segment.bytes" => log.segment_bytes = size(value),
            "segment.ms" => log.segment_ms = value.number(),
            "segment.jitter.ms" => log.segment_jitter_ms = value.number(),
            "segment.index.bytes" => log.segment_index_bytes = size(value),
            "index.interval.bytes" => log.index_interval_bytes = size(value),
            "retention.ms" => log.retention_ms = value.number(),
            "retention.bytes" => log.retention_bytes = value.number(),
            "cleanup.policy" => log.cleanup_policy = cleanup_policy(value.items()),
            "min.cleanable.dirty.ratio" => log.dirty_ratio_min = value.double(),
            "min.compaction.lag.ms" => log.compaction_lag_ms_min = value.number(),
            "max.compaction.lag.ms" => log.compaction_lag_ms_max = value.number(),
            "delete.retention.ms" => log.delete_retention_ms = value.number(),
            "flush.messages" => log.flush_messages = value.number(),
            "flush.ms" => log.flush_ms = value.number(),
            "max.message.bytes" => log.max_message_bytes = size(value),
            "file.delete.delay.ms" => log.file_delete_delay_ms = value.number(),
            "message.timestamp.type" => log.message_timestamp_type = timestamp_type(value.text()),
            "message.timestamp.before.max.ms" => self.timestamp_before_ms_max = value.number(),
            "message.timestamp.after.max.ms" => self.timestamp_after_ms_max = value.number(),
            "compression.type" => self.codec = codec(value.text()),
            "compression.gzip.level" => self.gzip_level = level(value),
            "compression.zstd.level" => self.zstd_level = level(value),
            // All others have no effect, or, as `min.insync.replicas`, none while a partition has
            // one replica.
            _ => {}
        }
    }

    /// This configuration with what a broker's layers say on top.
    #[must_use]
    pub fn with_defaults(&self, layers: &Layers) -> TopicConfig {
        let mut config = self.clone();
        for key in keys::topic().iter() {
            match layers.topic_default(key) {
                Some((_, Source::Default)) | None => {}
                Some((value, _)) => config.set(key.name, &value),
            }
        }
        config
    }

    /// This configuration with a topic's own keys on top; keys that are wrong keep their default,
    /// since they were checked when they were set.
    #[must_use]
    pub fn with<'a>(&self, overrides: impl IntoIterator<Item = (&'a str, &'a str)>) -> TopicConfig {
        let mut config = self.clone();
        for (name, text) in overrides {
            match keys::topic().get(name).and_then(|key| key.parse(text)) {
                Ok(value) => config.set(name, &value),
                Err(reason) => {
                    tracing::warn!(%reason, "left a topic's configuration at its default");
                }
            }
        }
        config
    }

    /// What batches have to keep to.
    #[must_use]
    pub fn produce_rules(&self) -> ProduceRules {
        ProduceRules {
            batch_size_max: usize::try_from(self.log.max_message_bytes).unwrap_or(usize::MAX),
            decompressed_size_max: self.decompressed_bytes_max,
            compression: self.codec.map(|codec| self.compression(codec)),
            accepts_zstd: true,
            accepts_transactional: false,
            requires_keys: self.log.cleanup_policy.compact,
            timestamps: match self.log.message_timestamp_type {
                TimestampType::CreateTime => TimestampRule::CreateTime {
                    before_ms_max: self.timestamp_before_ms_max,
                    after_ms_max: self.timestamp_after_ms_max,
                },
                TimestampType::LogAppendTime => TimestampRule::LogAppendTime,
            },
        }
    }

    fn compression(&self, codec: Codec) -> Compression {
        let level = match codec {
            Codec::None | Codec::Snappy | Codec::Lz4 => return Compression::new(codec),
            Codec::Gzip if self.gzip_level == -1 => return Compression::new(codec),
            Codec::Gzip => self.gzip_level,
            Codec::Zstd => self.zstd_level,
        };
        Compression::with_level(codec, level).expect("levels were checked when they were set")
    }
}

fn size(value: &Value) -> u32 {
    u32::try_from(value.number()).expect("the table bounds sizes to what an i32 holds")
}

fn level(value: &Value) -> i32 {
    i32::try_from(value.number()).expect("the table bounds levels to what an i32 holds")
}

fn cleanup_policy(items: &[String]) -> CleanupPolicy {
    let has = |policy: &str| items.iter().any(|item| item == policy);
    CleanupPolicy { delete: has("delete"), compact: has("compact") }
}

fn timestamp_type(word: &str) -> TimestampType {
    if word == "LogAppendTime" { TimestampType::LogAppendTime } else { TimestampType::CreateTime }
}

/// The codec to store with; none for `producer`.
fn codec(word: &str) -> Option<Codec> {
    match word {
        "uncompressed" => Some(Codec::None),
        "gzip" => Some(Codec::Gzip),
        "snappy" => Some(Codec::Snappy),
        "lz4" => Some(Codec::Lz4),
        "zstd" => Some(Codec::Zstd),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use configuration::{Effect, Texts};

    use super::*;

    #[test]
    fn keys_with_an_effect_set_their_field() {
        let set = [
            ("retention.ms", "5"),
            ("flush.messages", "1"),
            ("compression.type", "zstd"),
            ("cleanup.policy", ""),
            ("min.cleanable.dirty.ratio", "0.25"),
        ];
        let config = TopicConfig::default().with(set);
        assert_eq!((config.log.retention_ms, config.log.flush_messages), (5, 1));
        assert_eq!(config.codec, Some(Codec::Zstd));
        assert_eq!(config.log.cleanup_policy, CleanupPolicy { delete: false, compact: false });
        assert!((config.log.dirty_ratio_min - 0.25).abs() < f64::EPSILON);
    }

    #[test]
    fn the_tables_defaults_are_the_structs_own() {
        let keys = keys::topic().iter();
        let defaults = keys.filter_map(|key| Some((key.name, key.default_text()?)));
        assert_eq!(TopicConfig::default().with(defaults), TopicConfig::default());
    }

    #[test]
    fn every_key_with_an_effect_changes_the_struct() {
        let other = |name| match name {
            "cleanup.policy" => "compact",
            "compression.type" => "lz4",
            "message.timestamp.type" => "LogAppendTime",
            "min.cleanable.dirty.ratio" => "0.25",
            "segment.bytes" => "2097152",
            _ => "7",
        };
        for key in keys::topic().iter().filter(|key| key.shape.effect != Effect::None) {
            let changed = TopicConfig::default().with([(key.name, other(key.name))]);
            // With one replica there is nothing that it could change.
            let is_visible = key.name != "min.insync.replicas";
            assert_eq!(changed != TopicConfig::default(), is_visible, "{}", key.name);
        }
    }

    #[test]
    fn a_value_that_cannot_be_leaves_the_default() {
        let config = TopicConfig::default().with([("segment.bytes", "14"), ("no.such", "1")]);
        assert_eq!(config, TopicConfig::default());
    }

    #[test]
    fn only_compacted_topics_need_keys() {
        let mut config = TopicConfig::default();
        assert!(!config.produce_rules().requires_keys);
        config.log.cleanup_policy = CleanupPolicy::COMPACT;
        assert!(config.produce_rules().requires_keys);
    }

    #[test]
    fn a_topics_keys_stand_on_top_of_the_brokers_defaults() {
        let file = Texts::from([("log.segment.bytes".to_owned(), "2097152".to_owned())]);
        let defaults = TopicConfig::default().with_defaults(&Layers::of_file(Arc::new(file)));
        let topic = defaults.with([("max.message.bytes", "1000")]);
        assert_eq!(topic.log.segment_bytes, 2_097_152);
        assert_eq!(topic.produce_rules().batch_size_max, 1000);
    }
}
