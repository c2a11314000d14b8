//! `cargo xtask docs`: the pages of `docs/` that are made from the code.

use crate::process::root;
use anyhow::{Context, Result};

/// The page of all keys, from the root of the repository.
pub(crate) const CONFIGURATION: &str = "docs/configuration.md";

/// Writes them; a tidy test looks whether they are fresh.
pub(crate) fn run() -> Result<()> {
    let path = root().join(CONFIGURATION);
    std::fs::write(&path, configuration::document())
        .with_context(|| format!("failed to write {}", path.display()))
}
