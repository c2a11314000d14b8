//! A disk that is only full closes no log: what it refused was not acknowledged, and all that is
//! there is sound.

use super::View;
use crate::violation::{Checked, must};

#[derive(Debug, Default)]
pub(super) struct FullDisk {
    /// The process that saw its disk break.
    broken_for: Option<u64>,
}

impl FullDisk {
    pub(super) fn disk_broke(&mut self, process: u64) {
        self.broken_for = Some(process);
    }

    pub(super) fn check(&self, view: &View) -> Checked {
        if self.broken_for == Some(view.process) {
            return Ok(());
        }
        let closed = view.partitions.iter().find(|(_, seen)| seen.is_closed);
        must("only a disk that breaks closes a log", closed.is_none(), || format!("{closed:?}"))
    }
}
