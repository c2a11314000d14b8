//! `klamm crds`: the Kubernetes definitions of the kinds, and the page that tells of their fields.

use std::path::PathBuf;

use clap::Args;
use operator::crd;

use crate::{Failure, print};

/// What `klamm crds` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write one file for each definition into this folder instead of printing them
    #[arg(short, long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Print the page that tells of every field, docs/reference.md, instead of the definitions
    #[arg(long, conflicts_with = "write")]
    reference: bool,
}

/// Prints or writes the definitions.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.reference {
        print::line(crd::reference::document().trim_end());
        return Ok(());
    }
    let files = crd::files();
    let Some(folder) = &arguments.write else {
        let texts: Vec<&str> = files.iter().map(|file| file.text.trim_end()).collect();
        print::line(&texts.join("\n---\n"));
        return Ok(());
    };
    for file in files {
        let path = folder.join(&file.name);
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &file.text)).map_err(
            |error| Failure::Failed(format!("failed to write {}: {error}", path.display())),
        )?;
    }
    Ok(())
}
