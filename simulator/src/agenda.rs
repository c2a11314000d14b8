//! What happens next: one heap of events in the order of their time.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use types::Instant;

/// Events to come. Two of the same time come in the order in which they were scheduled.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    scheduled: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at: Instant,
    number: u64,
    event: E,
}

impl<E> Agenda<E> {
    /// An agenda with nothing on it.
    #[must_use]
    pub(crate) fn new() -> Agenda<E> {
        Agenda { heap: BinaryHeap::new(), scheduled: 0 }
    }

    /// Lets an event happen at a point in time.
    pub(crate) fn schedule(&mut self, at: Instant, event: E) {
        let number = self.scheduled;
        self.scheduled += 1;
        self.heap.push(Reverse(Entry { at, number, event }));
    }

    /// Takes the next event.
    pub(crate) fn next(&mut self) -> Option<(Instant, E)> {
        self.heap.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }
}

impl<E> Default for Agenda<E> {
    fn default() -> Agenda<E> {
        Agenda::new()
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Entry<E>) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Entry<E>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Entry<E>) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_then_as_scheduled() {
        let mut agenda = Agenda::new();
        for (at, event) in [(5, 'c'), (1, 'a'), (5, 'd'), (1, 'b')] {
            agenda.schedule(Instant(at), event);
        }
        let order: Vec<char> = std::iter::from_fn(|| agenda.next().map(|(_, e)| e)).collect();
        assert_eq!(order, ['a', 'b', 'c', 'd']);
    }
}
