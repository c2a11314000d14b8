//! An epoch of the metadata quorum has one leader, and a node that starts again is another one.
//!
//! Were it not so, a record that was lost in a crash and its successor could share offset and epoch.

use std::collections::BTreeMap;

use types::LeaderEpoch;

use super::View;
use crate::violation::{Checked, must};

#[derive(Debug, Default)]
pub(super) struct Reigns {
    /// The process that led each epoch.
    leaders: BTreeMap<LeaderEpoch, u64>,
}

impl Reigns {
    pub(super) fn check(&mut self, view: &View) -> Checked {
        let Some(epoch) = view.quorum.as_ref().and_then(|quorum| quorum.leading) else {
            return Ok(());
        };
        let leader = *self.leaders.entry(epoch).or_insert(view.process);
        must("an epoch has one leader", leader == view.process, || {
            format!("epoch {epoch}: process {leader} and then process {}", view.process)
        })
    }
}
