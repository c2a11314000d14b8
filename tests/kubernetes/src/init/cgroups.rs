//! A cluster's control groups, the one thing that no namespace takes along when it ends.

use crate::folder::Folder;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use workshop::wait;

const ROOT: &str = "/sys/fs/cgroup";

/// The older kernels' controllers whose settings a new group does not get from its parent.
const CPU_SETS: [&str; 2] = ["cpuset.cpus", "cpuset.mems"];

/// How long groups may still be busy with processes that were killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The group of a node, from the root of each controller.
#[must_use]
pub fn of_node(folder: &Folder, node: u8) -> String {
    format!("/{}/node{node}", of_cluster(folder))
}

/// Makes the group of a node, under every controller there is.
pub fn make(folder: &Folder, node: u8) -> Result<()> {
    for controller in controllers()? {
        let cluster = controller.join(of_cluster(folder));
        for group in [cluster.clone(), cluster.join(format!("node{node}"))] {
            fs::create_dir_all(&group)?;
            inherit(&group)?;
        }
    }
    Ok(())
}

/// Removes all groups of a cluster whose processes have ended.
pub fn remove(folder: &Folder) -> Result<()> {
    let gone = || {
        for controller in controllers()? {
            remove_below(&controller.join(of_cluster(folder)));
        }
        Ok(left(folder)?.is_empty().then_some(()))
    };
    wait::until(PATIENCE, "all control groups are gone", gone)
}

/// The groups of a cluster that are still there.
pub fn left(folder: &Folder) -> Result<Vec<PathBuf>> {
    let groups = controllers()?.into_iter().map(|root| root.join(of_cluster(folder)));
    Ok(groups.filter(|group| group.exists()).collect())
}

fn of_cluster(folder: &Folder) -> String {
    format!("klamm-{}", folder.name())
}

/// The roots of all hierarchies: one, or a folder for each controller.
fn controllers() -> Result<Vec<PathBuf>> {
    if Path::new(ROOT).join("cgroup.controllers").exists() {
        return Ok(vec![ROOT.into()]);
    }
    let mut roots = Vec::new();
    for entry in fs::read_dir(ROOT)? {
        let entry = entry?;
        // The names of joined controllers are links to the same folder.
        if entry.file_type()?.is_dir() {
            roots.push(entry.path());
        }
    }
    Ok(roots)
}

/// Gives a new group what its parent has and would not hand down by itself.
fn inherit(group: &Path) -> Result<()> {
    let parent = group.parent().unwrap_or(group);
    for setting in CPU_SETS {
        let file = group.join(setting);
        if file.exists() && fs::read_to_string(&file)?.trim().is_empty() {
            fs::write(file, fs::read_to_string(parent.join(setting))?)?;
        }
    }
    let (offered, handed_down) = (parent.join("cgroup.controllers"), "cgroup.subtree_control");
    if offered.exists() {
        for controller in fs::read_to_string(offered)?.split_whitespace() {
            // One that this machine cannot hand down is not there for kubelet either.
            let _refused = fs::write(parent.join(handed_down), format!("+{controller}"));
        }
    }
    Ok(())
}

/// Removes a tree of groups, as far as they are empty.
fn remove_below(group: &Path) {
    let Ok(listing) = fs::read_dir(group) else { return };
    for entry in listing.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_below(&entry.path());
        }
    }
    // A busy one is tried again.
    let _busy = fs::remove_dir(group);
}
