//! What is said of fields that are accepted on a laptop and have no effect there.

use crate::crd::cluster::{Listener, ListenerType};
use crate::manifest::{Manifest, Object};

/// A note for every such field that a manifest really holds, with file and line.
pub(super) fn without_effect(manifests: &[Manifest]) -> Vec<String> {
    manifests.iter().flat_map(of_manifest).collect()
}

fn of_manifest(manifest: &Manifest) -> Vec<String> {
    let mut fields =
        vec![("metadata.namespace".to_owned(), "objects on a laptop have no namespace")];
    match &manifest.object {
        Object::Cluster(cluster) => {
            fields.push(("spec.image".to_owned(), "brokers run this very program"));
            fields.extend((0..cluster.spec.pools.len()).flat_map(of_pool));
            let listeners = cluster.spec.listeners.iter().enumerate();
            fields.extend(listeners.flat_map(|(index, listener)| of_listener(index, listener)));
        }
        Object::Topic(_) => {}
    }
    let origin = &manifest.origin;
    let given = fields.into_iter().filter(|(path, _)| origin.lines.holds(path));
    given
        .map(|(path, why)| origin.problem(&path, format!("has no effect here: {why}")).to_string())
        .collect()
}

fn of_pool(pool: usize) -> [(String, &'static str); 5] {
    let fields = [
        ("storage.size", "a broker takes what the file system has"),
        ("storage.class", "a broker's data lies in the cluster's folder"),
        ("resources", "a broker is an ordinary process"),
        ("rack", "a laptop is one rack"),
        ("template", "there are no Pods"),
    ];
    fields.map(|(field, why)| (format!("spec.pools[{pool}].{field}"), why))
}

fn of_listener(index: usize, listener: &Listener) -> Vec<(String, &'static str)> {
    let mut fields = vec![("annotations", "there are no Services")];
    if listener.type_ != ListenerType::Internal {
        fields.push(("type", "every listener can be reached from this machine alone"));
    }
    let path = |field| format!("spec.listeners[{index}].{field}");
    fields.into_iter().map(|(field, why)| (path(field), why)).collect()
}
