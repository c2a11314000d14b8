//! SyncGroup: the leader hands the assignment over, and everybody gets his share.

use bytestring::ByteString;
use types::PlantedBug;

use super::{
    Membership, Phase, Turn,
    answers::answer_sync,
    member::Waiting,
    written::{Assignments, Purpose},
};
use crate::{Generation, GroupError, Ticket, WriteError, request::Sync};

impl Membership {
    /// SyncGroup; answered through the effects.
    pub fn sync(&mut self, ticket: Ticket, sync: &Sync, turn: &mut Turn<'_>) {
        if let Err(error) = self.check_sync(sync) {
            return answer_sync(ticket, Err(error), turn.effects);
        }
        let id = &sync.caller.member;
        self.count_sync(id);
        match self.phase {
            Phase::Completing { is_storing } => {
                self.wait(id, Waiting::Sync(ticket), turn.effects);
                if self.roster.is_leader(id) && !is_storing {
                    self.store(sync, turn);
                }
            }
            Phase::Stable => answer_sync(ticket, Ok(self.synced(id)), turn.effects),
            Phase::Empty | Phase::Preparing { .. } => {
                answer_sync(ticket, Err(GroupError::RebalanceInProgress), turn.effects);
            }
        }
    }

    fn check_sync(&self, sync: &Sync) -> Result<(), GroupError> {
        self.check(&sync.caller)?;
        let differs = |named: &Option<ByteString>, ours: Option<&ByteString>| {
            named.as_ref().zip(ours).is_some_and(|(named, ours)| named != ours)
        };
        if differs(&sync.protocol_type, Some(&self.protocol_type))
            || differs(&sync.protocol, self.protocol.as_ref())
        {
            return Err(GroupError::InconsistentProtocol);
        }
        Ok(())
    }

    /// Writes the assignment down before anybody learns of it.
    fn store(&mut self, sync: &Sync, turn: &mut Turn<'_>) {
        let mut assignments: Assignments = sync.assignments.iter().cloned().collect();
        assignments.retain(|id, _| self.roster.has(id));
        let mut group = self.persisted();
        for member in &mut group.members {
            member.assignment = assignments.get(&member.member).cloned().unwrap_or_default();
        }
        self.phase = Phase::Completing { is_storing: true };
        let generation = self.generation;
        self.persist(Purpose::Assignment { generation, assignments }, group, turn);
    }

    /// The assignment is written down, or could not be. A rebalance that has begun in the meantime
    /// makes it void.
    pub(super) fn assignment_written(
        &mut self,
        generation: Generation,
        assignments: &Assignments,
        result: Result<(), WriteError>,
        turn: &mut Turn<'_>,
    ) {
        let is_awaited = matches!(self.phase, Phase::Completing { .. });
        if !is_awaited || generation != self.generation {
            return;
        }
        match result {
            Ok(()) => {
                self.enter(Phase::Stable, turn);
                self.hand_out(assignments, turn);
            }
            Err(error) => {
                self.drop_assignments(&error.into(), turn);
                self.prepare_rebalance(turn);
            }
        }
    }

    fn hand_out(&mut self, assignments: &Assignments, turn: &mut Turn<'_>) {
        for id in self.roster.ids() {
            let assignment = assignments.get(&id).cloned().unwrap_or_default();
            self.roster.change(&id, |member| {
                if member.assignment.is_empty() || !PlantedBug::KeepAssignment.is_planted() {
                    member.assignment = assignment;
                }
            });
            let waiting = self.roster.member(&id).map(|member| member.waiting);
            if let Some(Waiting::Sync(ticket)) = waiting {
                self.roster.set_waiting(&id, Waiting::No);
                answer_sync(ticket, Ok(self.synced(&id)), turn.effects);
                // Its silence was excused while it waited.
                self.begin_session(&id, turn.now.instant);
            }
        }
    }
}
