//! What is to be done for a topic. Pure: the same observation always gives the same plan.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::observe::{Found, Observation};
use crate::crd::cluster::{ConfigValue, DeletionPolicy};
use crate::crd::{TopicSpec, TopicStatus};
use crate::world::{KafkaTopic, NewTopic};

/// What is to be done for a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "plan", content = "about")]
pub enum Plan {
    /// It is as the manifest wants it.
    Nothing,
    /// One step.
    Take(Step),
    /// Nothing, for a reason its author has to settle.
    Refuse(Refusal),
    /// Nothing yet.
    Wait(String),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", content = "with", rename_all_fields = "camelCase")]
pub enum Step {
    /// Make the topic.
    Create(NewTopic),
    /// Take over a topic that is there already.
    Adopt(KafkaTopic),
    /// Write down the id of the topic that was made.
    Remember(KafkaTopic),
    /// Grow it.
    AddPartitions {
        /// How many there are.
        from: i32,
        /// How many there will be.
        to: i32,
    },
    /// Delete it with all its records.
    Delete,
    /// Let go of the object.
    Release,
}

/// Why nothing is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The field that cannot be carried out.
    pub path: String,
    /// One word, for the condition.
    pub reason: String,
    /// One sentence.
    pub sentence: String,
}

/// Says what is to be done.
#[must_use]
pub fn plan(seen: &Observation) -> Plan {
    if seen.topic.metadata.deletion_timestamp.is_some() {
        return takedown(seen);
    }
    match &seen.found {
        Found::Unknown(why) => Plan::Wait(why.clone()),
        Found::NoCluster => Plan::Wait(format!("there is no cluster {}", seen.topic.spec.cluster)),
        Found::Nothing => Plan::Take(Step::Create(new_topic(seen))),
        Found::Topic(found) => towards_spec(seen, found),
    }
}

fn takedown(seen: &Observation) -> Plan {
    match (seen.topic.spec.deletion_policy, &seen.found) {
        (DeletionPolicy::Retain, _)
        | (DeletionPolicy::Delete, Found::Nothing | Found::NoCluster) => Plan::Take(Step::Release),
        (DeletionPolicy::Delete, Found::Topic(found)) => match replaced(seen, found) {
            Some(_) => Plan::Take(Step::Release),
            None => Plan::Take(Step::Delete),
        },
        (DeletionPolicy::Delete, Found::Unknown(why)) => Plan::Wait(why.clone()),
    }
}

fn new_topic(seen: &Observation) -> NewTopic {
    let spec = &seen.topic.spec;
    NewTopic {
        name: seen.topic.kafka_name(),
        partitions: spec.partitions,
        replicas: spec.replicas,
        config: spec.config.iter().map(|(key, value)| (key.clone(), value.0.clone())).collect(),
    }
}

fn towards_spec(seen: &Observation, found: &KafkaTopic) -> Plan {
    let spec = &seen.topic.spec;
    let status = seen.topic.status_or_default();
    let refusals = [
        replaced(seen, found),
        shrinks(spec, found),
        moves(spec, found),
        reconfigures(spec, &status),
    ];
    if let Some(refusal) = refusals.into_iter().flatten().next() {
        return Plan::Refuse(refusal);
    }
    if spec.partitions > found.partitions {
        return Plan::Take(Step::AddPartitions { from: found.partitions, to: spec.partitions });
    }
    match (&status.topic_id, &status.config) {
        (Some(_), _) => Plan::Nothing,
        (None, Some(_)) => Plan::Take(Step::Remember(found.clone())),
        (None, None) => Plan::Take(Step::Adopt(found.clone())),
    }
}

/// A topic of the same name that is not the one this object stood for.
fn replaced(seen: &Observation, found: &KafkaTopic) -> Option<Refusal> {
    let known = seen.topic.status_or_default().topic_id?;
    (known != found.id).then(|| Refusal {
        path: "spec.name".to_owned(),
        reason: "Replaced".to_owned(),
        sentence: format!(
            "the topic was deleted and made again by someone else (its id was {known} and is {}); delete this object and apply it again to take the new topic over",
            found.id
        ),
    })
}

fn shrinks(spec: &TopicSpec, found: &KafkaTopic) -> Option<Refusal> {
    (spec.partitions < found.partitions).then(|| Refusal {
        path: "spec.partitions".to_owned(),
        reason: "CannotShrink".to_owned(),
        sentence: format!(
            "partitions can only grow: the topic has {}, and {} would lose records",
            found.partitions, spec.partitions
        ),
    })
}

fn moves(spec: &TopicSpec, found: &KafkaTopic) -> Option<Refusal> {
    (spec.replicas != found.replicas).then(|| Refusal {
        path: "spec.replicas".to_owned(),
        reason: "CannotMove".to_owned(),
        sentence: format!(
            "the topic has {} replicas, and this version cannot change that to {}",
            found.replicas, spec.replicas
        ),
    })
}

/// The keys of a topic cannot be read or altered yet, so they must be those it was made with.
fn reconfigures(spec: &TopicSpec, status: &TopicStatus) -> Option<Refusal> {
    let refusal = |reason: &str, sentence: String| Refusal {
        path: "spec.config".to_owned(),
        reason: reason.to_owned(),
        sentence,
    };
    match &status.config {
        Some(made_with) if *made_with == spec.config => None,
        Some(made_with) => Some(refusal(
            "CannotAlterConfig",
            format!(
                "this version cannot change the config of a topic that exists: {}",
                difference(made_with, &spec.config)
            ),
        )),
        None if spec.config.is_empty() => None,
        None => Some(refusal(
            "CannotReadConfig",
            "the topic was not made by this object, and this version cannot read the config of a topic: leave config out to take the topic over as it is".to_owned(),
        )),
    }
}

fn difference(old: &BTreeMap<String, ConfigValue>, new: &BTreeMap<String, ConfigValue>) -> String {
    let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
    let words = differing.map(|key| match (old.get(key), new.get(key)) {
        (Some(from), Some(to)) => format!("{key} is {} and was to become {}", from.0, to.0),
        (None, Some(to)) => format!("{key} was to become {}", to.0),
        (Some(from), None) => format!("{key} is {} and was to become the default", from.0),
        (None, None) => key.clone(),
    });
    words.collect::<Vec<_>>().join(", ")
}

impl Plan {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

impl Step {
    /// Whether the step only writes down what has happened.
    #[must_use]
    pub fn is_bookkeeping(&self) -> bool {
        match self {
            Self::Remember(_) => true,
            Self::Create(_)
            | Self::Adopt(_)
            | Self::AddPartitions { .. }
            | Self::Delete
            | Self::Release => false,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(topic) => {
                let count = |count: i32, noun: &str| match count {
                    1 => format!("1 {noun}"),
                    more => format!("{more} {noun}s"),
                };
                let partitions = count(topic.partitions, "partition");
                write!(
                    formatter,
                    "create it with {partitions}, {}",
                    count(topic.replicas, "replica")
                )
            }
            Self::Adopt(topic) => {
                write!(
                    formatter,
                    "take over the existing topic with {} partitions",
                    topic.partitions
                )
            }
            Self::Remember(topic) => write!(formatter, "write down its id {}", topic.id),
            Self::AddPartitions { from, to } => {
                write!(formatter, "grow it from {from} to {to} partitions")
            }
            Self::Delete => formatter.write_str("delete it with all its records"),
            Self::Release => formatter.write_str("remove the object"),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("nothing to do"),
            Self::Take(step) => write!(formatter, "{step}"),
            Self::Refuse(refusal) => write!(formatter, "{}: {}", refusal.path, refusal.sentence),
            Self::Wait(why) => write!(formatter, "wait: {why}"),
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
