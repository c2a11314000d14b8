//! When parked requests give up waiting.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard},
};

use types::Instant;

use crate::effect::{Effect, Effects, Ticket};

/// The points in time at which somebody has to be looked at, by ticket.
#[derive(Debug, Default)]
pub(crate) struct Deadlines(Mutex<BTreeSet<(Instant, Ticket)>>);

impl Deadlines {
    /// Adds a deadline; asks to be woken when it is the earliest.
    pub(crate) fn add(&self, at: Instant, ticket: Ticket, effects: &mut Effects) {
        let mut queue = self.queue();
        if queue.first().is_none_or(|(earliest, _)| at < *earliest) {
            effects.push(Effect::WakeAt(at));
        }
        queue.insert((at, ticket));
    }

    /// Takes a deadline back.
    pub(crate) fn remove(&self, at: Instant, ticket: Ticket) {
        self.queue().remove(&(at, ticket));
    }

    /// Takes out everything that is due, earliest first.
    pub(crate) fn take_due(&self, now: Instant) -> Vec<Ticket> {
        let mut queue = self.queue();
        let mut due = Vec::new();
        while let Some(&(at, ticket)) = queue.first()
            && at <= now
        {
            queue.pop_first();
            due.push(ticket);
        }
        due
    }

    /// The earliest deadline that is left.
    pub(crate) fn earliest(&self) -> Option<Instant> {
        self.queue().first().map(|(at, _)| *at)
    }

    fn queue(&self) -> MutexGuard<'_, BTreeSet<(Instant, Ticket)>> {
        self.0.lock().expect("no thread panics while it holds the deadlines")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_earlier_deadline_asks_to_be_woken() {
        let (deadlines, mut effects) = (Deadlines::default(), Effects::new());
        deadlines.add(Instant(50), Ticket(1), &mut effects);
        deadlines.add(Instant(70), Ticket(2), &mut effects);
        deadlines.add(Instant(40), Ticket(3), &mut effects);
        assert!(matches!(effects[..], [Effect::WakeAt(Instant(50)), Effect::WakeAt(Instant(40))]));
    }

    #[test]
    fn due_deadlines_come_out_once_and_in_order() {
        let (deadlines, mut effects) = (Deadlines::default(), Effects::new());
        for (at, ticket) in [(50, 1), (70, 2), (40, 3)] {
            deadlines.add(Instant(at), Ticket(ticket), &mut effects);
        }
        deadlines.remove(Instant(40), Ticket(3));
        assert_eq!(deadlines.take_due(Instant(60)), [Ticket(1)]);
        assert_eq!(deadlines.take_due(Instant(60)), []);
        assert_eq!(deadlines.earliest(), Some(Instant(70)));
    }
}
