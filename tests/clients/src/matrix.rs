//! Which client passed which case against which server: a file a cell, that `cargo xtask compat` makes
//! a table of.

use crate::server::Server;
use std::path::{Path, PathBuf};
use std::{fs, thread};

/// The folder of the cells; without it, nothing is written.
const FOLDER: &str = "KLAMM_MATRIX";

/// One cell: it holds `ok` when this value ends well, `failed` when its thread panics.
#[derive(Debug)]
pub struct Cell {
    file: Option<PathBuf>,
    unsupported: Option<String>,
}

impl Cell {
    /// The cell of a client and a case.
    #[must_use]
    pub fn open(client: &str, case: &str) -> Cell {
        let target = if Server::is_kafka() { "kafka" } else { "klamm" };
        let folder = std::env::var_os(FOLDER).map(PathBuf::from);
        let file = folder.map(|folder| folder.join(target).join(client).join(case));
        Cell { file, unsupported: None }
    }

    /// The client cannot do it, for this reason.
    pub fn unsupported(mut self, reason: &str) {
        self.unsupported = Some(reason.to_owned());
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        let Some(file) = &self.file else { return };
        let written = match &self.unsupported {
            Some(reason) => write(file, &format!("unsupported {reason}")),
            None if thread::panicking() => write(file, "failed"),
            None => write(file, "ok"),
        };
        if let Err(error) = written {
            eprintln!("{} was not written: {error}", file.display());
        }
    }
}

fn write(file: &Path, content: &str) -> std::io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(file, content)
}
