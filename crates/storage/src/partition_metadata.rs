//! `partition.metadata`: the id of the topic that a folder belongs to.

use types::TopicId;

/// The content of the file.
pub(crate) fn encode(topic_id: TopicId) -> String {
    format!("version: 0\ntopic_id: {}", topic_id.0)
}

/// The id; none when the file makes no sense, as after a crash while it was written.
pub(crate) fn decode(bytes: &[u8]) -> Option<TopicId> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    if lines.next()? != "version: 0" {
        return None;
    }
    let id: types::Uuid = lines.next()?.strip_prefix("topic_id: ")?.trim().parse().ok()?;
    (!id.is_zero()).then_some(TopicId(id))
}

#[cfg(test)]
mod tests {
    use types::Uuid;

    use super::*;

    #[test]
    fn the_topic_id_is_read_back_and_a_torn_file_has_none() {
        let text = encode(TopicId(Uuid::from_u128(1)));
        assert_eq!(text, "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!(decode(text.as_bytes()), Some(TopicId(Uuid::from_u128(1))));
        for size in 0..text.len() {
            assert_eq!(decode(&text.as_bytes()[..size]), None);
        }
    }
}
