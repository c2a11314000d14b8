//! Templates of Pods that the API server was asked about.
//!
//! A StatefulSet is taken whatever its Pods are like; what is wrong with them would show only when one
//! is to be made in the place of another that served. The template of no Pods at all (`PodTemplate`) is
//! checked as Pods are, and in a dry run nothing is stored.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::{PodTemplate, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::PostParams;
use kube::core::Status;
use tokio::time::Instant;
use tracing::debug;

use super::names::{self, MANAGER};
use super::objects::Objects;

/// After this long it is asked again about a template that was refused.
const REFUSED_FOR: Duration = Duration::from_secs(60);
/// More than these are known of workloads that have gone; all are then asked about again.
const KNOWN_MAX: usize = 10_000;

/// What is known of the templates of workloads.
#[derive(Default)]
pub(crate) struct Trials(Mutex<BTreeMap<(String, String), Outcome>>);

struct Outcome {
    digest: String,
    refused: Option<(String, Instant)>,
}

impl Trials {
    /// Why there can be no Pods of a workload from this template.
    pub(crate) async fn refusal(
        &self,
        objects: &Objects<'_>,
        workload: &str,
        template: PodTemplateSpec,
    ) -> Option<String> {
        let text = serde_json::to_string(&template).expect("a template is plain data");
        let digest = names::digest(&text);
        let key = (objects.namespace().to_owned(), workload.to_owned());
        if let Some(known) = self.known(&key, &digest) {
            return known;
        }
        let refused = ask(objects, workload, template).await?;
        let mut known = self.lock();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        let until = Instant::now() + REFUSED_FOR;
        let outcome = Outcome { digest, refused: refused.clone().map(|why| (why, until)) };
        known.insert(key, outcome);
        refused
    }

    fn known(&self, key: &(String, String), digest: &str) -> Option<Option<String>> {
        let known = self.lock();
        let outcome = known.get(key).filter(|outcome| outcome.digest == digest)?;
        match &outcome.refused {
            None => Some(None),
            Some((why, until)) => (Instant::now() < *until).then(|| Some(why.clone())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Outcome>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing when there is no telling: then what is made shows what is wrong with it.
async fn ask(
    objects: &Objects<'_>,
    workload: &str,
    template: PodTemplateSpec,
) -> Option<Option<String>> {
    let metadata =
        ObjectMeta { generate_name: Some(format!("{workload}-")), ..ObjectMeta::default() };
    let trial = PodTemplate { metadata, template: Some(template) };
    let how = PostParams { dry_run: true, field_manager: Some(MANAGER.to_owned()) };
    match objects.api::<PodTemplate>().create(&how, &trial).await {
        Ok(_) => Some(None),
        Err(kube::Error::Api(status)) if is_about_pods(&status) => Some(Some(sentence(&status))),
        Err(error) => {
            debug!(workload, %error, "the API server does not say what it thinks of Pods");
            None
        }
    }
}

/// Whether the API server itself refuses such Pods. An admission webhook that denies the trial, or
/// knows no dry run, may think otherwise of the Pods.
fn is_about_pods(status: &Status) -> bool {
    let is_of_a_webhook = status.message.starts_with("admission webhook");
    status.code == 422 || status.code == 400 && !is_of_a_webhook
}

/// What is wrong, field by field.
fn sentence(status: &Status) -> String {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let causes: Vec<String> =
        causes.map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    if causes.is_empty() { status.message.clone() } else { causes.join("; ") }
}
