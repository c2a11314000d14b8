//! Topic names and Kafka's rules for them (`org.apache.kafka.common.internals.Topic`).

use std::{borrow::Borrow, fmt, sync::Arc};

/// The topics that belong to Kafka itself.
const INTERNAL: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// A legal topic name; cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(Arc<str>);

/// Why a text is no topic name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicName {
    /// The name has no characters.
    #[error("the empty string is not allowed")]
    Empty,
    /// The name is `.` or `..`, which would name a folder.
    #[error("'{0}' is not allowed")]
    Dots(String),
    /// The name has more than [`TopicName::LENGTH_MAX`] bytes.
    #[error("the topic name has {0} characters, at most {max} are allowed", max = TopicName::LENGTH_MAX)]
    TooLong(usize),
    /// The name holds a character outside `[a-zA-Z0-9._-]`.
    #[error(
        "'{0}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    )]
    Character(String),
}

impl TopicName {
    /// The longest name Kafka allows, in bytes.
    pub const LENGTH_MAX: usize = 249;

    /// Checks a text against Kafka's rules.
    ///
    /// # Errors
    /// Says which rule the name breaks.
    pub fn parse(name: &str) -> Result<TopicName, InvalidTopicName> {
        if name.is_empty() {
            return Err(InvalidTopicName::Empty);
        }
        if name == "." || name == ".." {
            return Err(InvalidTopicName::Dots(name.to_owned()));
        }
        if name.len() > TopicName::LENGTH_MAX {
            return Err(InvalidTopicName::TooLong(name.len()));
        }
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
            return Err(InvalidTopicName::Character(name.to_owned()));
        }
        Ok(TopicName(name.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the topic is one of Kafka's own, which clients may not change.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        INTERNAL.contains(&self.as_str())
    }

    /// The name with `.` replaced by `_`: two topics of one such name would share metric names.
    #[must_use]
    pub fn collision_key(&self) -> String {
        self.0.replace('.', "_")
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, formatter)
    }
}

impl Borrow<str> for TopicName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_kafkas_rules() {
        assert!(TopicName::parse("chat.messages_v2-eu").is_ok());
        assert!(TopicName::parse(&"a".repeat(249)).is_ok());
        assert_eq!(TopicName::parse(""), Err(InvalidTopicName::Empty));
        assert_eq!(TopicName::parse(".."), Err(InvalidTopicName::Dots("..".into())));
        assert_eq!(TopicName::parse(&"a".repeat(250)), Err(InvalidTopicName::TooLong(250)));
        assert_eq!(TopicName::parse("a/b"), Err(InvalidTopicName::Character("a/b".into())));
    }
}
