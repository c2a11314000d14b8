//! What is said of fields that are accepted on a laptop and have no effect there.

use crate::manifest::{Manifest, Object};

/// A note for every such field that a manifest really holds, with file and line.
pub(super) fn without_effect(manifests: &[Manifest]) -> Vec<String> {
    manifests.iter().flat_map(of_manifest).collect()
}

fn of_manifest(manifest: &Manifest) -> Vec<String> {
    let mut fields =
        vec![("metadata.namespace".to_owned(), "objects on a laptop have no namespace")];
    match &manifest.object {
        Object::Cluster(cluster) => fields.extend((0..cluster.spec.pools.len()).flat_map(of_pool)),
        Object::Topic(_) => {}
    }
    let origin = &manifest.origin;
    let given = fields.into_iter().filter(|(path, _)| origin.lines.holds(path));
    given
        .map(|(path, why)| origin.problem(&path, format!("has no effect here: {why}")).to_string())
        .collect()
}

fn of_pool(pool: usize) -> [(String, &'static str); 4] {
    let fields = [
        ("storage.size", "a broker takes what the file system has"),
        ("storage.class", "a broker's data lies in the cluster's folder"),
        ("resources", "a broker is an ordinary process"),
        ("rack", "a laptop is one rack"),
    ];
    fields.map(|(field, why)| (format!("spec.pools[{pool}].{field}"), why))
}
