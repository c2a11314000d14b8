//! Topics are deleted.

use std::collections::BTreeSet;

use types::{TopicId, TopicName};

use super::{Decision, RECORDS_MAX, TooManyRecords};
use crate::{
    image::{Image, Topic},
    records::RemoveTopicRecord,
};

/// How a request refers to a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicRef {
    /// By its name.
    Name(String),
    /// By its id.
    Id(TopicId),
}

/// What became of one topic of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteTopicResult {
    /// What the request said.
    pub topic: TopicRef,
    /// The topic that is gone, or why there is none.
    pub outcome: Result<(TopicId, TopicName), DeleteTopicError>,
}

/// Why a topic is not deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeleteTopicError {
    /// No topic has the name.
    #[error("This server does not host this topic-partition.")]
    UnknownName,
    /// No topic has the id.
    #[error("This server does not host this topic ID.")]
    UnknownId,
    /// The request names the topic more than once.
    #[error("The provided topic name or ID was already supplied.")]
    Repeated,
}

/// Deletes topics, each for itself.
///
/// # Errors
/// When there are more than [`RECORDS_MAX`]; nothing is deleted then.
pub fn delete_topics(
    image: &Image,
    topics: &[TopicRef],
) -> Result<Decision<Vec<DeleteTopicResult>>, TooManyRecords> {
    let (mut records, mut answer) = (Vec::new(), Vec::with_capacity(topics.len()));
    let mut deleted = BTreeSet::new();
    for reference in topics {
        let outcome = match find(image, reference) {
            Ok(topic) if !deleted.insert(topic.id) => Err(DeleteTopicError::Repeated),
            Ok(topic) => {
                records.push(RemoveTopicRecord { topic_id: topic.id.0 }.into());
                Ok((topic.id, topic.name.clone()))
            }
            Err(unknown) => Err(unknown),
        };
        answer.push(DeleteTopicResult { topic: reference.clone(), outcome });
    }
    if records.len() > RECORDS_MAX {
        return Err(TooManyRecords);
    }
    Ok(Decision { records, answer })
}

fn find<'a>(image: &'a Image, reference: &TopicRef) -> Result<&'a Topic, DeleteTopicError> {
    match reference {
        TopicRef::Name(name) => image.topics.named(name).ok_or(DeleteTopicError::UnknownName),
        TopicRef::Id(id) => image.topics.get(*id).ok_or(DeleteTopicError::UnknownId),
    }
}
