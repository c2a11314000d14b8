//! What is to be done for a topic. Pure: the same observation always gives the same plan.

use std::fmt;

use configuration::keys;
use serde::{Deserialize, Serialize};

use super::observe::{Found, Observation};
use crate::config::{self, Change};
use crate::crd::cluster::DeletionPolicy;
use crate::crd::{MANAGED, PAUSED, TopicSpec, TopicStatus};
use crate::refusal::Refusal;
use crate::world::{KafkaTopic, NewTopic, TopicChange};

/// What is to be done for a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "plan", content = "about")]
pub enum Plan {
    /// It is as the manifest wants it.
    Nothing,
    /// These steps in this order; a pass takes the first.
    Take(Vec<Step>),
    /// Nothing, for a reason its author has to settle.
    Refuse(Refusal),
    /// Nothing yet.
    Wait(String),
    /// Nothing, because somebody asked to leave it as it is.
    Leave(Leave),
}

/// What somebody asked to leave as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leave {
    /// The object, for a while.
    Paused,
    /// The topic, for as long as the object says so.
    Unmanaged,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", content = "with", rename_all_fields = "camelCase")]
pub enum Step {
    /// Make the topic.
    Create(NewTopic),
    /// Take over a topic that is there already.
    Adopt(KafkaTopic),
    /// Have the object wait for its topic's deletion once it is deleted.
    Hold,
    /// Have it wait no longer.
    LetGo,
    /// Change its configuration.
    AlterConfig {
        /// The keys.
        changes: Vec<Change>,
    },
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

/// Says what is to be done.
#[must_use]
pub fn plan(seen: &Observation) -> Plan {
    if seen.topic.is_paused() {
        return Plan::Leave(Leave::Paused);
    }
    if seen.topic.metadata.deletion_timestamp.is_some() {
        return takedown(seen);
    }
    if !seen.topic.is_managed() {
        let let_be = Plan::Leave(Leave::Unmanaged);
        return if seen.topic.is_held() { Plan::Take(vec![Step::LetGo]) } else { let_be };
    }
    if let Some(rival) = &seen.rival {
        return Plan::Refuse(second(seen, rival));
    }
    match &seen.found {
        Found::Unknown(why) => Plan::Wait(why.clone()),
        Found::NoCluster => Plan::Wait(format!("there is no cluster {}", seen.topic.spec.cluster)),
        Found::Nothing => {
            let steps = hold(seen).into_iter().chain([Step::Create(new_topic(seen))]);
            Plan::Take(steps.collect())
        }
        Found::Topic(found) => towards_spec(seen, found),
    }
}

/// Only an object whose topic goes with it waits for that.
fn hold(seen: &Observation) -> Option<Step> {
    match (seen.topic.spec.deletion_policy, seen.topic.is_held()) {
        (DeletionPolicy::Delete, false) => Some(Step::Hold),
        (DeletionPolicy::Retain, true) => Some(Step::LetGo),
        (DeletionPolicy::Delete, true) | (DeletionPolicy::Retain, false) => None,
    }
}

/// An object that came later has no say: neither about the topic nor about its end.
fn second(seen: &Observation, first: &str) -> Refusal {
    let path = if seen.topic.spec.name.is_some() { "spec.name" } else { "metadata.name" };
    Refusal {
        path: path.to_owned(),
        reason: "NameTaken".to_owned(),
        sentence: format!(
            "the topic object {first} is older and stands for the Kafka topic `{}` already; delete one of the two",
            seen.topic.kafka_name()
        ),
    }
}

fn takedown(seen: &Observation) -> Plan {
    if !seen.topic.is_managed() || seen.rival.is_some() {
        return Plan::Take(vec![Step::Release]);
    }
    match (seen.topic.spec.deletion_policy, &seen.found) {
        (DeletionPolicy::Retain, _)
        | (DeletionPolicy::Delete, Found::Nothing | Found::NoCluster) => {
            Plan::Take(vec![Step::Release])
        }
        (DeletionPolicy::Delete, Found::Topic(found)) => match replaced(seen, found) {
            Some(_) => Plan::Take(vec![Step::Release]),
            None => Plan::Take(vec![Step::Delete]),
        },
        (DeletionPolicy::Delete, Found::Unknown(why)) => Plan::Wait(format!(
            "{why}, so the topic cannot be deleted yet; to let go of it, set deletionPolicy to Retain"
        )),
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
    let refusals = [replaced(seen, found), shrinks(spec, found), moves(spec, found)];
    if let Some(refusal) = refusals.into_iter().flatten().next() {
        return Plan::Refuse(refusal);
    }
    let mut steps: Vec<Step> = hold(seen).into_iter().collect();
    if status.config.is_none() && status.topic_id.is_none() {
        steps.push(Step::Adopt(found.clone()));
    }
    steps.extend(reconfigure(spec, &status, found));
    if spec.partitions > found.partitions {
        steps.push(Step::AddPartitions { from: found.partitions, to: spec.partitions });
    }
    if steps.is_empty() { Plan::Nothing } else { Plan::Take(steps) }
}

fn reconfigure(spec: &TopicSpec, status: &TopicStatus, found: &KafkaTopic) -> Option<Step> {
    let owned = status.config.clone().unwrap_or_default();
    let changes = config::changes(keys::topic(), &spec.config, &owned, &found.config);
    (!changes.is_empty()).then_some(Step::AlterConfig { changes })
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

impl Plan {
    /// What is to be done, or why it is not, a sentence each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Take(steps) => steps.iter().map(ToString::to_string).collect(),
            Self::Refuse(_) | Self::Wait(_) | Self::Leave(_) => vec![self.to_string()],
        }
    }

    /// Everything that would change the topic, when that is more than one step can do.
    #[must_use]
    pub fn compound_change(&self) -> Option<TopicChange> {
        let Self::Take(steps) = self else { return None };
        let mut change = TopicChange::default();
        let mut count = 0;
        for step in steps {
            match step {
                Step::AlterConfig { changes } => change.config = config::as_request(changes),
                Step::AddPartitions { to, .. } => change.partitions = Some(*to),
                Step::Create(_)
                | Step::Adopt(_)
                | Step::Hold
                | Step::LetGo
                | Step::Delete
                | Step::Release => continue,
            }
            count += 1;
        }
        (count > 1).then_some(change)
    }

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
            Self::Hold | Self::LetGo => true,
            Self::Create(_)
            | Self::Adopt(_)
            | Self::AlterConfig { .. }
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
            Self::Hold => formatter.write_str("have the object wait for the topic's deletion"),
            Self::LetGo => formatter.write_str("have the object wait for nothing"),
            Self::AlterConfig { changes } => {
                write!(formatter, "change its config: {}", config::sentence(changes))
            }
            Self::AddPartitions { from, to } => {
                write!(formatter, "grow it from {from} to {to} partitions")
            }
            Self::Delete => formatter.write_str("delete it with all its records"),
            Self::Release => formatter.write_str("remove the object"),
        }
    }
}

impl fmt::Display for Leave {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused => {
                write!(formatter, "left as it is while the annotation {PAUSED} is true")
            }
            Self::Unmanaged => {
                write!(
                    formatter,
                    "the topic is left as it is while the annotation {MANAGED} is false"
                )
            }
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("nothing to do"),
            Self::Take(steps) => {
                let sentences: Vec<String> = steps.iter().map(ToString::to_string).collect();
                formatter.write_str(&sentences.join("; "))
            }
            Self::Refuse(refusal) => refusal.fmt(formatter),
            Self::Wait(why) => write!(formatter, "wait: {why}"),
            Self::Leave(leave) => leave.fmt(formatter),
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
