//! What additions to a Pod must not do: take a name that is taken already, or name what is not there.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Volume, VolumeMount};

use super::Unbuildable;

/// Looks whether each entry of a list has something of its own that tells it from the others. The
/// first `ours` of them are Klamm's; `path` is where the others stand in the manifest.
pub(super) fn check_distinct<'a>(
    path: &str,
    field: &str,
    values: impl Iterator<Item = &'a str>,
    ours: usize,
) -> Result<(), Unbuildable> {
    let (mut own, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for (index, value) in values.enumerate() {
        let refuse = |sentence: String| {
            let path = format!("{path}[{}].{field}", index.saturating_sub(ours));
            Err(Unbuildable { path, sentence })
        };
        if value.is_empty() {
            return refuse("is missing".to_owned());
        }
        if own.contains(value) {
            return refuse(format!("`{value}` is Klamm's own: choose another"));
        }
        if index < ours {
            own.insert(value);
        } else if !seen.insert(value) {
            return refuse(format!("`{value}` stands there a second time"));
        }
    }
    Ok(())
}

/// Looks whether what is mounted is there. The first `ours` mounts are Klamm's.
pub(super) fn check_mounts(
    mounts: &[VolumeMount],
    ours: usize,
    volumes: &[Volume],
    claim: &str,
) -> Result<(), Unbuildable> {
    let known: BTreeSet<&str> =
        volumes.iter().map(|volume| volume.name.as_str()).chain([claim]).collect();
    let stray = mounts.iter().skip(ours).position(|mount| !known.contains(mount.name.as_str()));
    let Some(index) = stray else { return Ok(()) };
    let name = &mounts[ours + index].name;
    Err(Unbuildable {
        path: format!("template.volumeMounts[{index}].name"),
        sentence: format!("there is no volume `{name}`: template.volumes does not name it"),
    })
}
