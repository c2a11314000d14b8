//! The image of a Pod's first container, which only holds the Pod's namespaces, and of simple
//! programs for tests: a static busybox.

use anyhow::{Context, Result};
use image::{Compression, Image, Start, Tree};
use std::path::{Path, PathBuf};

/// The names that busybox answers to in the image.
const PROGRAMS: [&str; 13] = [
    "cat", "date", "echo", "false", "httpd", "ls", "nc", "nslookup", "sh", "sleep", "stat", "true",
    "wget",
];

/// The image's name.
const NAME: &str = "localhost/pause:1";

/// Writes the archive.
pub(crate) fn write(path: &Path) -> Result<()> {
    let mut files = Tree::default();
    files.copy("bin/busybox", 0o755, &busybox()?)?;
    for program in PROGRAMS {
        files.link(&format!("bin/{program}"), "busybox");
    }
    files.folder("tmp", 0o1777);
    let start =
        Start { entrypoint: &[], arguments: &["/bin/sleep", "infinity"], user: "0:0", labels: &[] };
    Image::new(NAME, &files, &start, Compression::None)?.write(path)?;
    Ok(())
}

fn busybox() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = std::env::split_paths(&path).map(|folder| folder.join("busybox"));
    candidates.find(|candidate| candidate.is_file()).context("busybox is not installed")
}
