//! A producer that writes to one partition, idempotent or plain.
//!
//! The idempotent one repeats a batch until it is acknowledged, oldest first, as Kafka's clients do.
//! The plain one sends every batch once and never learns what became of those without an answer.

use std::collections::VecDeque;

use bytes::Bytes;
use protocol::records::{BatchBuilder, Codec, Compression};
use runtime::{Random, simulated::SimRandom};
use types::{ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::{
    oracle::Oracle,
    violation::{Checked, Violation, must},
    words::{Ask, Place, Refusal, Reply, Value},
};

/// What a producer may do at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProducerLimits {
    /// Batches under way at once.
    pub(crate) in_flight_max: usize,
    /// Records of a batch.
    pub(crate) batch_records_max: u64,
    /// Bytes of a record's value.
    pub(crate) value_bytes_max: u64,
}

/// A producer.
#[derive(Debug)]
pub(crate) struct Producer {
    number: u32,
    place: Place,
    limits: ProducerLimits,
    identity: Identity,
    values_made: u64,
    /// Batches without an acknowledgement, oldest first.
    queue: VecDeque<Batch>,
    /// Something failed: nothing is sent until all that is under way has come back.
    recovering: bool,
    /// How often the partition had lost something when the producer got its id.
    losses: u64,
    /// It makes no new batches.
    is_draining: bool,
}

#[derive(Debug)]
enum Identity {
    Plain,
    /// Idempotent, with no id yet.
    Unnamed {
        asked: Option<u64>,
    },
    Named {
        id: ProducerId,
        epoch: ProducerEpoch,
        next: Sequence,
        is_known: bool,
    },
}

#[derive(Debug)]
struct Batch {
    bytes: Bytes,
    /// The request that carries it; none when it must be sent (again).
    ticket: Option<u64>,
}

impl Producer {
    /// A producer with this number among the clients.
    #[must_use]
    pub(crate) fn new(
        number: u32,
        place: Place,
        is_idempotent: bool,
        limits: ProducerLimits,
    ) -> Producer {
        let identity =
            if is_idempotent { Identity::Unnamed { asked: None } } else { Identity::Plain };
        Producer {
            number,
            place,
            limits,
            identity,
            values_made: 0,
            queue: VecDeque::new(),
            recovering: false,
            losses: 0,
            is_draining: false,
        }
    }

    /// What the producer asks next, under this ticket; nothing when it has to wait.
    pub(crate) fn ask(
        &mut self,
        ticket: u64,
        now: Timestamp,
        random: &mut SimRandom,
        oracle: &mut Oracle,
    ) -> Option<Ask> {
        if let Identity::Unnamed { asked } = &mut self.identity
            && !self.is_draining
        {
            let is_first = asked.is_none();
            asked.get_or_insert(ticket);
            return is_first.then_some(Ask::ProducerId);
        }
        if self.recovering && self.queue.iter().any(|batch| batch.ticket.is_some()) {
            return None;
        }
        self.recovering = false;
        let waiting = self.queue.iter().position(|batch| batch.ticket.is_none());
        let index = match waiting {
            Some(index) => index,
            None if !self.is_draining && self.queue.len() < self.in_flight_max() => {
                self.make_batch(now, random, oracle);
                self.queue.len() - 1
            }
            None => return None,
        };
        self.queue[index].ticket = Some(ticket);
        Some(Ask::Produce { place: self.place, batch: self.queue[index].bytes.clone() })
    }

    /// Makes no new batches from here on.
    pub(crate) fn drain(&mut self) {
        self.is_draining = true;
    }

    /// Whether everything that was sent has its answer.
    #[must_use]
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes a reply to one of its requests.
    pub(crate) fn take(&mut self, ticket: u64, reply: &Reply, oracle: &mut Oracle) -> Checked {
        match reply {
            Reply::ProducerId(id, epoch) => self.take_id(ticket, *id, *epoch, oracle),
            Reply::Produced(_) => {
                if let Identity::Named { is_known, .. } = &mut self.identity {
                    *is_known = true;
                }
                self.queue.retain(|batch| batch.ticket != Some(ticket));
                Ok(())
            }
            Reply::Refused(refusal) => self.take_refusal(ticket, *refusal, oracle),
            Reply::Fetched { .. }
            | Reply::Deleted(_)
            | Reply::Group(_)
            | Reply::Committed(_)
            | Reply::TopicsCreated => Err(Violation::new("a reply fits its request", reply)),
        }
    }

    /// The connection broke: no answer will come.
    pub(crate) fn disconnected(&mut self) {
        let is_plain = matches!(self.identity, Identity::Plain);
        self.queue.retain(|batch| !(is_plain && batch.ticket.is_some()));
        for batch in &mut self.queue {
            batch.ticket = None;
        }
        if let Identity::Unnamed { asked } = &mut self.identity {
            *asked = None;
        }
    }

    fn take_id(
        &mut self,
        ticket: u64,
        id: ProducerId,
        epoch: ProducerEpoch,
        oracle: &mut Oracle,
    ) -> Checked {
        oracle.producer_id(id, epoch)?;
        if matches!(self.identity, Identity::Unnamed { asked } if asked == Some(ticket)) {
            self.identity = Identity::Named { id, epoch, next: Sequence(0), is_known: false };
            self.losses = oracle.losses(self.place);
        }
        Ok(())
    }

    fn take_refusal(&mut self, ticket: u64, refusal: Refusal, oracle: &Oracle) -> Checked {
        if let Identity::Unnamed { asked } = &mut self.identity {
            *asked = None;
        }
        let Some(index) = self.under_way(ticket) else { return Ok(()) };
        match refusal {
            Refusal::TryAgain => self.repeat_or_forget(index),
            // The one before it was refused for another reason: both are sent again.
            Refusal::OutOfOrder if index > 0 => self.repeat_or_forget(index),
            Refusal::OutOfOrder => self.begin_anew(oracle)?,
            Refusal::OutOfRange | Refusal::Unexpected => {
                let detail = format!("producer {} got {refusal:?}", self.number);
                return Err(Violation::new("a correct producer is not refused", detail));
            }
        }
        Ok(())
    }

    fn under_way(&self, ticket: u64) -> Option<usize> {
        self.queue.iter().position(|batch| batch.ticket == Some(ticket))
    }

    fn repeat_or_forget(&mut self, index: usize) {
        match self.identity {
            Identity::Plain => {
                self.queue.remove(index);
            }
            Identity::Unnamed { .. } | Identity::Named { .. } => {
                self.queue[index].ticket = None;
                self.recovering = true;
            }
        }
    }

    /// A partition takes any sequence from a producer it does not know. Were the first batch refused
    /// because the log is not open yet, the second one could overtake it.
    fn in_flight_max(&self) -> usize {
        match self.identity {
            Identity::Named { is_known: false, .. } => 1,
            Identity::Named { .. } | Identity::Unnamed { .. } | Identity::Plain => {
                self.limits.in_flight_max
            }
        }
    }

    /// What it had written was lost with the power, and with it the sequence: only then may an
    /// idempotent producer be refused, and it goes on under another id.
    fn begin_anew(&mut self, oracle: &Oracle) -> Checked {
        let has_lost = oracle.losses(self.place) > self.losses;
        must("a producer whose batches are all there is in sequence", has_lost, || {
            format!("producer {} on {}", self.number, self.place)
        })?;
        self.queue.clear();
        self.identity = Identity::Unnamed { asked: None };
        Ok(())
    }

    fn make_batch(&mut self, now: Timestamp, random: &mut SimRandom, oracle: &mut Oracle) {
        let codec = if random.chance(80) { Codec::None } else { Codec::Lz4 };
        let mut builder = BatchBuilder::new(Compression::new(codec));
        for _ in 0..random.between(1, self.limits.batch_records_max) {
            let value = Value { producer: self.number, number: self.values_made };
            self.values_made += 1;
            let size = usize::try_from(random.below(self.limits.value_bytes_max));
            let bytes = value.encode(size.expect("a value is small"));
            let key = oracle.is_compacted(self.place).then(|| [value.key()]);
            builder.push(now, key.as_ref().map(|key| &key[..]), Some(&bytes), &[]);
            oracle.sent(self.place, value, !matches!(self.identity, Identity::Plain));
        }
        if let Identity::Named { id, epoch, next, .. } = &mut self.identity {
            let base = *next;
            *next = next.plus(builder.count());
            builder = builder.producer(*id, *epoch, base);
        }
        self.queue.push_back(Batch { bytes: builder.build(), ticket: None });
    }
}

#[cfg(test)]
mod tests {
    use protocol::records::BatchView;
    use types::Offset;

    use super::*;
    use crate::plan::TopicPlan;

    const PLACE: Place = Place { topic: 0, partition: 0 };

    #[test]
    fn an_idempotent_producer_repeats_what_was_not_acknowledged_in_order() {
        let mut test = Test::idempotent();
        let first = test.batch(1);
        let second = test.batch(2);
        test.producer.disconnected();
        assert_eq!(test.batch(3), first);
        assert_eq!(test.batch(4), second);
        assert!(test.ask(5).is_none(), "two are under way already");
    }

    #[test]
    fn after_a_refusal_nothing_is_sent_until_the_others_came_back() {
        let mut test = Test::idempotent();
        let first = test.batch(1);
        test.batch(2);
        test.refuse(1, Refusal::TryAgain).unwrap();
        assert!(test.ask(3).is_none());
        test.refuse(2, Refusal::OutOfOrder).unwrap();
        assert_eq!(test.batch(4), first);
    }

    #[test]
    fn sequences_follow_each_other() {
        let mut test = Test::idempotent();
        let first = test.batch(1);
        let second = test.batch(2);
        let first = BatchView::parse(&first).unwrap();
        let second = BatchView::parse(&second).unwrap();
        assert_eq!(first.last_sequence().plus(1), second.base_sequence());
    }

    #[test]
    fn a_refused_sequence_is_a_violation_unless_the_power_was_cut() {
        let mut test = Test::idempotent();
        test.batch(1);
        assert!(test.refuse(1, Refusal::OutOfOrder).is_err());
        test.oracle.power_was_cut();
        test.refuse(1, Refusal::OutOfOrder).unwrap();
        assert!(matches!(test.ask(2), Some(Ask::ProducerId)));
    }

    #[test]
    fn a_plain_producer_sends_everything_once() {
        let mut test = Test::plain();
        let first = test.batch(1);
        test.producer.disconnected();
        assert_ne!(test.batch(2), first);
    }

    struct Test {
        producer: Producer,
        oracle: Oracle,
        random: SimRandom,
    }

    impl Test {
        fn plain() -> Test {
            Test::new(false)
        }

        fn idempotent() -> Test {
            let mut test = Test::new(true);
            assert!(matches!(test.ask(0), Some(Ask::ProducerId)));
            let id = Reply::ProducerId(ProducerId(5), ProducerEpoch(0));
            test.producer.take(0, &id, &mut test.oracle).unwrap();
            test.batch(100);
            let acknowledged = Reply::Produced(Offset(0));
            test.producer.take(100, &acknowledged, &mut test.oracle).unwrap();
            test
        }

        fn new(is_idempotent: bool) -> Test {
            let limits =
                ProducerLimits { in_flight_max: 2, batch_records_max: 3, value_bytes_max: 50 };
            Test {
                producer: Producer::new(0, PLACE, is_idempotent, limits),
                oracle: Oracle::new(&[TopicPlan {
                    partitions: 1,
                    flushes: false,
                    is_compacted: false,
                }]),
                random: SimRandom::new(1),
            }
        }

        fn ask(&mut self, ticket: u64) -> Option<Ask> {
            self.producer.ask(ticket, Timestamp(1), &mut self.random, &mut self.oracle)
        }

        fn batch(&mut self, ticket: u64) -> Bytes {
            match self.ask(ticket) {
                Some(Ask::Produce { batch, .. }) => batch,
                other => panic!("{other:?}"),
            }
        }

        fn refuse(&mut self, ticket: u64, refusal: Refusal) -> Checked {
            self.producer.take(ticket, &Reply::Refused(refusal), &mut self.oracle)
        }
    }
}
