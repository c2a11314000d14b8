//! Offsets of transactions that have not ended.

use std::collections::{BTreeMap, BTreeSet};

use types::ProducerId;

use super::{Place, Stored};

/// What transactions have committed that may still be aborted.
#[derive(Debug, Default)]
pub(crate) struct Undecided {
    offsets: BTreeMap<(Place, ProducerId), Waiting>,
    producers: BTreeMap<ProducerId, BTreeSet<Place>>,
    /// Counts what is inserted: who came later.
    order: u64,
}

/// An offset that waits for the end of its transaction.
#[derive(Debug)]
struct Waiting {
    offset: Stored,
    order: u64,
    /// Whether something later counts by now, so that this one never will.
    superseded: bool,
}

impl Undecided {
    /// Keeps an offset; whether the producer had none there.
    pub(crate) fn insert(&mut self, producer: ProducerId, place: Place, offset: Stored) -> bool {
        let waiting = Waiting { offset, order: self.order, superseded: false };
        self.order += 1;
        self.producers.entry(producer).or_default().insert(place);
        self.offsets.insert((place, producer), waiting).is_none()
    }

    /// What came before `order` never counts there.
    pub(crate) fn supersede(&mut self, place: Place, order: u64) {
        for (_, waiting) in self.offsets.range_mut(at(place)) {
            waiting.superseded |= waiting.order < order;
        }
    }

    /// The producer's transaction has ended: where it had offsets and, of those that may count,
    /// their order and themselves.
    pub(crate) fn end(&mut self, producer: ProducerId) -> Vec<(Place, Option<(u64, Stored)>)> {
        let places = self.producers.remove(&producer).unwrap_or_default();
        let ended = places.into_iter().map(|place| {
            let waiting = self.offsets.remove(&(place, producer));
            let waiting = waiting.expect("a producer's places hold its offsets");
            (place, (!waiting.superseded).then_some((waiting.order, waiting.offset)))
        });
        ended.collect()
    }

    /// Forgets all offsets at a place; how many there were.
    pub(crate) fn remove(&mut self, place: Place) -> usize {
        let producers: Vec<_> = self.offsets.range(at(place)).map(|((_, it), _)| *it).collect();
        for producer in &producers {
            self.offsets.remove(&(place, *producer));
            let places = self.producers.get_mut(producer).expect("whoever has offsets has places");
            places.remove(&place);
            if places.is_empty() {
                self.producers.remove(producer);
            }
        }
        producers.len()
    }

    /// The offsets from one place to another, both included.
    pub(crate) fn between(
        &self,
        first: Place,
        last: Place,
    ) -> impl Iterator<Item = (Place, &Stored)> {
        let range = *at(first).start()..=*at(last).end();
        self.offsets.range(range).map(|((place, _), waiting)| (*place, &waiting.offset))
    }
}

fn at(place: Place) -> std::ops::RangeInclusive<(Place, ProducerId)> {
    (place, ProducerId(i64::MIN))..=(place, ProducerId(i64::MAX))
}
