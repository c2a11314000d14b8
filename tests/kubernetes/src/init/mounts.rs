//! What the cluster sees of the machine's files: its own, where its programs write to fixed places.

use super::children::run;
use crate::folder::Folder;
use anyhow::Result;
use std::fs;
use std::path::Path;

/// Folders that containerd, runc, CNI and kubelet write to whatever one tells them.
const FIXED: [&str; 4] = ["/run", "/var/log", "/var/lib/cni", "/var/lib/kubelet"];

/// What kubelet would set for the whole machine; it leaves alone what reads right already.
const SETTINGS: [(&str, &str); 6] = [
    ("/proc/sys/vm/overcommit_memory", "1"),
    ("/proc/sys/vm/panic_on_oom", "0"),
    ("/proc/sys/kernel/panic", "10"),
    ("/proc/sys/kernel/panic_on_oops", "1"),
    ("/proc/sys/kernel/keys/root_maxkeys", "1000000"),
    ("/proc/sys/kernel/keys/root_maxbytes", "25000000"),
];

/// Mounts the cluster's data in memory: they go with the cluster, however it ends.
pub(super) fn data(folder: &Folder) -> Result<()> {
    let data = folder.data();
    fs::create_dir_all(&data)?;
    run("mount", &["-t", "tmpfs", "-o", "mode=755", "klamm-data", &data.to_string_lossy()])
}

/// Covers the fixed places in this process's own view; a folder that is missing is made, since
/// something must be there to be covered.
pub(super) fn fixed_places() -> Result<()> {
    for place in FIXED {
        fs::create_dir_all(place)?;
        run("mount", &["-t", "tmpfs", "-o", "mode=755", "klamm-fixed", place])?;
    }
    Ok(())
}

/// Covers the settings of the machine.
pub(super) fn settings(folder: &Folder) -> Result<()> {
    for (setting, wanted) in SETTINGS {
        let cover = folder.data().join(setting.replace('/', "_"));
        fs::write(&cover, wanted)?;
        if Path::new(setting).exists() {
            run("mount", &["--bind", &cover.to_string_lossy(), setting])?;
        }
    }
    Ok(())
}
