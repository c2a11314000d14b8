//! The names of the files and folders of a log, which are Kafka's.

use types::{Offset, PartitionIndex, TopicName, TopicPartition, Uuid};

/// The batches of a segment.
pub(crate) const LOG: &str = "log";
/// The offset index of a segment.
pub(crate) const INDEX: &str = "index";
/// The time index of a segment.
pub(crate) const TIME_INDEX: &str = "timeindex";
/// The producers' state before the offset in the name.
pub(crate) const SNAPSHOT: &str = "snapshot";
/// The index of aborted transactions of a segment.
pub(crate) const TRANSACTION_INDEX: &str = "txnindex";
/// What is behind the name of a file that is about to be removed.
pub(crate) const DELETED: &str = ".deleted";
/// What is behind the names of a segment in the making, which means nothing yet.
pub(crate) const CLEANED: &str = ".cleaned";
/// What is behind the name of a cleaned segment's batches from the moment on at which it counts and
/// the segments that it replaces do not.
pub(crate) const SWAP: &str = ".swap";
/// What is behind the name of a file whose content was not complete.
pub(crate) const TEMPORARY: &str = ".tmp";
/// Where each leader epoch begins.
pub(crate) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
/// The id of the topic.
pub(crate) const PARTITION_METADATA: &str = "partition.metadata";

/// The name of a file that belongs to an offset: 20 digits and a suffix.
pub(crate) fn of_offset(offset: Offset, suffix: &str) -> String {
    format!("{:020}.{suffix}", offset.0)
}

/// The offset and the suffix in a file's name, when it has Kafka's form.
pub(crate) fn parse(name: &str) -> Option<(Offset, &str)> {
    let (digits, suffix) = name.split_once('.')?;
    if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((Offset(digits.parse().ok()?), suffix))
}

/// Whether files with this suffix belong to a segment and mean nothing without it.
pub(crate) fn is_index(suffix: &str) -> bool {
    [INDEX, TIME_INDEX, TRANSACTION_INDEX].contains(&suffix)
}

/// The partition that a folder's name names: the number stands behind the last `-`.
pub(crate) fn parse_partition(name: &str) -> Option<TopicPartition> {
    let (topic, partition) = name.rsplit_once('-')?;
    let topic = TopicName::parse(topic).ok()?;
    let number: i32 = partition.parse().ok()?;
    // "+7", "007" and "-7" are numbers too, but not what we would write.
    if number < 0 || number.to_string() != partition {
        return None;
    }
    Some(TopicPartition { topic, partition: PartitionIndex(number) })
}

/// The name of a partition's folder on its way out: long topic names are cut, as Kafka does, so
/// that the name stays a legal file name.
pub(crate) fn of_deleted_partition(folder: &str, id: Uuid) -> String {
    with_suffix(folder, id, "delete")
}

/// The name of a partition's folder that the cluster does not know.
pub(crate) fn of_stray_partition(folder: &str, id: Uuid) -> String {
    with_suffix(folder, id, "stray")
}

fn with_suffix(folder: &str, id: Uuid, word: &str) -> String {
    let suffix = format!(".{:032x}-{word}", u128::from_be_bytes(*id.as_bytes()));
    let kept = folder.len().min(255 - suffix.len());
    format!("{}{suffix}", &folder[..kept])
}

/// Whether a folder is one on its way out.
pub(crate) fn is_deleted_partition(name: &str) -> bool {
    name.ends_with("-delete")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_offset_have_twenty_digits() {
        assert_eq!(of_offset(Offset(42), LOG), "00000000000000000042.log");
        assert_eq!(parse("00000000000000000042.log"), Some((Offset(42), LOG)));
        assert_eq!(parse("42.log"), None);
        assert_eq!(parse("99999999999999999999.log"), None);
        assert_eq!(parse("leader-epoch-checkpoint"), None);
    }

    #[test]
    fn a_folder_names_its_partition_behind_the_last_dash() {
        let parsed = parse_partition("a-b-12").unwrap();
        assert_eq!((parsed.topic.as_str(), parsed.partition.0), ("a-b", 12));
        assert_eq!(parse_partition("a-b-012"), None);
        assert_eq!(
            parse_partition("a--1"),
            TopicName::parse("a-")
                .ok()
                .map(|topic| { TopicPartition { topic, partition: PartitionIndex(1) } })
        );
        assert_eq!(parse_partition("a.0f-delete"), None);
    }

    #[test]
    fn a_deleted_folder_keeps_a_legal_length() {
        let name = of_deleted_partition(&"t".repeat(251), Uuid::from_u128(255));
        assert_eq!(name.len(), 255);
        assert!(is_deleted_partition(&name));
        let short = of_deleted_partition("chat-3", Uuid::from_u128(255));
        assert_eq!(short, "chat-3.000000000000000000000000000000ff-delete");
    }
}
