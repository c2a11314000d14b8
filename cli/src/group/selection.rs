//! Which partitions are meant: `--topic messages:0,2`.

use std::collections::BTreeSet;
use std::str::FromStr;

use client::Client;
use types::{PartitionIndex, TopicName, TopicPartition};

use crate::{Failure, topic};

/// A topic, and perhaps only some of its partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) topic: TopicName,
    /// The partitions; all when none is named.
    partitions: Vec<PartitionIndex>,
}

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Selection, String> {
        let (topic, numbers) = match text.split_once(':') {
            Some((topic, numbers)) => (topic, Some(numbers)),
            None => (text, None),
        };
        let number = |text: &str| {
            let number = text.parse().ok().filter(|number| *number >= 0).map(PartitionIndex);
            number.ok_or_else(|| "write TOPIC or TOPIC:0,2".to_owned())
        };
        let partitions = match numbers {
            Some(numbers) => numbers.split(',').map(number).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        Ok(Selection { topic: topic::name(topic)?, partitions })
    }
}

/// The partitions that are meant; all of them have to be there.
pub(super) async fn partitions(
    client: &Client,
    selections: &[Selection],
) -> Result<BTreeSet<TopicPartition>, Failure> {
    let names: Vec<TopicName> = selections.iter().map(|it| it.topic.clone()).collect();
    let cluster = topic::find(client, &names).await?;
    let mut found = BTreeSet::new();
    for Selection { topic, partitions } in selections {
        let Some(Ok(described)) = cluster.topics.get(topic) else { continue };
        let all = described.partitions.keys().copied();
        let wanted: Vec<_> = if partitions.is_empty() { all.collect() } else { partitions.clone() };
        for partition in wanted {
            if !described.partitions.contains_key(&partition) {
                return Err(Failure::Failed(format!(
                    "topic {topic} has no partition {partition}: its {} are numbered from 0",
                    described.partitions.len()
                )));
            }
            found.insert(TopicPartition { topic: topic.clone(), partition });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_stands_alone_or_with_some_of_its_partitions() {
        let some: Selection = "chat:0,2".parse().unwrap();
        assert_eq!(some.topic.as_str(), "chat");
        assert_eq!(some.partitions, [PartitionIndex(0), PartitionIndex(2)]);
        assert_eq!("chat".parse::<Selection>().unwrap().partitions, []);
        for text in ["", ":1", "chat:", "chat:x", "chat:-1", "a/b"] {
            assert!(text.parse::<Selection>().is_err(), "{text}");
        }
    }
}
