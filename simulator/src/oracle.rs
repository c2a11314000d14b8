//! What the clients know, and what must therefore be true.
//!
//! An acknowledged record is there; one whose answer never came may be there or not. Nothing in here
//! looks into the node: it judges from the outside.

use std::collections::{BTreeMap, BTreeSet};

use types::{Offset, ProducerEpoch, ProducerId};

use crate::{
    plan::TopicPlan,
    violation::{Checked, Violation, must},
    words::{Place, Value},
};

/// The memory of all clients together.
#[derive(Debug)]
pub(crate) struct Oracle {
    ledgers: BTreeMap<Place, Ledger>,
    producer_ids: BTreeSet<(ProducerId, ProducerEpoch)>,
    acknowledged: u64,
}

/// What is known of one partition.
#[derive(Debug, Default)]
struct Ledger {
    /// Whether an acknowledgement means "on disk".
    flushes: bool,
    /// Whether a record may go when there is a later one of its key.
    is_compacted: bool,
    /// Whether a record is of an idempotent producer.
    sent: BTreeMap<Value, bool>,
    acknowledged: BTreeMap<Offset, Value>,
    read: BTreeMap<Offset, Value>,
    /// How many power cuts may have taken something away.
    losses: u64,
    /// A power cut came, and the log has not been seen since.
    end_is_unknown: bool,
    /// The last process that was seen to have the log open.
    process: u64,
    /// Where the log was last seen to start.
    start: Offset,
    /// What lies before this was deleted, and somebody was told so.
    deleted: Offset,
    /// Deletions that were asked for and not answered, by ticket.
    deletions: BTreeMap<u64, Offset>,
}

impl Oracle {
    /// An oracle that knows nothing but the topics.
    #[must_use]
    pub(crate) fn new(topics: &[TopicPlan]) -> Oracle {
        let mut ledgers = BTreeMap::new();
        for (number, topic) in topics.iter().enumerate() {
            for partition in 0..topic.partitions {
                let (flushes, is_compacted) = (topic.flushes, topic.is_compacted);
                let ledger = Ledger { flushes, is_compacted, ..Ledger::default() };
                ledgers.insert(Place { topic: number, partition }, ledger);
            }
        }
        Oracle { ledgers, producer_ids: BTreeSet::new(), acknowledged: 0 }
    }

    /// All partitions.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.ledgers.keys().copied()
    }

    /// How many records were acknowledged in all.
    #[must_use]
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// How often something may have been taken from a partition.
    #[must_use]
    pub(crate) fn losses(&self, place: Place) -> u64 {
        self.ledger(place).losses
    }

    /// Whether a partition is compacted.
    #[must_use]
    pub(crate) fn is_compacted(&self, place: Place) -> bool {
        self.ledger(place).is_compacted
    }

    /// A producer was given an id, which nobody else may have.
    pub(crate) fn producer_id(&mut self, id: ProducerId, epoch: ProducerEpoch) -> Checked {
        must("a producer id is given out once", self.producer_ids.insert((id, epoch)), || {
            format!("{id} epoch {epoch}")
        })
    }

    /// A record was sent: from here on it may be there.
    pub(crate) fn sent(&mut self, place: Place, value: Value, is_idempotent: bool) {
        self.ledger_mut(place).sent.insert(value, is_idempotent);
    }

    /// Records were acknowledged: from here on they must be there.
    pub(crate) fn acknowledged_at(
        &mut self,
        place: Place,
        base: Offset,
        values: &[Value],
    ) -> Checked {
        self.acknowledged += values.len() as u64;
        let ledger = self.ledger_mut(place);
        for (offset, value) in (base.0..).map(Offset).zip(values) {
            ledger.must_not_contradict(place, offset, *value)?;
            ledger.acknowledged.insert(offset, *value);
        }
        Ok(())
    }

    /// A consumer read a record.
    pub(crate) fn read(&mut self, place: Place, offset: Offset, value: Value) -> Checked {
        let ledger = self.ledger_mut(place);
        must("only what was sent is read", ledger.sent.contains_key(&value), || {
            format!("{value} at {offset} of {place}")
        })?;
        ledger.must_not_contradict(place, offset, value)?;
        ledger.read.insert(offset, value);
        Ok(())
    }

    /// Where the log of a partition was last seen to start.
    #[must_use]
    pub(crate) fn start(&self, place: Place) -> Offset {
        self.ledger(place).start
    }

    /// Up to where a partition was deleted for good.
    #[must_use]
    pub(crate) fn deleted(&self, place: Place) -> Offset {
        self.ledger(place).deleted
    }

    /// Somebody asks for records to be deleted: from here on they may be gone.
    pub(crate) fn deletion_asked(&mut self, place: Place, ticket: u64, before: Offset) {
        self.ledger_mut(place).deletions.insert(ticket, before);
    }

    /// Records were deleted: from here on they must be gone.
    pub(crate) fn deletion_answered(
        &mut self,
        place: Place,
        ticket: u64,
        start: Offset,
    ) -> Checked {
        let ledger = self.ledger_mut(place);
        let asked = ledger.deletions.remove(&ticket);
        must("a deletion reaches as far as it was asked to", asked <= Some(start), || {
            format!("{place} starts at {start}, asked for was {asked:?}")
        })?;
        ledger.deleted = ledger.deleted.max(start);
        ledger.start = ledger.start.max(start);
        Ok(())
    }

    /// A process has ended: what it had not deleted by then it deletes no more.
    pub(crate) fn process_ended(&mut self) {
        self.ledgers.values_mut().for_each(|ledger| ledger.deletions.clear());
    }

    /// The power was cut: what was not flushed may be gone.
    pub(crate) fn power_was_cut(&mut self) {
        for ledger in self.ledgers.values_mut().filter(|ledger| !ledger.flushes) {
            ledger.losses += 1;
            ledger.end_is_unknown = true;
        }
    }

    /// A process has the log of a partition open, and it starts and ends here.
    pub(crate) fn seen_by(
        &mut self,
        process: u64,
        place: Place,
        start: Offset,
        end: Offset,
    ) -> Checked {
        let before = std::mem::replace(&mut self.ledger_mut(place).process, process);
        let is_reopened = before != process;
        self.ledger_mut(place).starts_at(place, start)?;
        if is_reopened { self.reopened(place, end) } else { Ok(()) }
    }

    /// The log of a partition was opened again and ends here.
    fn reopened(&mut self, place: Place, end: Offset) -> Checked {
        let ledger = self.ledger_mut(place);
        if std::mem::take(&mut ledger.end_is_unknown) {
            ledger.acknowledged.split_off(&end);
            ledger.read.split_off(&end);
        }
        let last = ledger.acknowledged.last_key_value().max(ledger.read.last_key_value());
        match last {
            Some((offset, value)) if *offset >= end => Err(Violation::new(
                "what was acknowledged or read survives",
                format!("{value} at {offset} of {place}, which ends at {end}"),
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Everything that a partition holds in the end, from its first record to its last.
    pub(crate) fn scanned(&self, place: Place, records: &[(Offset, Value)]) -> Checked {
        let ledger = self.ledger(place);
        let found: BTreeMap<Offset, Value> = records.iter().copied().collect();
        for (offset, value) in ledger.acknowledged.range(ledger.start..) {
            if ledger.may_be_compacted(*offset, *value, records) {
                continue;
            }
            must("an acknowledged record is there", found.get(offset) == Some(value), || {
                format!("{value} at {offset} of {place}, found {:?}", found.get(offset))
            })?;
        }
        ledger.must_be_in_order(place, records)
    }

    fn ledger(&self, place: Place) -> &Ledger {
        self.ledgers.get(&place).expect("every partition of the plan has a ledger")
    }

    fn ledger_mut(&mut self, place: Place) -> &mut Ledger {
        self.ledgers.get_mut(&place).expect("every partition of the plan has a ledger")
    }
}

impl Ledger {
    /// The log starts where somebody asked for it and not before what was deleted for good.
    fn starts_at(&mut self, place: Place, start: Offset) -> Checked {
        must("what was deleted does not come back", start >= self.deleted, || {
            format!("{place} starts at {start}, deleted up to {}", self.deleted)
        })?;
        let before = std::mem::replace(&mut self.start, start);
        let mut asked = self.deletions.values();
        let is_asked = asked.any(|asked| *asked == start || *asked == Offset::NONE);
        must("a log starts where it was asked to", start <= before || is_asked, || {
            format!("{place} starts at {start} after {before}")
        })
    }

    /// Whether a record is not there because a later one of its key is.
    fn may_be_compacted(&self, offset: Offset, value: Value, found: &[(Offset, Value)]) -> bool {
        let is_later =
            |(other, later): &(Offset, Value)| *other > offset && later.key() == value.key();
        let is_there = |(other, _): &(Offset, Value)| *other == offset;
        self.is_compacted && !found.iter().any(is_there) && found.iter().any(is_later)
    }

    fn must_not_contradict(&self, place: Place, offset: Offset, value: Value) -> Checked {
        for (known, how) in [(&self.acknowledged, "acknowledged"), (&self.read, "read")] {
            let other = known.get(&offset).filter(|other| **other != value);
            must("an offset means one record for ever", other.is_none(), || {
                format!("{value} at {offset} of {place}, where {other:?} was {how}")
            })?;
        }
        Ok(())
    }

    /// Each producer's records stand in the order in which they were sent. A plain producer sends
    /// each record once, so that even it never doubles one.
    fn must_be_in_order(&self, place: Place, records: &[(Offset, Value)]) -> Checked {
        let mut last: BTreeMap<u32, u64> = BTreeMap::new();
        for (offset, value) in records {
            let before = last.insert(value.producer, value.number);
            let kind = match self.sent.get(value) {
                Some(true) => "idempotent producer",
                Some(false) => "plain producer",
                None => return Err(Violation::new("only what was sent is read", value)),
            };
            let rises = before.is_none_or(|before| before < value.number);
            must("a producer's records are in order and none is doubled", rises, || {
                format!("{kind}: {value} at {offset} of {place} after number {before:?}")
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { topic: 0, partition: 0 };

    #[test]
    fn a_flushed_acknowledgement_survives_a_power_cut() {
        let mut oracle = with_acknowledged(true);
        oracle.power_was_cut();
        assert_eq!(oracle.reopened(PLACE, Offset(3)), Ok(()));
        let violation = oracle.reopened(PLACE, Offset(2)).unwrap_err();
        assert_eq!(violation.rule, "what was acknowledged or read survives");
    }

    #[test]
    fn an_unflushed_acknowledgement_survives_a_kill_but_not_always_a_power_cut() {
        let mut oracle = with_acknowledged(false);
        assert!(oracle.reopened(PLACE, Offset(2)).is_err());
        oracle.power_was_cut();
        assert_eq!(oracle.reopened(PLACE, Offset(2)), Ok(()));
        let kept = [(Offset(0), value(0)), (Offset(1), value(1))];
        assert_eq!(oracle.scanned(PLACE, &kept), Ok(()));
        assert!(oracle.scanned(PLACE, &kept[..1]).is_err());
    }

    #[test]
    fn an_offset_cannot_mean_two_records() {
        let mut oracle = with_acknowledged(true);
        assert_eq!(oracle.read(PLACE, Offset(1), value(1)), Ok(()));
        assert!(oracle.read(PLACE, Offset(1), value(2)).is_err());
    }

    #[test]
    fn only_a_later_record_of_its_key_excuses_a_compacted_one() {
        let topic = TopicPlan { partitions: 1, flushes: true, is_compacted: true };
        let mut oracle = Oracle::new(&[topic]);
        let values = [value(2), value(1), value(9)];
        assert_eq!(value(2).key(), value(9).key());
        for value in values {
            oracle.sent(PLACE, value, true);
        }
        oracle.acknowledged_at(PLACE, Offset(0), &values).unwrap();
        let kept = [(Offset(1), value(1)), (Offset(2), value(9))];
        assert_eq!(oracle.scanned(PLACE, &kept), Ok(()));
        assert!(oracle.scanned(PLACE, &kept[..1]).is_err());
        assert!(oracle.scanned(PLACE, &kept[1..]).is_err());
    }

    #[test]
    fn a_record_that_was_never_sent_is_a_violation() {
        let mut oracle = with_acknowledged(true);
        assert!(oracle.read(PLACE, Offset(9), value(99)).is_err());
    }

    #[test]
    fn a_doubled_record_and_a_wrong_order_are_violations() {
        let oracle = with_acknowledged(true);
        let mut records: Vec<(Offset, Value)> = (0..3).map(|n| (Offset(n), value(n))).collect();
        assert_eq!(oracle.scanned(PLACE, &records), Ok(()));
        records.push((Offset(3), value(2)));
        assert!(oracle.scanned(PLACE, &records).is_err());
    }

    #[test]
    fn a_producer_id_given_out_twice_is_a_violation() {
        let mut oracle = with_acknowledged(true);
        assert!(oracle.producer_id(ProducerId(1), ProducerEpoch(0)).is_ok());
        assert!(oracle.producer_id(ProducerId(1), ProducerEpoch(0)).is_err());
    }

    #[test]
    fn deleted_records_may_go_when_asked_for_and_must_when_answered() {
        let mut oracle = with_acknowledged(true);
        assert_eq!(oracle.seen_by(1, PLACE, Offset(0), Offset(3)), Ok(()));
        oracle.deletion_asked(PLACE, 7, Offset(2));
        assert_eq!(oracle.seen_by(1, PLACE, Offset(2), Offset(3)), Ok(()));
        assert_eq!(oracle.scanned(PLACE, &[(Offset(2), value(2))]), Ok(()));
        assert_eq!(oracle.deletion_answered(PLACE, 7, Offset(2)), Ok(()));
        assert!(oracle.seen_by(1, PLACE, Offset(3), Offset(3)).is_err());
        assert!(oracle.seen_by(2, PLACE, Offset(0), Offset(3)).is_err());
    }

    fn with_acknowledged(flushes: bool) -> Oracle {
        let topic = TopicPlan { partitions: 1, flushes, is_compacted: false };
        let mut oracle = Oracle::new(&[topic]);
        let values: Vec<Value> = (0..3).map(value).collect();
        for value in &values {
            oracle.sent(PLACE, *value, true);
        }
        oracle.acknowledged_at(PLACE, Offset(0), &values).unwrap();
        oracle
    }

    fn value(number: i64) -> Value {
        Value { producer: 1, number: number.unsigned_abs() }
    }
}
