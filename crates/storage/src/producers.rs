//! What a log knows of the idempotent producers that wrote to it.
//!
//! For each producer the last five batches are remembered: one that comes again is answered with
//! the offsets it got at first, one that does not follow the last is refused. The state is a pure
//! function of the batches in the log, so that it can be rebuilt from a snapshot and what follows.

use std::collections::{BTreeMap, VecDeque};

use protocol::records::BatchHeader;
use types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

/// How many batches of a producer are remembered: as many as a client keeps in flight.
pub(crate) const WINDOW: usize = 5;

/// The producers of one log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Producers(BTreeMap<ProducerId, Producer>);

/// One producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Producer {
    pub(crate) epoch: ProducerEpoch,
    /// The last batches, oldest first; none when only its epoch is known.
    pub(crate) batches: VecDeque<KnownBatch>,
    pub(crate) last_timestamp: Timestamp,
    pub(crate) coordinator_epoch: i32,
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
        let Some(known) = self.0.get(&producer) else { return Ok(None) };
        let (given, current) = (header.producer_epoch(), known.epoch);
        if given < current {
            return Err(ProducerError::StaleEpoch { producer, given, current });
        }
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
        Ok(None)
    }

    /// Takes over what a batch in the log says.
    pub(crate) fn note(&mut self, header: &BatchHeader) {
        if !header.has_producer() {
            return;
        }
        let epoch = header.producer_epoch();
        let producer = self.0.entry(header.producer_id()).or_insert_with(|| Producer::new(epoch));
        if producer.epoch != epoch {
            *producer = Producer::new(epoch);
        }
        producer.last_timestamp = producer.last_timestamp.max(header.max_timestamp());
        if header.base_sequence() < Sequence(0) {
            return;
        }
        if producer.batches.len() == WINDOW {
            producer.batches.pop_front();
        }
        producer.batches.push_back(KnownBatch::of(header));
    }

    /// Puts a batch in front of the ones that are remembered, when there is place for it and it
    /// comes right before them; snapshots keep the last batch only.
    pub(crate) fn note_earlier(&mut self, header: &BatchHeader) {
        let Some(producer) = self.0.get_mut(&header.producer_id()) else { return };
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

    /// Forgets producers whose last batch is older than `oldest`.
    pub(crate) fn expire(&mut self, oldest: Timestamp) {
        self.0.retain(|_, producer| producer.last_timestamp >= oldest);
    }

    /// Counts the producer as used at `now`, whatever the time in its records.
    pub(crate) fn touch(&mut self, producer: ProducerId, now: Timestamp) {
        if let Some(producer) = self.0.get_mut(&producer) {
            producer.last_timestamp = producer.last_timestamp.max(now);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ProducerId, &Producer)> {
        self.0.iter().map(|(id, producer)| (*id, producer))
    }

    pub(crate) fn insert(&mut self, id: ProducerId, producer: Producer) {
        self.0.insert(id, producer);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Producer {
    fn new(epoch: ProducerEpoch) -> Producer {
        Producer {
            epoch,
            batches: VecDeque::new(),
            last_timestamp: Timestamp::NONE,
            coordinator_epoch: -1,
        }
    }
}
