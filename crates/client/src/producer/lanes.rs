//! What waits for each partition, which batch is due, and which sequence it gets.
//!
//! A value: it is told the time and what came of each batch.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;
use types::{PartitionIndex, ProducerEpoch, ProducerId, Sequence};

use super::{NewRecord, Stamp};

/// A record and the number its sender gave it.
#[derive(Debug, Clone)]
pub(crate) struct Ticketed {
    pub(crate) ticket: u64,
    pub(crate) record: NewRecord,
}

/// Records that go together.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Ticketed>,
    /// About what they take.
    bytes: usize,
    since: Instant,
    /// Nothing more goes in.
    closed: bool,
    /// Whether it was taken back once because the broker expected another sequence.
    is_taken_back: bool,
}

impl Batch {
    pub(crate) fn count(&self) -> i32 {
        i32::try_from(self.records.len()).expect("a batch takes less than 2 GiB")
    }

    fn of(records: Vec<Ticketed>, since: Instant) -> Batch {
        let bytes = records.iter().map(|it| it.record.size()).sum();
        Batch { records, bytes, since, closed: true, is_taken_back: false }
    }

    /// Its two halves, when there is more than one record.
    fn halves(mut self) -> Option<(Batch, Batch)> {
        let second = self.records.split_off(self.records.len() / 2);
        (!self.records.is_empty())
            .then(|| (Batch::of(self.records, self.since), Batch::of(second, self.since)))
    }
}

/// One partition's.
#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Batch>,
    is_busy: bool,
    next_sequence: Sequence,
}

/// All partitions'.
#[derive(Debug)]
pub(crate) struct Lanes {
    lanes: BTreeMap<PartitionIndex, Lane>,
    linger: Duration,
    batch_bytes: usize,
    /// What waits and what is on its way.
    bytes: usize,
    producer: Option<(ProducerId, ProducerEpoch)>,
}

impl Lanes {
    pub(crate) fn new(linger: Duration, batch_bytes: usize) -> Lanes {
        Lanes { lanes: BTreeMap::new(), linger, batch_bytes, bytes: 0, producer: None }
    }

    /// From now on batches are those of this producer, beginning at sequence 0.
    pub(crate) fn begin_as(&mut self, id: ProducerId, epoch: ProducerEpoch) {
        self.producer = Some((id, epoch));
        for lane in self.lanes.values_mut() {
            lane.next_sequence = Sequence(0);
        }
    }

    /// What waits and what is on its way.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn push(&mut self, partition: PartitionIndex, ticketed: Ticketed, now: Instant) {
        let size = ticketed.record.size();
        let (limit, lane) = (self.batch_bytes, self.lanes.entry(partition).or_default());
        self.bytes += size;
        match lane.waiting.back_mut() {
            Some(batch) if !batch.closed && batch.bytes + size <= limit => {
                batch.records.push(ticketed);
                batch.bytes += size;
            }
            last => {
                if let Some(batch) = last {
                    batch.closed = true;
                }
                let records = vec![ticketed];
                let closed = size >= limit;
                let batch = Batch { closed, ..Batch::of(records, now) };
                lane.waiting.push_back(batch);
            }
        }
    }

    /// Takes a batch that is due and whose partition has none on its way. With `all` those are due
    /// that would wait for more records otherwise.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        all: bool,
    ) -> Option<(PartitionIndex, Batch, Option<Stamp>)> {
        let linger = self.linger;
        let due = |batch: &Batch| all || batch.closed || batch.since + linger <= now;
        let idle = self.lanes.iter_mut().filter(|(_, lane)| !lane.is_busy);
        let mut ready = idle.filter(|(_, lane)| lane.waiting.front().is_some_and(due));
        let (partition, lane) = ready.next()?;
        let batch = lane.waiting.pop_front()?;
        lane.is_busy = true;
        let sequence = lane.next_sequence;
        let stamp = self.producer.map(|(id, epoch)| Stamp { id, epoch, sequence });
        Some((*partition, batch, stamp))
    }

    /// When the next batch is due that waits for nothing but time.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let idle = self.lanes.values().filter(|lane| !lane.is_busy);
        idle.filter_map(|lane| Some(lane.waiting.front()?.since + self.linger)).min()
    }

    /// The batch is done with. Where it was appended, the next one's sequence follows its own.
    pub(crate) fn settle(
        &mut self,
        partition: PartitionIndex,
        batch: &Batch,
        appended: Option<Stamp>,
    ) {
        self.bytes -= batch.bytes;
        let producer = self.producer;
        let lane = self.lane(partition);
        lane.is_busy = false;
        if let Some(stamp) = appended
            && producer == Some((stamp.id, stamp.epoch))
        {
            lane.next_sequence = stamp.sequence.plus(batch.count());
        }
    }

    /// The batch was not appended and is to be sent again as another producer's, before all others.
    /// Gives it back when that was done once already.
    pub(crate) fn put_back(
        &mut self,
        partition: PartitionIndex,
        batch: Batch,
    ) -> Result<(), Batch> {
        if batch.is_taken_back {
            return Err(batch);
        }
        let lane = self.lane(partition);
        lane.is_busy = false;
        lane.waiting.push_front(Batch { closed: true, is_taken_back: true, ..batch });
        Ok(())
    }

    /// The batch was not appended because it is too large: its halves are to be sent instead. Gives
    /// the batch back when it is a single record.
    pub(crate) fn split(&mut self, partition: PartitionIndex, batch: Batch) -> Result<(), Batch> {
        let whole = batch.clone();
        let Some((first, second)) = batch.halves() else { return Err(whole) };
        let lane = self.lane(partition);
        lane.is_busy = false;
        lane.waiting.push_front(second);
        lane.waiting.push_front(first);
        Ok(())
    }

    /// The batch was not appended because of some of its records, which are given by their place:
    /// the others are to be sent without them. Gives back those that are left out.
    pub(crate) fn leave_out(
        &mut self,
        partition: PartitionIndex,
        batch: Batch,
        is_faulty: impl Fn(usize) -> bool,
    ) -> Vec<(usize, Ticketed)> {
        let (since, before) = (batch.since, batch.bytes);
        let numbered = batch.records.into_iter().enumerate();
        let (faulty, good): (Vec<_>, Vec<_>) = numbered.partition(|(place, _)| is_faulty(*place));
        let rest = Batch::of(good.into_iter().map(|(_, record)| record).collect(), since);
        self.bytes -= before - rest.bytes;
        let lane = self.lane(partition);
        lane.is_busy = false;
        if !rest.records.is_empty() {
            lane.waiting.push_front(rest);
        }
        faulty
    }

    /// Takes all that waits.
    pub(crate) fn drain(&mut self) -> Vec<Ticketed> {
        let waiting = self.lanes.values_mut().flat_map(|lane| std::mem::take(&mut lane.waiting));
        let batches: Vec<Batch> = waiting.collect();
        self.bytes -= batches.iter().map(|batch| batch.bytes).sum::<usize>();
        batches.into_iter().flat_map(|batch| batch.records).collect()
    }

    fn lane(&mut self, partition: PartitionIndex) -> &mut Lane {
        self.lanes.entry(partition).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Timestamp;

    const FIRST: PartitionIndex = PartitionIndex(0);
    const LINGER: Duration = Duration::from_millis(5);

    fn ticketed(ticket: u64, size: usize) -> Ticketed {
        let value = Some(vec![b'x'; size].into());
        let record = NewRecord {
            partition: None,
            timestamp: Timestamp(0),
            key: None,
            value,
            headers: Vec::new(),
        };
        Ticketed { ticket, record }
    }

    fn tickets(batch: &Batch) -> Vec<u64> {
        batch.records.iter().map(|it| it.ticket).collect()
    }

    fn lanes(now: Instant, sizes: &[usize]) -> Lanes {
        let mut lanes = Lanes::new(LINGER, 1_000);
        lanes.begin_as(ProducerId(7), ProducerEpoch(0));
        for (ticket, size) in (0..).zip(sizes) {
            lanes.push(FIRST, ticketed(ticket, *size), now);
        }
        lanes
    }

    #[test]
    fn a_batch_is_due_when_it_is_full_or_has_waited() {
        let now = Instant::now();
        let mut lanes = lanes(now, &[400, 400, 400]);
        let (_, full, _) = lanes.take(now, false).unwrap();
        assert_eq!(tickets(&full), [0, 1]);
        lanes.settle(FIRST, &full, None);
        assert!(lanes.take(now, false).is_none());
        assert_eq!(lanes.deadline(), Some(now + LINGER));
        assert_eq!(tickets(&lanes.take(now + LINGER, false).unwrap().1), [2]);
    }

    #[test]
    fn one_batch_of_a_partition_is_on_its_way_at_a_time() {
        let now = Instant::now();
        let mut lanes = lanes(now, &[800, 800]);
        let (_, first, _) = lanes.take(now, true).unwrap();
        assert!(lanes.take(now, true).is_none());
        lanes.settle(FIRST, &first, None);
        assert!(lanes.take(now, true).is_some());
    }

    #[test]
    fn sequences_go_on_after_what_was_appended_and_are_used_again_after_what_was_not() {
        let now = Instant::now();
        let mut lanes = lanes(now, &[400, 400, 800, 800]);
        let (_, two, stamp) = lanes.take(now, true).unwrap();
        assert_eq!(stamp.unwrap().sequence, Sequence(0));
        lanes.settle(FIRST, &two, stamp);
        let (_, refused, stamp) = lanes.take(now, true).unwrap();
        assert_eq!(stamp.unwrap().sequence, Sequence(2));
        lanes.settle(FIRST, &refused, None);
        assert_eq!(lanes.take(now, true).unwrap().2.unwrap().sequence, Sequence(2));
    }

    #[test]
    fn what_an_earlier_producer_appended_moves_no_sequence_of_the_next_one() {
        let now = Instant::now();
        let mut lanes = lanes(now, &[800, 800]);
        let (_, batch, stamp) = lanes.take(now, true).unwrap();
        lanes.begin_as(ProducerId(8), ProducerEpoch(0));
        lanes.settle(FIRST, &batch, stamp);
        let next = lanes.take(now, true).unwrap().2.unwrap();
        assert_eq!((next.id, next.sequence), (ProducerId(8), Sequence(0)));
    }

    #[test]
    fn a_batch_that_is_too_large_is_sent_in_halves_in_order() {
        let now = Instant::now();
        let mut lanes = lanes(now, &[200, 200, 200, 800]);
        let (_, batch, _) = lanes.take(now, true).unwrap();
        lanes.split(FIRST, batch).unwrap();
        let (_, first, _) = lanes.take(now, false).unwrap();
        assert_eq!(tickets(&first), [0]);
        assert_eq!(tickets(&lanes.split(FIRST, first).unwrap_err()), [0]);
    }

    #[test]
    fn records_that_are_refused_are_left_out_and_the_others_keep_their_order() {
        let now = Instant::now();
        let mut lanes = lanes(now, &[200, 200, 200]);
        let (_, batch, _) = lanes.take(now, true).unwrap();
        let faulty = lanes.leave_out(FIRST, batch, |place| place == 1);
        assert_eq!(faulty.iter().map(|(_, it)| it.ticket).collect::<Vec<_>>(), [1]);
        let (_, rest, _) = lanes.take(now, false).unwrap();
        assert_eq!(tickets(&rest), [0, 2]);
        lanes.settle(FIRST, &rest, None);
        assert_eq!(lanes.bytes(), 0);
    }
}
