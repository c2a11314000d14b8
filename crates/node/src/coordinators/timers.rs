//! When a shard has to be looked at although nobody asks it for anything: each has one deadline
//! among the node's, under a ticket of its own.

use types::{Now, PartitionIndex};

use super::seat::{Seat, Serving, Stage};
use crate::{
    Node,
    effect::{Effects, Ticket},
};

/// Tickets from here on are those of shards. The shell counts from 1, and what else the node waits
/// for has tickets at the very end.
const SHARDS: u64 = 1 << 63;

/// The ticket under which a shard waits.
pub(super) fn ticket_of(partition: PartitionIndex) -> Ticket {
    Ticket(SHARDS | u64::from(partition.0.unsigned_abs()))
}

/// The shard that waits under a ticket.
fn partition_of(ticket: Ticket) -> Option<PartitionIndex> {
    i32::try_from(ticket.0.checked_sub(SHARDS)?).ok().map(PartitionIndex)
}

impl Node {
    /// Time has passed for a shard; whether the ticket was one of a shard.
    pub(crate) fn expire_shard(&self, now: Now, ticket: Ticket, effects: &mut Effects) -> bool {
        let Some(partition) = partition_of(ticket) else { return false };
        let Some(seat) = self.coordinators.seat(partition) else { return true };
        if let Stage::Serving(serving) = &mut *seat.stage() {
            serving.wakes_at = None;
        }
        let visited = self.visit(now, &seat, effects, |serving, asked| {
            if serving.shard.deadline().is_some_and(|at| at <= now.instant) {
                serving.shard.tick(now, asked);
            }
        });
        if visited.is_err() {
            self.go_on_loading(now, &seat, effects);
        }
        true
    }

    /// Sees to it that the shard is looked at in time. A deadline that only moves away, as each
    /// heartbeat makes it do, is left where it is noted: the shard is then looked at once in vain.
    pub(super) fn note_timer(&self, seat: &Seat, serving: &mut Serving, effects: &mut Effects) {
        let Some(at) = serving.deadline() else { return };
        if serving.wakes_at.is_some_and(|noted| noted <= at) {
            return;
        }
        self.forget_timer(seat, serving);
        serving.wakes_at = Some(at);
        self.deadlines.add(at, ticket_of(seat.partition()), effects);
    }

    pub(super) fn forget_timer(&self, seat: &Seat, serving: &mut Serving) {
        if let Some(noted) = serving.wakes_at.take() {
            self.deadlines.remove(noted, ticket_of(seat.partition()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::housekeeping::HOUSEKEEPING;

    #[test]
    fn a_shards_ticket_is_nobody_elses() {
        let last = PartitionIndex(i32::MAX);
        assert_eq!(partition_of(ticket_of(last)), Some(last));
        assert_eq!(partition_of(Ticket(1)), None);
        assert_eq!(partition_of(HOUSEKEEPING), None);
    }
}
