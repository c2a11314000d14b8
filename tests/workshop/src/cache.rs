//! What takes long to make, made once: folders outside the checkout, named after what went in.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder for this input; `make` fills it where it is not there yet. Other test programs that
/// want the same wait for it.
pub fn folder(
    name: &str,
    input: &impl Hash,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let folder = root()?.join(format!("{name}-{:016x}", hasher.finish()));
    let lock = File::create(folder.with_extension("lock"))?;
    lock.lock().context("failed to wait for whoever makes it")?;
    let complete = folder.join(".complete");
    if !complete.exists() {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        make(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        File::create(complete)?;
    }
    Ok(folder)
}

/// Runs a program that makes something; what it prints is shown when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("failed to start {program}"))?;
    if !output.status.success() {
        let printed = [output.stdout, output.stderr].concat();
        bail!("{program} failed:\n{}", String::from_utf8_lossy(&printed));
    }
    Ok(())
}

fn root() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let root = base.or_else(home).context("failed to find a home folder")?.join("klamm");
    fs::create_dir_all(&root)?;
    Ok(root)
}
