//! Bad manifests on a real API server: each is refused, and where a rule of the definition knows, with
//! the very sentence that a laptop gives.

use anyhow::{Context, Result, ensure};
use kube::Api;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kubernetes_tests::{Cluster, Level};
use serde_json::{Value, json};

/// The table that the operator's own tests hold a laptop to.
const TABLE: &str = include_str!("../../../operator/tests/bad-manifests.yaml");

#[test]
#[ignore = "needs a test cluster"]
fn every_bad_manifest_is_refused_by_the_api_server_with_its_sentence() -> Result<()> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    cluster.install_definitions()?;
    let namespace = cluster.namespace()?;
    let table: Vec<Value> = serde_saphyr::from_str(TABLE)?;
    let wrong = cluster.block_on(async {
        let client = cluster.client().await?;
        let mut wrong = Vec::new();
        for (index, entry) in table.iter().enumerate() {
            let name =
                entry["name"].as_str().map_or_else(|| format!("example-{index}"), str::to_owned);
            let objects = Api::namespaced_with(client.clone(), &namespace, &resource(entry));
            if let Err(error) = check(&objects, &name, entry).await {
                wrong.push(format!("{entry}\n    {error:#}"));
            }
        }
        Ok(wrong)
    })?;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Offers an entry of the table, in the place of its old manifest if it has one; an error says what
/// the API server should have said.
async fn check(objects: &Api<DynamicObject>, name: &str, entry: &Value) -> Result<()> {
    let refusal = match entry.get("old") {
        Some(old) => {
            let old = manifest(name, entry, old);
            let found = objects.create(&PostParams::default(), &old).await?;
            let mut new = manifest(name, entry, &entry["spec"]);
            new.metadata.resource_version = found.metadata.resource_version;
            let trial = PostParams { dry_run: true, ..PostParams::default() };
            objects.replace(name, &trial, &new).await.err()
        }
        None => {
            let new = Patch::Apply(manifest(name, entry, &entry["spec"]));
            let trial = PatchParams::apply("a-test").validation_strict().dry_run();
            objects.patch(name, &trial, &new).await.err()
        }
    };
    let refusal = refusal.context("it was taken")?.to_string();
    let wanted = wanted(entry).context("the entry says something")?;
    ensure!(refusal.contains(wanted), "`{wanted}` is not in: {refusal}");
    Ok(())
}

/// A rule's sentence is one; of what a type or a pattern refuses, the field or the word is named.
fn wanted(entry: &Value) -> Option<&str> {
    let says = entry["says"].as_str()?;
    match entry["by"].as_str()? {
        "rule" | "change" => Some(says),
        "schema" => Some(named(says)),
        // Refused on the way to the definition.
        _ => Some(""),
    }
}

fn named(says: &str) -> &str {
    let path = says.strip_prefix("spec.").and_then(|rest| rest.split(": ").next());
    let field = path.and_then(|path| path.split(['.', '[']).next());
    field.or_else(|| says.split('`').nth(1)).unwrap_or_default()
}

fn manifest(name: &str, entry: &Value, spec: &Value) -> DynamicObject {
    let mut manifest = DynamicObject::new(name, &resource(entry));
    manifest.data = json!({ "spec": spec });
    manifest
}

fn resource(entry: &Value) -> ApiResource {
    let version = entry["apiVersion"].as_str().unwrap_or("klamm.dev/v1alpha1");
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let kind = entry["kind"].as_str().unwrap_or("Topic");
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}
