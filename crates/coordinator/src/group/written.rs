//! What a group has written down, and what follows when that is done.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{GroupEffect, Membership, PersistedGroup, Phase, Turn, come_back::Return};
use crate::{Generation, GroupError, MemberId, Write, WriteError};

/// What each member is assigned.
pub(super) type Assignments = BTreeMap<MemberId, Bytes>;

/// Why something is written.
#[derive(Debug)]
pub(super) enum Purpose {
    /// The group has come to be.
    Creation,
    /// The leader has assigned.
    Assignment {
        /// In this generation.
        generation: Generation,
        /// Members that are not named get nothing.
        assignments: Assignments,
    },
    /// A static member has come back.
    Return(Box<Return>),
    /// The last member has left.
    Emptiness,
}

impl Membership {
    /// Writes the group down.
    pub(super) fn persist(&mut self, purpose: Purpose, group: PersistedGroup, turn: &mut Turn<'_>) {
        let write = turn.writes.draw();
        self.writes.insert(write, purpose);
        self.is_recorded = true;
        turn.effects.push(GroupEffect::Persist { write, group });
    }

    /// A write is in the log, or never will be. Writes that this group did not ask for are ignored.
    pub fn written(&mut self, write: Write, result: Result<(), WriteError>, turn: &mut Turn<'_>) {
        let Some(purpose) = self.writes.remove(&write) else { return };
        match purpose {
            Purpose::Creation => {
                if let Err(error) = result {
                    self.creation_failed(error, turn);
                }
            }
            Purpose::Assignment { generation, assignments } => {
                self.assignment_written(generation, &assignments, result, turn);
            }
            Purpose::Return(back) => self.return_written(*back, result, turn),
            // If that is lost, the last generation is there again after a restart, and its
            // sessions end.
            Purpose::Emptiness => {}
        }
    }

    /// A group that could not be written down has never been, unless it has grown older since.
    fn creation_failed(&mut self, error: WriteError, turn: &mut Turn<'_>) {
        let is_first = match self.phase {
            Phase::Empty | Phase::Preparing { initial: Some(_), .. } => self.generation.0 == 0,
            Phase::Preparing { initial: None, .. } | Phase::Completing { .. } | Phase::Stable => {
                false
            }
        };
        if !is_first {
            return;
        }
        let error = GroupError::from(error);
        for id in self.roster.ids() {
            self.refuse(&id, error.clone(), turn.effects);
        }
        *self = Membership::new(turn.now.wall);
    }
}
