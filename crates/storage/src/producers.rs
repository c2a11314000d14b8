//! What a log knows of the idempotent producers that wrote to it.
//!
//! For each producer the last five batches are remembered: one that comes again is answered with
//! the offsets it got at first, one that does not follow the last is refused. The state is a pure
//! function of the batches in the log, so that it can be rebuilt from a snapshot and what follows.
//! So it is with their transactions.

use std::collections::{BTreeMap, VecDeque};

use protocol::records::BatchHeader;
use types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::{aborted::AbortedTransaction, marker::Marker, transactions::Transactions};

/// How many batches of a producer are remembered: as many as a client keeps in flight.
pub(crate) const WINDOW: usize = 5;

/// The producers of one log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Producers {
    known: BTreeMap<ProducerId, Producer>,
    transactions: Transactions,
}

/// One producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Producer {
    pub(crate) epoch: ProducerEpoch,
    /// The last batches, oldest first; none when only its epoch is known.
    pub(crate) batches: VecDeque<KnownBatch>,
    pub(crate) last_timestamp: Timestamp,
    /// Of the coordinator that ended its last transaction; -1 when none has ended.
    pub(crate) coordinator_epoch: i32,
    /// Where its transaction began, when one is open.
    pub(crate) transaction_start: Option<Offset>,
}

/// What can be seen of a producer from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveProducer {
    /// Its id.
    pub id: ProducerId,
    /// Its latest epoch.
    pub epoch: ProducerEpoch,
    /// The sequence of its last record; [`Sequence::NONE`] when only its epoch is known.
    pub last_sequence: Sequence,
    /// When it last wrote.
    pub last_timestamp: Timestamp,
    /// The epoch of the coordinator that last ended a transaction of it, or -1.
    pub coordinator_epoch: i32,
    /// Where its transaction began, when one is open.
    pub transaction_start: Option<Offset>,
}

/// A batch of a producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownBatch {
    pub(crate) last_sequence: Sequence,
    pub(crate) last_offset: Offset,
    pub(crate) offset_delta: i32,
    pub(crate) timestamp: Timestamp,
}

/// Why a producer's batch is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProducerError {
    /// There is a newer incarnation of the producer.
    #[error("producer {producer} has epoch {current}, epoch {given} is over")]
    StaleEpoch {
        /// The producer.
        producer: ProducerId,
        /// The epoch of the batch.
        given: ProducerEpoch,
        /// The newest epoch seen.
        current: ProducerEpoch,
    },
    /// A batch is missing before this one.
    #[error("producer {producer} sent sequence {given}, {expected} is next")]
    OutOfOrder {
        /// The producer.
        producer: ProducerId,
        /// The batch's first sequence.
        given: Sequence,
        /// What would have followed.
        expected: Sequence,
    },
    /// The batch belongs to no transaction, but the producer has one open.
    #[error("producer {0} has a transaction open, and the batch is not part of it")]
    OutsideTransaction(ProducerId),
    /// Another coordinator has taken over from the one that ends the transaction.
    #[error(
        "a coordinator of epoch {given} ends a transaction of producer {producer}, but epoch \
         {current} has begun"
    )]
    FencedCoordinator {
        /// The producer.
        producer: ProducerId,
        /// The epoch of the coordinator.
        given: i32,
        /// The newest epoch seen.
        current: i32,
    },
}

impl KnownBatch {
    fn of(header: &BatchHeader) -> KnownBatch {
        KnownBatch {
            last_sequence: header.last_sequence(),
            last_offset: header.last_offset(),
            offset_delta: header.last_offset_delta(),
            timestamp: header.max_timestamp(),
        }
    }

    pub(crate) fn base_offset(&self) -> Offset {
        self.last_offset.plus(-i64::from(self.offset_delta))
    }

    fn is(&self, header: &BatchHeader) -> bool {
        self.last_sequence == header.last_sequence()
            && self.offset_delta == header.last_offset_delta()
    }
}

impl Producers {
    /// Whether a producer's batch may be appended: none when it may, the first copy when it is a
    /// duplicate.
    pub(crate) fn check(&self, header: &BatchHeader) -> Result<Option<KnownBatch>, ProducerError> {
        let producer = header.producer_id();
        // State can have expired, so what is not known may begin anywhere.
        let Some(known) = self.known.get(&producer) else { return Ok(None) };
        known.check_epoch(header)?;
        let (given, current) = (header.producer_epoch(), known.epoch);
        if given == current
            && let Some(first) = known.batches.iter().find(|batch| batch.is(header))
        {
            return Ok(Some(*first));
        }
        let expected = match known.batches.back() {
            Some(last) if given == current => last.last_sequence.plus(1),
            Some(_) | None => Sequence(0),
        };
        let given = header.base_sequence();
        if given != expected {
            return Err(ProducerError::OutOfOrder { producer, given, expected });
        }
        if known.transaction_start.is_some() && !header.is_transactional() {
            return Err(ProducerError::OutsideTransaction(producer));
        }
        Ok(None)
    }

    /// Whether a marker may be appended.
    pub(crate) fn check_marker(
        &self,
        header: &BatchHeader,
        marker: Marker,
    ) -> Result<(), ProducerError> {
        let producer = header.producer_id();
        let Some(known) = self.known.get(&producer) else { return Ok(()) };
        known.check_epoch(header)?;
        let (given, current) = (marker.coordinator_epoch, known.coordinator_epoch);
        if given < current {
            return Err(ProducerError::FencedCoordinator { producer, given, current });
        }
        Ok(())
    }

    /// Takes over what a batch in the log says; returns the transaction that it ends, when that is
    /// aborted.
    pub(crate) fn note(
        &mut self,
        header: &BatchHeader,
        marker: Option<Marker>,
    ) -> Option<AbortedTransaction> {
        // A control batch without a marker was emptied: its transaction has left the log.
        if !header.has_producer() || (header.is_control() && marker.is_none()) {
            return None;
        }
        let (id, epoch) = (header.producer_id(), header.producer_epoch());
        let producer = self.known.entry(id).or_insert_with(|| Producer::new(epoch));
        producer.enter_epoch(epoch);
        producer.last_timestamp = producer.last_timestamp.max(header.max_timestamp());
        if let Some(marker) = marker {
            return self.end_transaction(header, marker);
        }
        producer.note_batch(header);
        if header.is_transactional() && producer.transaction_start.is_none() {
            producer.transaction_start = Some(header.base_offset());
            self.transactions.begin(header.base_offset(), id);
        }
        None
    }

    fn end_transaction(
        &mut self,
        header: &BatchHeader,
        marker: Marker,
    ) -> Option<AbortedTransaction> {
        let id = header.producer_id();
        let producer = self.known.get_mut(&id).expect("the producer was just noted");
        producer.coordinator_epoch = marker.coordinator_epoch;
        let first_offset = producer.transaction_start.take()?;
        let last_offset = header.last_offset();
        let last_stable_offset = self.transactions.decide(first_offset, last_offset);
        marker.is_abort.then_some(AbortedTransaction {
            producer: id,
            first_offset,
            last_offset,
            last_stable_offset,
        })
    }

    /// Forgets decided transactions whose ends lie before the high watermark.
    pub(crate) fn settle(&mut self, high_watermark: Offset) {
        self.transactions.settle(high_watermark);
    }

    /// Where the first transaction begins whose end is not there, or not settled.
    pub(crate) fn first_unsettled_offset(&self) -> Option<Offset> {
        self.transactions.first_offset()
    }

    /// Puts a batch in front of the ones that are remembered, when there is place for it and it
    /// comes right before them; snapshots keep the last batch only.
    pub(crate) fn note_earlier(&mut self, header: &BatchHeader) {
        let Some(producer) = self.known.get_mut(&header.producer_id()) else { return };
        let earlier = KnownBatch::of(header);
        let fits = producer.epoch == header.producer_epoch()
            && producer.batches.len() < WINDOW
            && header.base_sequence() >= Sequence(0)
            && producer
                .batches
                .front()
                .is_some_and(|first| earlier.last_offset < first.last_offset);
        if fits {
            producer.batches.push_front(earlier);
        }
    }

    /// Forgets producers whose last batch is older than `oldest` and that have no transaction open.
    pub(crate) fn expire(&mut self, oldest: Timestamp) {
        self.known.retain(|_, producer| {
            producer.last_timestamp >= oldest || producer.transaction_start.is_some()
        });
    }

    /// Counts the producer as used at `now`, whatever the time in its records.
    pub(crate) fn touch(&mut self, producer: ProducerId, now: Timestamp) {
        if let Some(producer) = self.known.get_mut(&producer) {
            producer.last_timestamp = producer.last_timestamp.max(now);
        }
    }

    /// What can be seen of each producer, by id.
    pub(crate) fn active(&self) -> Vec<ActiveProducer> {
        let active = self.known.iter().map(|(id, producer)| ActiveProducer {
            id: *id,
            epoch: producer.epoch,
            last_sequence: producer.last_sequence(),
            last_timestamp: producer.last_timestamp,
            coordinator_epoch: producer.coordinator_epoch,
            transaction_start: producer.transaction_start,
        });
        active.collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ProducerId, &Producer)> {
        self.known.iter().map(|(id, producer)| (*id, producer))
    }

    pub(crate) fn insert(&mut self, id: ProducerId, producer: Producer) {
        if let Some(first) = producer.transaction_start {
            self.transactions.begin(first, id);
        }
        self.known.insert(id, producer);
    }

    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }
}

impl Producer {
    fn last_sequence(&self) -> Sequence {
        self.batches.back().map_or(Sequence::NONE, |last| last.last_sequence)
    }

    fn new(epoch: ProducerEpoch) -> Producer {
        Producer {
            epoch,
            batches: VecDeque::new(),
            last_timestamp: Timestamp::NONE,
            coordinator_epoch: -1,
            transaction_start: None,
        }
    }

    fn check_epoch(&self, header: &BatchHeader) -> Result<(), ProducerError> {
        let (given, current) = (header.producer_epoch(), self.epoch);
        if given < current {
            let producer = header.producer_id();
            return Err(ProducerError::StaleEpoch { producer, given, current });
        }
        Ok(())
    }

    /// A new epoch numbers its batches anew; a transaction that is open still has to be ended.
    fn enter_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }

    fn note_batch(&mut self, header: &BatchHeader) {
        if header.base_sequence() < Sequence(0) {
            return;
        }
        if self.batches.len() == WINDOW {
            self.batches.pop_front();
        }
        self.batches.push_back(KnownBatch::of(header));
    }
}
