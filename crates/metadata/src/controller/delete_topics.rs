//! Topics are deleted.

use std::collections::{BTreeMap, BTreeSet};

use types::{TopicId, TopicName};

use super::{Decision, RECORDS_MAX, TooManyRecords};
use crate::{
    image::{Image, Topic},
    records::RemoveTopicRecord,
};

/// How a request refers to a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The request has the name more than once.
    #[error("Duplicate topic name.")]
    RepeatedName,
    /// The request has the id more than once.
    #[error("Duplicate topic id.")]
    RepeatedId,
    /// The request has the topic's name and its id.
    #[error("The provided topic name maps to an ID that was already supplied.")]
    NameAndId,
}

/// Deletes topics, each for itself; one that the request refers to twice stays.
///
/// # Errors
/// When there are more than [`RECORDS_MAX`]; nothing is deleted then.
pub fn delete_topics(
    image: &Image,
    topics: &[TopicRef],
) -> Result<Decision<Vec<DeleteTopicResult>>, TooManyRecords> {
    let (mut records, mut answer) = (Vec::new(), Vec::with_capacity(topics.len()));
    let counts = References::count(image, topics);
    let mut seen = BTreeSet::new();
    for reference in topics.iter().filter(|reference| seen.insert(*reference)) {
        let outcome = match find(image, reference) {
            _ if counts.by_reference[reference] > 1 => Err(repeated(reference)),
            Ok(topic) if counts.by_topic[&topic.id] > 1 => Err(DeleteTopicError::NameAndId),
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

/// How often a request refers to each topic, and by what.
struct References<'a> {
    by_reference: BTreeMap<&'a TopicRef, usize>,
    /// By how many different references each topic is meant.
    by_topic: BTreeMap<TopicId, usize>,
}

impl<'a> References<'a> {
    fn count(image: &Image, topics: &'a [TopicRef]) -> References<'a> {
        let mut by_reference = BTreeMap::new();
        for reference in topics {
            *by_reference.entry(reference).or_default() += 1;
        }
        let mut by_topic = BTreeMap::new();
        for topic in by_reference.keys().filter_map(|reference| find(image, reference).ok()) {
            *by_topic.entry(topic.id).or_default() += 1;
        }
        References { by_reference, by_topic }
    }
}

fn repeated(reference: &TopicRef) -> DeleteTopicError {
    match reference {
        TopicRef::Name(_) => DeleteTopicError::RepeatedName,
        TopicRef::Id(_) => DeleteTopicError::RepeatedId,
    }
}

fn find<'a>(image: &'a Image, reference: &TopicRef) -> Result<&'a Topic, DeleteTopicError> {
    match reference {
        TopicRef::Name(name) => image.topics.named(name).ok_or(DeleteTopicError::UnknownName),
        TopicRef::Id(id) => image.topics.get(*id).ok_or(DeleteTopicError::UnknownId),
    }
}
