//! What is to be done for a cluster, in order and with reasons. Pure: the same observation always
//! gives the same plan, and a cluster that is as wanted gives an empty one.

use std::fmt;

use configuration::keys;
use serde::Serialize;
use types::BrokerId;

use super::identity::FirstVoter;
use super::observe::{FoundConfig, Observation};
use super::properties;
use super::rollout;
use super::{Identity, Properties};
use crate::config::{self, Change};
use crate::crd::APPROVED_PLAN;
use crate::crd::cluster::{Apply, DeletionPolicy};
use crate::refusal::Refusal;
use crate::world::{ObservedBroker, Phase};

/// The steps towards what the manifest wants.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// In this order.
    pub steps: Vec<Step>,
    /// Whether the steps that disturb clients wait for approval.
    pub waits_for_approval: bool,
    /// Why the next restart waits, in one sentence.
    pub blocked_by: Option<String>,
    /// Why there are no steps, when the manifest asks for what cannot be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all_fields = "camelCase")]
pub enum Step {
    /// Draw the ids of a new cluster.
    DrawIdentity {
        /// The voters it begins with.
        voters: Vec<FirstVoter>,
    },
    /// Take over volumes that hold a cluster already.
    AdoptIdentity {
        /// What they say.
        identity: Identity,
    },
    /// Run a broker that does not run.
    StartBroker {
        /// Its id.
        broker: i32,
        /// The address of its first listener.
        address: String,
        /// What it is run with; nothing while the cluster has no identity.
        #[serde(skip)]
        properties: Option<Properties>,
    },
    /// Stop a broker and run it with other properties.
    RestartBroker {
        /// Its id.
        broker: i32,
        /// Why.
        changes: Vec<Change>,
        /// What it is run with.
        #[serde(skip)]
        properties: Properties,
    },
    /// Write down that the quorum has come to life.
    MarkBootstrapped,
    /// Change keys of all brokers while they run.
    AlterConfig {
        /// The keys.
        changes: Vec<Change>,
    },
    /// Write down which keys are set for all brokers.
    RememberConfig,
    /// Stop a broker.
    StopBroker {
        /// Its id.
        broker: i32,
    },
    /// Remove a broker's volume with all records on it.
    RemoveVolume {
        /// Its id.
        broker: i32,
    },
    /// Let go of the object.
    Release,
}

/// Says what is to be done.
#[must_use]
pub fn plan(seen: &Observation) -> Plan {
    let refused = seen.refusal.clone().filter(|_| !seen.is_being_deleted());
    let steps = match (&refused, seen.is_being_deleted()) {
        (Some(_), _) => Vec::new(),
        (None, true) => takedown(seen),
        (None, false) => towards_spec(seen),
    };
    let restarts: Vec<Step> = steps.iter().filter(|step| step.is_restart()).cloned().collect();
    let blocked_by = rollout::obstacle(seen, &restarts);
    let mut plan = Plan { steps, waits_for_approval: false, blocked_by, refused };
    plan.waits_for_approval = plan.is_disruptive() && !is_approved(seen, &plan);
    plan
}

/// An approval holds for all of the rollout that began with it.
fn is_approved(seen: &Observation, plan: &Plan) -> bool {
    let before = seen.cluster.status.as_ref().and_then(|status| status.rollout.as_ref());
    let hash = match rollout::continued(before, plan) {
        Some(rollout) => rollout.plan.clone(),
        None => plan.hash(),
    };
    let approved =
        seen.cluster.metadata.annotations.as_ref().and_then(|all| all.get(APPROVED_PLAN));
    match seen.cluster.spec.apply {
        Apply::Auto => true,
        Apply::Manual => {
            seen.is_being_deleted() || approved.is_some_and(|approved| *approved == hash)
        }
    }
}

fn towards_spec(seen: &Observation) -> Vec<Step> {
    let identity = seen.identity();
    let mut steps = Vec::new();
    if identity.is_none() {
        steps.push(gain_identity(seen));
    }
    if let Some(identity) = &identity
        && !identity.quorum.bootstrapped
        && seen.found.values().any(|broker| broker.phase == Phase::Ready)
    {
        steps.push(Step::MarkBootstrapped);
    }
    let is_running = seen.found.values().any(|broker| broker.phase != Phase::Stopped);
    let config = towards_config(seen);
    if is_running {
        // Before any restart: what is refused is refused before anything is disturbed.
        steps.extend(config.clone());
    }
    let brokers = seen.wanted.keys();
    let mut brokers: Vec<Step> =
        brokers.filter_map(|broker| towards_broker(seen, identity.as_ref(), *broker)).collect();
    // Starts first; then the restarts of those who serve nobody, which cost nothing.
    brokers.sort_by_key(|step| match step.disturbed() {
        None => 0,
        Some(broker) if is_ready(seen, broker) => 2,
        Some(_) => 1,
    });
    steps.extend(brokers);
    if !is_running {
        steps.extend(config);
    }
    let surplus = seen.found.iter().filter(|(id, _)| !seen.wanted.contains_key(id));
    steps.extend(surplus.filter_map(|(id, broker)| stop(*id, broker)));
    steps
}

fn gain_identity(seen: &Observation) -> Step {
    if let Some(identity) = seen.on_volumes.clone() {
        return Step::AdoptIdentity { identity };
    }
    let voters = seen.wanted.iter().map(|(id, broker)| FirstVoter {
        id: id.0,
        endpoint: broker.site.endpoints.controller.clone(),
    });
    Step::DrawIdentity { voters: voters.collect() }
}

fn towards_broker(seen: &Observation, identity: Option<&Identity>, id: BrokerId) -> Option<Step> {
    let site = &seen.wanted.get(&id)?.site;
    let wanted =
        identity.map(|identity| properties::wanted(&seen.cluster.spec, identity, id, site));
    let found = seen.found.get(&id);
    let running = found.and_then(|broker| broker.properties.as_ref().map(|it| (broker, it)));
    if site.waits_for.is_some() {
        return None;
    }
    match (running, wanted) {
        (None, properties) => {
            let address = site.endpoints.listeners.first().map(|first| first.address.clone());
            Some(Step::StartBroker {
                broker: id.0,
                address: address.unwrap_or_default(),
                properties,
            })
        }
        (Some((broker, running)), Some(properties)) => {
            let mut changes = running.changes(&properties);
            changes.extend(properties::differing(&broker.template, &site.template));
            (!changes.is_empty()).then_some(Step::RestartBroker {
                broker: id.0,
                changes,
                properties,
            })
        }
        (Some(_), None) => None,
    }
}

/// The keys that all brokers are told while they run.
fn towards_config(seen: &Observation) -> Option<Step> {
    let FoundConfig::Known(found) = &seen.config else { return None };
    let wanted = properties::dynamic(&seen.cluster.spec);
    let owned = seen.cluster.status_or_default().config.unwrap_or_default();
    let changes = config::changes(keys::broker(), &wanted, &owned, found);
    match (changes.is_empty(), owned == wanted) {
        (true, true) => None,
        (true, false) => Some(Step::RememberConfig),
        (false, _) => Some(Step::AlterConfig { changes }),
    }
}

fn stop(id: BrokerId, broker: &ObservedBroker) -> Option<Step> {
    (broker.phase != Phase::Stopped).then_some(Step::StopBroker { broker: id.0 })
}

fn is_ready(seen: &Observation, broker: i32) -> bool {
    seen.found.get(&BrokerId(broker)).is_some_and(|broker| broker.phase == Phase::Ready)
}

fn takedown(seen: &Observation) -> Vec<Step> {
    let mut steps: Vec<Step> =
        seen.found.iter().filter_map(|(id, broker)| stop(*id, broker)).collect();
    for pool in &seen.cluster.spec.pools {
        if pool.storage.deletion_policy == DeletionPolicy::Delete {
            let ids = pool.ids.first..pool.ids.first + pool.replicas;
            steps.extend(ids.map(|broker| Step::RemoveVolume { broker }));
        }
    }
    steps.push(Step::Release);
    steps
}

impl Plan {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether a step disturbs clients.
    #[must_use]
    pub fn is_disruptive(&self) -> bool {
        self.steps.iter().any(Step::is_disruptive)
    }

    /// Names exactly the disruptive steps of this plan. FNV-1a: it must be the same tomorrow and in
    /// the next version, and nobody gains by forging his own approval.
    #[must_use]
    pub fn hash(&self) -> String {
        let disruptive: Vec<&Step> =
            self.steps.iter().filter(|step| step.is_disruptive()).collect();
        let text = serde_json::to_string(&disruptive).expect("a plan is plain data");
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}

impl Step {
    /// Whether the step takes from clients what they have.
    #[must_use]
    pub fn is_disruptive(&self) -> bool {
        match self {
            Self::RestartBroker { .. } | Self::StopBroker { .. } | Self::RemoveVolume { .. } => {
                true
            }
            Self::DrawIdentity { .. }
            | Self::AdoptIdentity { .. }
            | Self::StartBroker { .. }
            | Self::MarkBootstrapped
            | Self::AlterConfig { .. }
            | Self::RememberConfig
            | Self::Release => false,
        }
    }
}

impl Step {
    /// One word in CamelCase, for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::DrawIdentity { .. } => "DrawIdentity",
            Self::AdoptIdentity { .. } => "AdoptIdentity",
            Self::StartBroker { .. } => "StartBroker",
            Self::RestartBroker { .. } => "RestartBroker",
            Self::MarkBootstrapped => "MarkBootstrapped",
            Self::AlterConfig { .. } => "AlterConfig",
            Self::RememberConfig => "RememberConfig",
            Self::StopBroker { .. } => "StopBroker",
            Self::RemoveVolume { .. } => "RemoveVolume",
            Self::Release => "Release",
        }
    }

    /// Whether a broker that is meant to run is stopped and run again.
    #[must_use]
    pub fn is_restart(&self) -> bool {
        matches!(self, Self::RestartBroker { .. })
    }

    /// The broker that the step takes from its clients.
    #[must_use]
    pub fn disturbed(&self) -> Option<i32> {
        if let Self::RestartBroker { broker, .. } | Self::StopBroker { broker } = self {
            return Some(*broker);
        }
        None
    }

    /// Whether the step only writes down what has happened.
    #[must_use]
    pub fn is_bookkeeping(&self) -> bool {
        matches!(self, Self::MarkBootstrapped | Self::RememberConfig)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DrawIdentity { .. } => formatter.write_str("draw the ids of a new cluster"),
            Self::AdoptIdentity { identity } => {
                write!(formatter, "take over the data of cluster id {}", identity.cluster_id)
            }
            Self::StartBroker { broker, address, .. } => {
                write!(formatter, "start broker {broker} on {address}")
            }
            Self::RestartBroker { broker, changes, .. } => {
                write!(formatter, "restart broker {broker}: {}", config::sentence(changes))
            }
            Self::MarkBootstrapped => formatter.write_str("note that the metadata quorum lives"),
            Self::AlterConfig { changes } => {
                write!(formatter, "tell all brokers: {}", config::sentence(changes))
            }
            Self::RememberConfig => formatter.write_str("note what all brokers were told"),
            Self::StopBroker { broker } => write!(formatter, "stop broker {broker}"),
            Self::RemoveVolume { broker } => {
                write!(formatter, "remove the data of broker {broker}")
            }
            Self::Release => formatter.write_str("remove the object"),
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
