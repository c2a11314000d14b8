//! What a manifest wants that cannot be had, though the API server has stored it: found out before
//! anything is changed.

use std::collections::BTreeMap;

use types::{BrokerId, Uuid};

use super::brokers::Pods;
use super::names;
use super::resources;
use crate::cluster::observe::WantedBroker;
use crate::cluster::properties::{self, Complaint};
use crate::cluster::{Identity, Properties};
use crate::crd::Cluster;
use crate::manifest::object;
use crate::manifest::schema::Violation;
use crate::refusal::Refusal;

/// Says what a broker would not accept in the text of its properties.
pub type CheckProperties = fn(&str) -> Vec<Complaint>;

/// What the definition does not allow, as after an upgrade that allows less.
pub(super) fn of_definition(cluster: &Cluster) -> Option<Refusal> {
    let value = serde_json::to_value(cluster).expect("an object is plain data");
    said(&object::parse(&value).err()?)
}

/// What is wrong with a manifest, in one sentence; what others write beside its `spec` is not.
pub(crate) fn said(violations: &[Violation]) -> Option<Refusal> {
    let theirs = ["metadata", "status"];
    let is_ours = |it: &&Violation| !theirs.iter().any(|field| it.path.starts_with(field));
    let ours = violations.iter().filter(is_ours);
    let first = ours.clone().next()?;
    let more = ours.count() - 1;
    let sentence = match more {
        0 => first.sentence.clone(),
        more => format!("{} (and {more} more)", first.sentence),
    };
    Some(Refusal { path: first.path.clone(), reason: "Malformed".to_owned(), sentence })
}

/// What the brokers themselves would not be run with. Only of our own version do we know that.
pub(super) fn of_config(
    cluster: &Cluster,
    wanted: &BTreeMap<BrokerId, WantedBroker>,
    check: CheckProperties,
) -> Option<Refusal> {
    if cluster.spec.image.is_some() || cluster.spec.config.is_empty() {
        return None;
    }
    // A new cluster has no ids yet; any will do, since nothing is run with them.
    let identity = Identity::of(&cluster.status_or_default());
    let identity = identity.unwrap_or_else(|| Identity::draw(&[], || Uuid::from_u128(1 << 64)));
    wanted.iter().find_map(|(broker, wanted)| {
        let properties = properties::checked(&cluster.spec, &identity, *broker, &wanted.site);
        let mut complaints = check(&properties.text()).into_iter();
        let complaint = complaints.find(|it| is_about(cluster, &properties, it))?;
        let path = properties.path_of(&complaint);
        let reason = "InvalidConfig".to_owned();
        Some(Refusal { path, reason, sentence: complaint.sentence })
    })
}

/// Addresses that are not known yet are not what a user can mend.
fn is_about(cluster: &Cluster, properties: &Properties, complaint: &Complaint) -> bool {
    let key = complaint.line.and_then(|line| properties.key_on_line(line));
    key.is_some_and(|key| cluster.spec.config.contains_key(key))
}

impl Pods<'_> {
    /// What Kubernetes would not make of the pools' templates.
    pub(super) async fn refused_template(&self) -> Option<Refusal> {
        for (index, pool) in self.cluster.spec.pools.iter().enumerate() {
            let refuse = |below: &str, sentence: String| Refusal {
                path: format!("spec.pools[{index}].{below}"),
                reason: "InvalidTemplate".to_owned(),
                sentence,
            };
            let template = match resources::trial(&self.blueprint(), pool) {
                Ok(template) => template,
                Err(error) => return Some(refuse(&error.path, error.sentence)),
            };
            let workload = names::workload(names::name(&self.cluster.metadata), &pool.name);
            if let Some(why) = self.trials.refusal(&self.objects, &workload, template).await {
                let sentence = format!("the API server would make no such Pods: {why}");
                return Some(refuse("template", sentence));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::observe;
    use crate::fakes::{self, World};

    fn complains_of_the_second_key(text: &str) -> Vec<Complaint> {
        let line = text.lines().position(|line| line.starts_with("num.partitions"));
        let line = line.map(|line| line + 1);
        vec![Complaint { line, sentence: "that is no number".to_owned() }]
    }

    fn refused(spec: &str) -> Option<String> {
        let cluster = fakes::cluster(spec);
        let wanted = observe::wanted(&cluster, &World::default());
        of_config(&cluster, &wanted, complains_of_the_second_key).map(|it| it.to_string())
    }

    #[test]
    fn what_the_broker_says_of_a_key_is_said_of_the_manifest() {
        let said = refused("{ config: { num.partitions: many } }");
        assert_eq!(said.as_deref(), Some("spec.config.num.partitions: that is no number"));
    }

    #[test]
    fn what_it_says_of_other_keys_or_what_another_version_would_say_is_not() {
        assert_eq!(refused("{ config: { log.retention.ms: '1' } }"), None);
        assert_eq!(refused("{ image: 'klamm:9', config: { num.partitions: many } }"), None);
    }

    #[test]
    fn what_stands_beside_the_spec_is_nothing_an_author_can_mend() {
        let violation =
            |path: &str| Violation { path: path.to_owned(), sentence: "unknown".to_owned() };
        let all =
            [violation("status.brokers[0].mood"), violation("spec.pool"), violation("spec.x")];
        assert_eq!(said(&all).unwrap().to_string(), "spec.pool: unknown (and 1 more)");
        assert_eq!(said(&all[..1]), None);
    }

    #[test]
    fn what_the_definition_no_longer_allows_is_said_with_its_place() {
        let mut cluster = fakes::cluster("{}");
        assert_eq!(of_definition(&cluster), None);
        cluster.spec.controllers = 3;
        let said = of_definition(&cluster).unwrap().to_string();
        assert!(said.starts_with("spec.controllers: this version runs one"), "{said}");
    }
}
