//! Where the files of one log are.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use runtime::Disk;
use types::Offset;

use crate::{error::DiskError, names, open_files::OpenFiles};

/// A log's folder and the limit its open files count against.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) files: Arc<OpenFiles>,
    pub(crate) folder: PathBuf,
    /// What stands behind the names of files that belong to an offset; nothing, but for segments in
    /// the making.
    pub(crate) ending: &'static str,
}

impl Place {
    pub(crate) fn disk(&self) -> &dyn Disk {
        &**self.files.disk()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The name of a file that belongs to an offset.
    pub(crate) fn of(&self, offset: Offset, suffix: &'static str) -> FileName<'_> {
        FileName { place: self, offset, suffix }
    }

    pub(crate) fn parent(&self) -> &Path {
        self.folder.parent().unwrap_or_else(|| Path::new(""))
    }
}

/// A file that belongs to an offset; made into a path only where one is needed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileName<'a> {
    place: &'a Place,
    offset: Offset,
    suffix: &'static str,
}

impl<'a> FileName<'a> {
    pub(crate) fn files(&self) -> &'a OpenFiles {
        &self.place.files
    }

    pub(crate) fn disk(&self) -> &'a dyn Disk {
        self.place.disk()
    }

    pub(crate) fn path(&self) -> PathBuf {
        let name = names::of_offset(self.offset, self.suffix) + self.place.ending;
        self.place.path(&name)
    }

    /// For `map_err`: adds what was tried with this file.
    pub(crate) fn error(self, action: &'static str) -> impl FnOnce(io::Error) -> DiskError {
        move |error| DiskError { action, path: self.path(), error }
    }
}
