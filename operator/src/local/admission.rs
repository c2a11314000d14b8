//! What an API server and a reconciler would say of manifests, said before anything is touched.
//!
//! Each object alone was checked when it was parsed. Here come the checks that need more: the object
//! as it is stored, the other objects, this machine, the running cluster.

use std::collections::{BTreeMap, BTreeSet};

use types::{BrokerId, Uuid};

use super::ports;
use super::proposal::{Change, ObjectProposal, Proposal};
use super::store::ObjectStore;
use super::{Processes, Program, notes};
use crate::cluster::{self, Identity, observe::WantedBroker, properties};
use crate::crd::{Cluster, Topic};
use crate::manifest::object::rules_broken;
use crate::manifest::{Kind, Manifest, Object, ObjectId, Origin, Problem, Problems};
use crate::topic;
use crate::world::{KafkaAdmin, ObservedBroker, WorkloadError};

/// What the checks look at.
pub struct Admission<'a, A> {
    /// The objects there are.
    pub store: &'a ObjectStore,
    /// The brokers there are.
    pub processes: &'a Processes,
    /// The program brokers run.
    pub program: &'a Program,
    /// Its version.
    pub version: &'a str,
    /// How the cluster is asked, and where, when it is ready.
    pub kafka: (&'a A, Option<&'a str>),
}

/// Why manifests are not taken in.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// They are wrong.
    #[error(transparent)]
    Refused(#[from] Problems),
    /// The machine could not be looked at.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// The broker's own check could not be run.
    #[error("failed to have the broker check its configuration: {0}")]
    Check(#[source] std::io::Error),
}

impl<A: KafkaAdmin> Admission<'_, A> {
    /// What the manifests would change, or everything that is wrong with them.
    pub async fn admit(&self, manifests: &[Manifest]) -> Result<Proposal, AdmissionError> {
        let mut problems = self.against_the_store(manifests);
        refuse(&mut problems)?;
        problems.extend(self.topics_refused_by_the_broker(manifests).await?);
        let mut objects = Vec::new();
        for manifest in manifests {
            objects.push(self.propose(manifest, manifests, &mut problems).await?);
        }
        refuse(&mut problems)?;
        Ok(Proposal { notes: notes::without_effect(manifests), objects })
    }

    /// The checks that read nothing but objects.
    fn against_the_store(&self, manifests: &[Manifest]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for manifest in manifests {
            let old = self.store.find(&manifest.object.id());
            if old.as_ref().is_some_and(|old| old.meta().deletion_timestamp.is_some()) {
                let sentence = "is being deleted: apply it again when it is gone";
                problems.push(manifest.origin.problem("metadata.name", sentence));
            }
            let broken = rules_broken(&manifest.object, old.as_ref());
            problems.extend(broken.into_iter().map(|broken| manifest.origin.problem_of(broken)));
            match &manifest.object {
                Object::Cluster(cluster) => {
                    problems.extend(self.wrong_version(cluster, &manifest.origin));
                    problems.extend(self.second_cluster(&manifest.object.id(), &manifest.origin));
                }
                Object::Topic(topic) => {
                    problems.extend(self.wrong_neighbours(topic, &manifest.origin, manifests));
                }
            }
        }
        problems
    }

    fn wrong_version(&self, cluster: &Cluster, origin: &Origin) -> Option<Problem> {
        let version = cluster.spec.version.as_deref().filter(|version| *version != self.version)?;
        let sentence = format!(
            "this is Klamm {}, and on a laptop brokers run the same program: write {}, or leave version out, instead of {version}",
            self.version, self.version
        );
        Some(origin.problem("spec.version", sentence))
    }

    fn second_cluster(&self, id: &ObjectId, origin: &Origin) -> Option<Problem> {
        let stored = self.store.list().into_iter().map(|object| object.id());
        let first = stored.into_iter().find(|other| other.kind == Kind::Cluster && other != id)?;
        let sentence =
            format!("this folder holds {first} already; give {id} a folder of its own with --data");
        Some(origin.problem("metadata.name", sentence))
    }

    fn wrong_neighbours(
        &self,
        topic: &Topic,
        origin: &Origin,
        manifests: &[Manifest],
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let together = self.together(manifests);
        let cluster = ObjectId { kind: Kind::Cluster, name: topic.spec.cluster.clone() };
        if !together.contains_key(&cluster) {
            let sentence =
                format!("there is no {cluster}, neither in these manifests nor in this folder");
            problems.push(origin.problem("spec.cluster", sentence));
        }
        let twin = together.values().find(|other| is_twin(topic, other));
        if let Some(twin) = twin {
            let sentence = format!(
                "{} stands for the Kafka topic `{}` already",
                twin.id(),
                topic.kafka_name()
            );
            let path = if topic.spec.name.is_some() { "spec.name" } else { "metadata.name" };
            problems.push(origin.problem(path, sentence));
        }
        problems
    }

    /// The objects there will be.
    fn together(&self, manifests: &[Manifest]) -> BTreeMap<ObjectId, Object> {
        let stored = self.store.list().into_iter();
        let new = manifests.iter().map(|manifest| manifest.object.clone());
        stored.chain(new).map(|object| (object.id(), object)).collect()
    }

    async fn propose(
        &self,
        manifest: &Manifest,
        manifests: &[Manifest],
        problems: &mut Vec<Problem>,
    ) -> Result<ObjectProposal, AdmissionError> {
        let id = manifest.object.id();
        let old = self.store.find(&id);
        let (object, put) = self.store.merged(manifest.object.clone());
        let change = Change::between(old.as_ref(), &object, put);
        let (steps, plan) = match object {
            Object::Cluster(cluster) => {
                let mut seen = cluster::observe::observe(*cluster, self.processes).await?;
                self.observe_config(&mut seen).await;
                problems.extend(self.unfit_for_this_machine(&seen, &manifest.origin).await?);
                let plan = cluster::plan::plan(&seen);
                let steps = plan.steps.iter().map(ToString::to_string).collect();
                (steps, serde_json::to_value(&plan))
            }
            Object::Topic(topic) => {
                let plan = self.plan_topic(*topic, manifests).await;
                if let topic::Plan::Refuse(refusal) = &plan {
                    problems
                        .push(manifest.origin.problem(&refusal.path, refusal.sentence.as_str()));
                }
                (plan.sentences(), serde_json::to_value(&plan))
            }
        };
        let plan = plan.expect("a plan is plain data");
        Ok(ObjectProposal { id, change, steps, plan })
    }

    /// While the cluster does not run, or is about to be made, what was last known has to do.
    async fn observe_config(&self, seen: &mut cluster::Observation) {
        match self.kafka {
            (admin, Some(_)) => cluster::observe::observe_config(seen, admin).await,
            (_, None) => cluster::observe::remember_config(seen),
        }
    }

    /// As with the cluster, what was last known may have to do.
    async fn plan_topic(&self, topic: Topic, manifests: &[Manifest]) -> topic::Plan {
        let (admin, bootstrap) = self.kafka;
        let cluster = ObjectId { kind: Kind::Cluster, name: topic.spec.cluster.clone() };
        let is_new = self.store.find(&cluster).is_none()
            && manifests.iter().any(|manifest| manifest.object.id() == cluster);
        let seen = match bootstrap {
            Some(bootstrap) if !is_new => {
                topic::observe::observe(topic, &[], topic::Reach::At(bootstrap), admin).await
            }
            Some(_) | None => topic::observe::remembered(topic),
        };
        topic::plan::plan(&seen)
    }

    async fn unfit_for_this_machine(
        &self,
        seen: &cluster::Observation,
        origin: &Origin,
    ) -> Result<Vec<Problem>, AdmissionError> {
        let mut problems = Vec::new();
        for (broker, wanted) in &seen.wanted {
            let own = own_addresses(seen.found.get(broker));
            let taken = ports::taken(*broker, wanted, &own);
            problems.extend(taken.into_iter().map(|taken| origin.problem_of(taken)));
            problems.extend(self.refused_by_the_broker(seen, *broker, wanted, origin).await?);
        }
        Ok(problems)
    }

    async fn topics_refused_by_the_broker(
        &self,
        manifests: &[Manifest],
    ) -> Result<Vec<Problem>, AdmissionError> {
        let topics = manifests.iter().filter_map(|manifest| match &manifest.object {
            Object::Topic(topic) => Some((&topic.spec.config, &manifest.origin)),
            Object::Cluster(_) => None,
        });
        let (configs, origins): (Vec<_>, Vec<_>) = topics.unzip();
        let complaints =
            self.program.check_topics(&configs).await.map_err(AdmissionError::Check)?;
        let problems = complaints.into_iter().filter_map(|complaint| {
            let origin = origins.get(complaint.index)?;
            Some(origin.problem(&format!("spec.config.{}", complaint.key), complaint.sentence))
        });
        Ok(problems.collect())
    }

    async fn refused_by_the_broker(
        &self,
        seen: &cluster::Observation,
        broker: BrokerId,
        wanted: &WantedBroker,
        origin: &Origin,
    ) -> Result<Vec<Problem>, AdmissionError> {
        // A new cluster has no ids yet; any will do, since nothing is run with them.
        let identity =
            seen.identity().unwrap_or_else(|| Identity::draw(&[], || Uuid::from_u128(1 << 64)));
        let properties = properties::checked(&seen.cluster.spec, &identity, broker, &wanted.site);
        let complaints = self.program.check(&properties).await.map_err(AdmissionError::Check)?;
        let problems = complaints
            .into_iter()
            .map(|complaint| origin.problem(&properties.path_of(&complaint), complaint.sentence));
        Ok(problems.collect())
    }
}

/// The one cluster these manifests are about; none when there are no manifests.
pub fn one_cluster(manifests: &[Manifest]) -> Result<Option<String>, Problems> {
    let mut first: Option<String> = None;
    let mut problems = Vec::new();
    for Manifest { object, origin } in manifests {
        let (path, name) = match object {
            Object::Cluster(_) => ("metadata.name", object.id().name),
            Object::Topic(topic) => ("spec.cluster", topic.spec.cluster.clone()),
        };
        let cluster = first.get_or_insert_with(|| name.clone());
        if *cluster != name {
            let sentence = format!(
                "this is about cluster {name}, and what stands before it about cluster {cluster}: one `klamm up` runs one cluster"
            );
            problems.push(origin.problem(path, sentence));
        }
    }
    refuse(&mut problems)?;
    Ok(first)
}

fn refuse(problems: &mut Vec<Problem>) -> Result<(), Problems> {
    if problems.is_empty() { Ok(()) } else { Err(Problems(std::mem::take(problems))) }
}

/// Another object that stands for the same topic.
fn is_twin(topic: &Topic, other: &Object) -> bool {
    match other {
        Object::Cluster(_) => false,
        Object::Topic(other) => topic.is_managed() && topic::rivals::is_rival(topic, other),
    }
}

/// The addresses that are taken by the very broker they are wanted for.
fn own_addresses(found: Option<&ObservedBroker>) -> BTreeSet<String> {
    let Some(properties) = found.and_then(|found| found.properties.as_ref()) else {
        return BTreeSet::new();
    };
    let values = ["listeners", "klamm.admin.listener"].map(|key| properties.0.get(key));
    let addresses = values.into_iter().flatten().flat_map(|value| value.split(','));
    addresses.map(|address| address.rsplit('/').next().unwrap_or(address).to_owned()).collect()
}
