//! What topics get when neither their creator nor their own configuration says otherwise.

use configuration::keys;

use super::reader::Reader;

/// Defaults for topics. Those that a topic may set for itself stay texts: they can be changed while
/// the broker runs.
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
}

impl TopicDefaults {
    pub(super) fn read(reader: &mut Reader) -> TopicDefaults {
        let factor = reader.number_within("default.replication.factor", 1..=i64::from(i16::MAX));
        let partitions = reader.number("num.partitions");
        TopicDefaults {
            partitions: i32::try_from(partitions).expect("the bounds are those of an i32"),
            replication_factor: i16::try_from(factor).expect("the bounds are those of an i16"),
            auto_create: reader.flag("auto.create.topics.enable"),
            may_be_deleted: reader.flag("delete.topic.enable"),
        }
    }
}

/// Says what is wrong with one of the keys that a topic may set for itself.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn check_topic_config(key: &str, value: &str) -> Result<(), String> {
    let accepted = keys::topic().get(key).and_then(|key| key.accept(value));
    accepted.map(drop).map_err(|invalid| invalid.to_string())
}
