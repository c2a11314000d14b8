//! What topics get when neither their creator nor their own configuration says otherwise.

use super::reader::Reader;

const I32_MAX: i64 = i32::MAX as i64;
const HOUR_MS: i64 = 3_600_000;

/// Defaults for topics and their logs; times in milliseconds, as Kafka has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicDefaults {
    /// `num.partitions`.
    pub partitions: i32,
    /// `default.replication.factor`.
    pub replication_factor: i16,
    /// `auto.create.topics.enable`: whether asking for an unknown topic creates it.
    pub auto_create: bool,
    /// `delete.topic.enable`.
    pub may_be_deleted: bool,
    /// The configuration of topics by the names that topics have for it, such as `retention.ms`.
    pub values: Vec<(&'static str, String)>,
}

impl TopicDefaults {
    pub(super) fn read(reader: &mut Reader) -> TopicDefaults {
        let factor = reader.number("default.replication.factor", 1, 1..=i64::from(i16::MAX));
        let partitions = reader.number("num.partitions", 1, 1..=I32_MAX);
        TopicDefaults {
            partitions: i32::try_from(partitions).expect("the bounds are those of an i32"),
            replication_factor: i16::try_from(factor).expect("the bounds are those of an i16"),
            auto_create: reader.flag("auto.create.topics.enable", true),
            may_be_deleted: reader.flag("delete.topic.enable", true),
            values: values(reader),
        }
    }

    /// One of the values.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        let found = self.values.iter().find(|(known, _)| *known == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// Says what is wrong with one of the keys that a topic may set for itself.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn check_topic_config(key: &str, value: &str) -> Result<(), String> {
    node::TopicConfig::default().set(key, value)
}

/// Broker keys whose value is that of a topic key, with default and bounds.
const NUMBERS: [(&str, &str, i64, i64, i64); 12] = [
    ("log.segment.bytes", "segment.bytes", 1 << 30, 1 << 20, I32_MAX),
    ("log.index.size.max.bytes", "segment.index.bytes", 10 << 20, 4, I32_MAX),
    ("log.index.interval.bytes", "index.interval.bytes", 4096, 0, I32_MAX),
    ("log.retention.bytes", "retention.bytes", -1, -1, i64::MAX),
    ("log.flush.interval.messages", "flush.messages", i64::MAX, 1, i64::MAX),
    ("log.flush.interval.ms", "flush.ms", i64::MAX, 0, i64::MAX),
    ("log.segment.delete.delay.ms", "file.delete.delay.ms", 60_000, 0, i64::MAX),
    ("message.max.bytes", "max.message.bytes", 1_048_588, 0, I32_MAX),
    (
        "log.message.timestamp.before.max.ms",
        "message.timestamp.before.max.ms",
        i64::MAX,
        0,
        i64::MAX,
    ),
    ("log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms", HOUR_MS, 0, i64::MAX),
    ("compression.lz4.level", "compression.lz4.level", 9, 1, 17),
    ("compression.zstd.level", "compression.zstd.level", 3, -131_072, 22),
];

fn values(reader: &mut Reader) -> Vec<(&'static str, String)> {
    let mut values: Vec<(&'static str, String)> = Vec::new();
    for (key, topic_key, default, least, most) in NUMBERS {
        values.push((topic_key, reader.number(key, default, least..=most).to_string()));
    }
    let mut add = |key, value: String| values.push((key, value));
    add("segment.ms", hours_or_ms(reader, "log.roll.hours", 168, "log.roll.ms").to_string());
    let jitter = hours_or_ms(reader, "log.roll.jitter.hours", 0, "log.roll.jitter.ms");
    add("segment.jitter.ms", jitter.to_string());
    add("retention.ms", retention_ms(reader).to_string());
    let types = ["CreateTime", "LogAppendTime"].map(|word| (word, word));
    add("message.timestamp.type", reader.choice("log.message.timestamp.type", &types).to_owned());
    let codecs = ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"];
    let codec = reader.choice("compression.type", &codecs.map(|word| (word, word)));
    add("compression.type", codec.to_owned());
    add("compression.gzip.level", gzip_level(reader).to_string());
    values
}

/// Kafka has two keys for such a duration, of which the one in milliseconds wins.
fn hours_or_ms(
    reader: &mut Reader,
    hours_key: &'static str,
    hours_default: i64,
    ms_key: &'static str,
) -> i64 {
    let least = hours_default.min(1);
    let hours = reader.number(hours_key, hours_default, least..=I32_MAX);
    reader.number(ms_key, hours * HOUR_MS, least..=i64::MAX)
}

fn retention_ms(reader: &mut Reader) -> i64 {
    let hours = reader.number("log.retention.hours", 168, -1..=I32_MAX);
    let from_hours = if hours < 0 { -1 } else { hours * 60 };
    let minutes = reader.number("log.retention.minutes", from_hours, -1..=I32_MAX * 60);
    let from_minutes = if minutes < 0 { -1 } else { minutes * 60_000 };
    reader.number("log.retention.ms", from_minutes, -1..=i64::MAX)
}

fn gzip_level(reader: &mut Reader) -> i64 {
    let key = "compression.gzip.level";
    let level = reader.number(key, -1, -1..=9);
    if level == 0 {
        reader.problem(key, format!("'{key}' is 0, neither -1 nor between 1 and 9"));
    }
    level
}
