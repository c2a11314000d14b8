//! What can be configured for a topic, by Kafka's keys.
//!
//! A key that has an effect here takes all its values; one of Kafka's that has none yet takes only
//! its default, so that nobody relies on what does not work.

use std::{collections::BTreeMap, ops::RangeInclusive};

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
    /// `compression.lz4.level`.
    pub lz4_level: i32,
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
            lz4_level: 9,
            zstd_level: 3,
            decompressed_bytes_max: 256 << 20,
        }
    }
}

/// Kafka's keys for topics that have no effect here, with the only value they take.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("follower.replication.throttled.replicas", ""),
    ("internal.segment.bytes", ""),
    ("leader.replication.throttled.replicas", ""),
    ("local.retention.bytes", "-2"),
    ("local.retention.ms", "-2"),
    ("preallocate", "false"),
    ("remote.log.copy.disable", "false"),
    ("remote.log.delete.on.disable", "false"),
    ("remote.storage.enable", "false"),
    ("unclean.leader.election.enable", "false"),
];

impl TopicConfig {
    /// Sets one key from its text.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is allowed.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let number = |range: RangeInclusive<i64>| number(key, value, range);
        let size = |least: i64| number(least..=i64::from(i32::MAX)).map(size_of_number);
        match key {
            "segment.bytes" => self.log.segment_bytes = size(1 << 20)?,
            "segment.ms" => self.log.segment_ms = number(1..=i64::MAX)?,
            "segment.jitter.ms" => self.log.segment_jitter_ms = number(0..=i64::MAX)?,
            "segment.index.bytes" => self.log.segment_index_bytes = size(4)?,
            "index.interval.bytes" => self.log.index_interval_bytes = size(0)?,
            "retention.ms" => self.log.retention_ms = number(-1..=i64::MAX)?,
            "retention.bytes" => self.log.retention_bytes = number(-1..=i64::MAX)?,
            "cleanup.policy" => self.log.cleanup_policy = cleanup_policy(key, value)?,
            "min.cleanable.dirty.ratio" => self.log.dirty_ratio_min = share(key, value)?,
            "min.compaction.lag.ms" => self.log.compaction_lag_ms_min = number(0..=i64::MAX)?,
            "max.compaction.lag.ms" => self.log.compaction_lag_ms_max = number(1..=i64::MAX)?,
            "delete.retention.ms" => self.log.delete_retention_ms = number(0..=i64::MAX)?,
            "flush.messages" => self.log.flush_messages = number(1..=i64::MAX)?,
            "flush.ms" => self.log.flush_ms = number(0..=i64::MAX)?,
            "max.message.bytes" => self.log.max_message_bytes = size(0)?,
            "file.delete.delay.ms" => self.log.file_delete_delay_ms = number(0..=i64::MAX)?,
            "message.timestamp.type" => {
                self.log.message_timestamp_type = timestamp_type(key, value)?;
            }
            "message.timestamp.before.max.ms" => {
                self.timestamp_before_ms_max = number(0..=i64::MAX)?;
            }
            "message.timestamp.after.max.ms" => {
                self.timestamp_after_ms_max = number(0..=i64::MAX)?;
            }
            "compression.type" => self.codec = codec(key, value)?,
            "compression.gzip.level" => self.gzip_level = gzip_level(key, value)?,
            "compression.lz4.level" => self.lz4_level = level(number(1..=17)?),
            "compression.zstd.level" => self.zstd_level = level(number(-131_072..=22)?),
            // Capped at the number of replicas, which is one.
            "min.insync.replicas" => drop(number(1..=i64::from(i32::MAX))?),
            _ => check_without_effect(key, value)?,
        }
        Ok(())
    }

    /// Checks what no key can be checked for alone.
    ///
    /// # Errors
    /// A sentence that says which keys contradict each other.
    pub fn check_together(&self) -> Result<(), String> {
        let (least, most) = (self.log.compaction_lag_ms_min, self.log.compaction_lag_ms_max);
        if least > most {
            return Err(format!(
                "conflict topic config setting min.compaction.lag.ms ({least}) > \
                 max.compaction.lag.ms ({most})"
            ));
        }
        Ok(())
    }

    /// This configuration with a topic's own keys on top; keys that are wrong keep their default,
    /// since they were checked when they were set.
    #[must_use]
    pub fn with<'a>(&self, overrides: impl IntoIterator<Item = (&'a str, &'a str)>) -> TopicConfig {
        let mut config = self.clone();
        for (key, value) in overrides {
            if let Err(reason) = config.set(key, value) {
                tracing::warn!(reason, "left a topic's configuration at its default");
            }
        }
        config
    }

    /// All keys with their values, those without effect included.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, String> {
        let log = &self.log;
        let codec = self.codec.map_or("producer", codec_name);
        let with_effect = [
            ("cleanup.policy", cleanup_policy_names(log.cleanup_policy).to_owned()),
            ("compression.gzip.level", self.gzip_level.to_string()),
            ("compression.lz4.level", self.lz4_level.to_string()),
            ("compression.type", codec.to_owned()),
            ("compression.zstd.level", self.zstd_level.to_string()),
            ("delete.retention.ms", log.delete_retention_ms.to_string()),
            ("file.delete.delay.ms", log.file_delete_delay_ms.to_string()),
            ("flush.messages", log.flush_messages.to_string()),
            ("flush.ms", log.flush_ms.to_string()),
            ("index.interval.bytes", log.index_interval_bytes.to_string()),
            ("max.compaction.lag.ms", log.compaction_lag_ms_max.to_string()),
            ("max.message.bytes", log.max_message_bytes.to_string()),
            ("message.timestamp.after.max.ms", self.timestamp_after_ms_max.to_string()),
            ("message.timestamp.before.max.ms", self.timestamp_before_ms_max.to_string()),
            ("message.timestamp.type", timestamp_type_name(log.message_timestamp_type).to_owned()),
            ("min.cleanable.dirty.ratio", format!("{:?}", log.dirty_ratio_min)),
            ("min.compaction.lag.ms", log.compaction_lag_ms_min.to_string()),
            ("min.insync.replicas", "1".to_owned()),
            ("retention.bytes", log.retention_bytes.to_string()),
            ("retention.ms", log.retention_ms.to_string()),
            ("segment.bytes", log.segment_bytes.to_string()),
            ("segment.index.bytes", log.segment_index_bytes.to_string()),
            ("segment.jitter.ms", log.segment_jitter_ms.to_string()),
            ("segment.ms", log.segment_ms.to_string()),
        ];
        let without = WITHOUT_EFFECT.iter().filter(|(key, _)| !key.starts_with("internal."));
        let without = without.map(|(key, value)| (*key, (*value).to_owned()));
        with_effect.into_iter().chain(without).map(|(key, value)| (key.to_owned(), value)).collect()
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
            Codec::None | Codec::Snappy => return Compression::new(codec),
            Codec::Gzip if self.gzip_level == -1 => return Compression::new(codec),
            Codec::Gzip => self.gzip_level,
            Codec::Lz4 => self.lz4_level,
            Codec::Zstd => self.zstd_level,
        };
        Compression::with_level(codec, level).expect("levels were checked when they were set")
    }
}

fn number(key: &str, value: &str, range: RangeInclusive<i64>) -> Result<i64, String> {
    let number: i64 = value
        .trim()
        .parse()
        .map_err(|_| format!("Invalid value {value} for configuration {key}: not a number"))?;
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = (range.start(), range.end());
    Err(format!("Invalid value {value} for configuration {key}: it must be from {least} to {most}"))
}

fn share(key: &str, value: &str) -> Result<f64, String> {
    let share: f64 = value
        .trim()
        .parse()
        .map_err(|_| format!("Invalid value {value} for configuration {key}: not a number"))?;
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(format!("Invalid value {value} for configuration {key}: it must be from 0 to 1"))
}

/// A list of policies, each at most once; the empty one keeps everything.
fn cleanup_policy(key: &str, value: &str) -> Result<CleanupPolicy, String> {
    let invalid = |reason| format!("Invalid value {value} for configuration {key}: {reason}");
    let mut policy = CleanupPolicy { delete: false, compact: false };
    if value.trim().is_empty() {
        return Ok(policy);
    }
    for word in value.split(',') {
        let known = match word.trim() {
            "delete" => &mut policy.delete,
            "compact" => return Err(invalid("this version does not compact logs")),
            _ => return Err(invalid("it must be a list of delete and compact")),
        };
        if std::mem::replace(known, true) {
            return Err(invalid("no policy may be named twice"));
        }
    }
    Ok(policy)
}

fn cleanup_policy_names(policy: CleanupPolicy) -> &'static str {
    match (policy.compact, policy.delete) {
        (false, false) => "",
        (false, true) => "delete",
        (true, false) => "compact",
        (true, true) => "compact,delete",
    }
}

fn size_of_number(number: i64) -> u32 {
    u32::try_from(number).expect("the range of a size lies within u32")
}

fn level(number: i64) -> i32 {
    i32::try_from(number).expect("the range of a level lies within i32")
}

fn gzip_level(key: &str, value: &str) -> Result<i32, String> {
    if value.trim() == "-1" {
        return Ok(-1);
    }
    number(key, value, 1..=9).map(level)
}

fn timestamp_type(key: &str, value: &str) -> Result<TimestampType, String> {
    match value {
        "CreateTime" => Ok(TimestampType::CreateTime),
        "LogAppendTime" => Ok(TimestampType::LogAppendTime),
        other => Err(format!(
            "Invalid value {other} for configuration {key}: it must be CreateTime or LogAppendTime"
        )),
    }
}

fn timestamp_type_name(timestamp_type: TimestampType) -> &'static str {
    match timestamp_type {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::None => "uncompressed",
        Codec::Gzip => "gzip",
        Codec::Snappy => "snappy",
        Codec::Lz4 => "lz4",
        Codec::Zstd => "zstd",
    }
}

fn codec(key: &str, value: &str) -> Result<Option<Codec>, String> {
    match value {
        "producer" => Ok(None),
        "uncompressed" => Ok(Some(Codec::None)),
        "gzip" => Ok(Some(Codec::Gzip)),
        "snappy" => Ok(Some(Codec::Snappy)),
        "lz4" => Ok(Some(Codec::Lz4)),
        "zstd" => Ok(Some(Codec::Zstd)),
        other => Err(format!(
            "Invalid value {other} for configuration {key}: it must be producer, uncompressed, \
             gzip, snappy, lz4 or zstd"
        )),
    }
}

fn check_without_effect(key: &str, value: &str) -> Result<(), String> {
    match WITHOUT_EFFECT.iter().find(|(known, _)| *known == key) {
        None => Err(format!("Unknown topic config name: {key}")),
        Some((_, only)) if *only == value => Ok(()),
        Some((_, only)) => Err(format!(
            "Invalid value {value} for configuration {key}: this version supports only its \
             default, '{only}'"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_an_effect_are_taken_within_kafkas_bounds() {
        let mut config = TopicConfig::default();
        config.set("retention.ms", "604800000").unwrap();
        config.set("flush.messages", "1").unwrap();
        config.set("compression.type", "zstd").unwrap();
        assert_eq!((config.log.retention_ms, config.log.flush_messages), (604_800_000, 1));
        assert_eq!(config.codec, Some(Codec::Zstd));
    }

    #[test]
    fn wrong_values_are_refused_with_what_is_allowed() {
        let refusal = |key, value| TopicConfig::default().set(key, value).unwrap_err();
        assert!(refusal("segment.bytes", "14").contains("from 1048576 to 2147483647"));
        assert!(refusal("retention.ms", "a week").contains("not a number"));
        assert!(refusal("compression.type", "brotli").contains("zstd"));
        assert!(refusal("cleanup.policy", "shrink").contains("a list of delete and compact"));
        assert!(refusal("cleanup.policy", "delete,delete").contains("twice"));
        assert!(refusal("cleanup.policy", "compact").contains("does not compact"));
        assert!(refusal("min.cleanable.dirty.ratio", "1.5").contains("from 0 to 1"));
        assert!(refusal("max.compaction.lag.ms", "0").contains("from 1 to"));
        assert_eq!(refusal("retention.msec", "1"), "Unknown topic config name: retention.msec");
    }

    #[test]
    fn without_a_policy_records_are_kept_for_ever() {
        let mut config = TopicConfig::default();
        config.set("cleanup.policy", "").unwrap();
        assert_eq!(config.log.cleanup_policy, CleanupPolicy { delete: false, compact: false });
        assert_eq!(config.values()["cleanup.policy"], "");
    }

    #[test]
    fn the_least_compaction_lag_is_not_above_the_most() {
        let mut config = TopicConfig::default();
        config.set("max.compaction.lag.ms", "100").unwrap();
        config.set("min.compaction.lag.ms", "100").unwrap();
        assert_eq!(config.check_together(), Ok(()));
        config.set("min.compaction.lag.ms", "101").unwrap();
        let refusal = config.check_together().unwrap_err();
        assert_eq!(
            refusal,
            "conflict topic config setting min.compaction.lag.ms (101) > max.compaction.lag.ms (100)"
        );
    }

    #[test]
    fn only_compacted_topics_need_keys() {
        let mut config = TopicConfig::default();
        assert!(!config.produce_rules().requires_keys);
        config.log.cleanup_policy = CleanupPolicy::COMPACT;
        assert!(config.produce_rules().requires_keys);
    }

    #[test]
    fn every_value_that_is_shown_can_be_set() {
        let mut config = TopicConfig::default();
        config.set("compression.type", "lz4").unwrap();
        for (key, value) in config.values() {
            config.set(&key, &value).unwrap();
        }
        assert_eq!(config.values()["compression.type"], "lz4");
        assert_eq!(config.values()["cleanup.policy"], "delete");
    }

    #[test]
    fn a_topics_keys_stand_on_top_of_the_brokers_defaults() {
        let mut defaults = TopicConfig::default();
        defaults.set("segment.bytes", "2097152").unwrap();
        let topic = defaults.with([("max.message.bytes", "1000")]);
        assert_eq!(topic.log.segment_bytes, 2_097_152);
        assert_eq!(topic.produce_rules().batch_size_max, 1000);
    }
}
