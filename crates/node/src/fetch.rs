//! Fetch: reading up to the high watermark, waiting while there is too little.

use std::sync::Arc;

use types::{Now, Offset, TopicId, TopicIdPartition};

use crate::{
    Node,
    answer::{Answer, Fetched, PartitionError},
    effect::{Effect, Effects, Ticket},
    partition::Partition,
    request::{Fetch, FetchPartition, Isolation},
    slots::{Slot, State},
    waits::FetchWait,
};

impl Node {
    /// Reads batches; answers when there are enough, something is wrong, or the wait is over.
    pub fn fetch(&self, now: Now, ticket: Ticket, request: Fetch, effects: &mut Effects) {
        let deadline = now.instant.after(request.wait_max);
        self.fetch_until(now, ticket, request, deadline, effects);
    }

    /// Looks at a parked fetch again, after [`Effect::Resume`].
    pub fn resume(&self, now: Now, ticket: Ticket, effects: &mut Effects) {
        if let Some(wait) = self.unpark_fetch(ticket) {
            self.fetch_until(now, ticket, wait.request.clone(), wait.deadline, effects);
        }
    }

    /// Forgets a parked request whose sender is gone.
    pub fn cancel(&self, ticket: Ticket) {
        if self.unpark_fetch(ticket).is_none()
            && let Some(wait) = self.parked_produces().remove(&ticket)
        {
            self.deadlines.remove(wait.deadline, ticket);
        }
    }

    fn fetch_until(
        &self,
        now: Now,
        ticket: Ticket,
        request: Fetch,
        deadline: types::Instant,
        effects: &mut Effects,
    ) {
        let found = self.read_all(&request);
        let size: usize = found.iter().map(Fetched::size).sum();
        let urgent = found.iter().any(|one| one.error.is_some() || one.diverging.is_some());
        if size >= request.bytes_min || urgent || deadline <= now.instant {
            self.count_sent(&request, &found);
            effects.push(Effect::Answer { ticket, answer: Answer::Fetch(found) });
            return;
        }
        let missing = request.bytes_min - size;
        let wait = Arc::new(FetchWait::new(ticket, deadline, request, missing));
        self.park_fetch(&wait, &found, effects);
    }

    fn count_sent(&self, request: &Fetch, found: &[Fetched]) {
        for (one, fetched) in request.partitions.iter().zip(found) {
            let id = TopicIdPartition { topic: fetched.topic_id, partition: one.partition };
            if fetched.size() > 0
                && let Some(slot) = self.slots.find(id)
            {
                slot.traffic.sent(fetched.size());
            }
        }
    }

    fn read_all(&self, request: &Fetch) -> Vec<Fetched> {
        let mut left = request.bytes_max;
        let mut empty = true;
        let mut found = Vec::with_capacity(request.partitions.len());
        for one in &request.partitions {
            let fetched = self.read_one(one, request.isolation, left, empty);
            empty &= fetched.records.is_none();
            left = left.saturating_sub(fetched.size());
            found.push(fetched);
        }
        found
    }

    /// Reads one partition; the first batch of an answer may exceed its limits, or a consumer could
    /// never get past a large one (KIP-74).
    fn read_one(
        &self,
        one: &FetchPartition,
        isolation: Isolation,
        left: usize,
        empty: bool,
    ) -> Fetched {
        let slot = match self.find_slot(&one.topic, one.partition) {
            Ok(slot) => slot,
            Err(error) => return Fetched::failed(TopicId::default(), error),
        };
        let read = self.read_slot(&slot, one, isolation, left, empty);
        slot.traffic.read(read.is_ok());
        read.unwrap_or_else(|error| Fetched::failed(slot.id.topic, error))
    }

    fn read_slot(
        &self,
        slot: &Slot,
        one: &FetchPartition,
        isolation: Isolation,
        left: usize,
        empty: bool,
    ) -> Result<Fetched, PartitionError> {
        let mut state = slot.state();
        let State::Leading(partition) = &mut *state else {
            return Err(self.not_leading(slot, &state));
        };
        self.check_epoch(partition, one.current_epoch)?;
        let bytes_max = one.bytes_max.min(left);
        let read =
            partition.read(one.offset, one.last_fetched_epoch, isolation, bytes_max, empty)?;
        Ok(Fetched {
            error: None,
            topic_id: slot.id.topic,
            high_watermark: read.high_watermark,
            last_stable: read.last_stable,
            log_start: read.log_start,
            records: read.records,
            aborted: read.aborted.iter().map(|one| (one.producer, one.first_offset)).collect(),
            diverging: read.diverging,
        })
    }

    /// Compares the leader epoch a client knows with the leader's (KIP-320).
    pub(crate) fn check_epoch(
        &self,
        partition: &Partition,
        known: Option<types::LeaderEpoch>,
    ) -> Result<(), PartitionError> {
        let leader = self.own_lead(partition);
        match known {
            Some(known) if known < leader.epoch => Err(PartitionError::FencedLeaderEpoch(leader)),
            Some(known) if known > leader.epoch => Err(PartitionError::UnknownLeaderEpoch(leader)),
            Some(_) | None => Ok(()),
        }
    }

    fn park_fetch(&self, wait: &Arc<FetchWait>, found: &[Fetched], effects: &mut Effects) {
        self.deadlines.add(wait.deadline, wait.ticket, effects);
        self.parked_fetches().insert(wait.ticket, Arc::clone(wait));
        for (one, fetched) in wait.request.partitions.iter().zip(found) {
            let seen = match wait.request.isolation {
                Isolation::Uncommitted => fetched.high_watermark,
                Isolation::Committed => fetched.last_stable,
            };
            self.watch(one, wait, seen, effects);
        }
    }

    fn watch(
        &self,
        one: &FetchPartition,
        wait: &Arc<FetchWait>,
        seen: Offset,
        effects: &mut Effects,
    ) {
        let Ok(slot) = self.find_slot(&one.topic, one.partition) else {
            return self.wake(wait, effects);
        };
        let mut asked = Vec::new();
        match &mut *slot.state() {
            State::Leading(partition) => partition.park_fetch(wait, seen, &mut asked),
            // The partition went away since it was read: the client shall hear it at once.
            State::Away | State::Idle(_) | State::Failed => self.wake(wait, effects),
        }
        self.route(&slot, asked, effects);
    }

    fn wake(&self, wait: &Arc<FetchWait>, effects: &mut Effects) {
        if wait.wake() {
            effects.push(Effect::Resume(wait.ticket));
        }
    }

    fn unpark_fetch(&self, ticket: Ticket) -> Option<Arc<FetchWait>> {
        let wait = self.parked_fetches().remove(&ticket)?;
        self.deadlines.remove(wait.deadline, ticket);
        for one in &wait.request.partitions {
            if let Ok(slot) = self.find_slot(&one.topic, one.partition)
                && let State::Leading(partition) = &mut *slot.state()
            {
                partition.forget_fetch(&wait);
            }
        }
        Some(wait)
    }
}
