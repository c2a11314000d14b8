//! The manifests a command is given.

use std::path::PathBuf;

use clap::Args;
use operator::manifest::{self, Manifest, source};

use crate::Failure;

/// Where the manifests are.
#[derive(Debug, Args)]
pub(crate) struct Manifests {
    /// A manifest file, a folder of them, or `-` for standard input; may be given several times
    #[arg(short = 'f', long = "file", value_name = "FILE|DIR|-")]
    files: Vec<PathBuf>,
}

impl Manifests {
    /// Reads and checks them; none were given, none come back.
    pub(crate) fn read(&self) -> Result<Vec<Manifest>, Failure> {
        let mut sources = Vec::new();
        for file in &self.files {
            sources.extend(source::read(file)?);
        }
        if sources.is_empty() { Ok(Vec::new()) } else { Ok(manifest::parse(&sources)?) }
    }
}
