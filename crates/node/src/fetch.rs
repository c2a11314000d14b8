//! Fetch: reading up to the high watermark, waiting while there is too little.

use std::sync::{Arc, Weak};

use types::{Now, Offset, TopicId};

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

    /// Forgets a parked request whose sender is gone. One that waits for a group stays: the member
    /// behind it stays one until its session ends, and nobody hears the answer.
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
        let (found, slots) = self.read_all(&request);
        let size: usize = found.iter().map(Fetched::size).sum();
        let urgent = found.iter().any(|one| one.error.is_some() || one.diverging.is_some());
        if size >= request.bytes_min || urgent || deadline <= now.instant {
            count_sent(&slots, &found);
            effects.push(Effect::Answer { ticket, answer: Answer::Fetch(found) });
            return;
        }
        let missing = request.bytes_min - size;
        let places = slots.iter().flatten().map(Arc::downgrade).collect();
        let wait = Arc::new(FetchWait::new(ticket, deadline, request, places, missing));
        self.park_fetch(now, &wait, &slots, &found, effects);
    }

    /// What is found in each partition, and its place; none where this broker has none.
    fn read_all(&self, request: &Fetch) -> (Vec<Fetched>, Vec<Option<Arc<Slot>>>) {
        let mut left = request.bytes_max;
        let mut empty = true;
        let mut found = Vec::with_capacity(request.partitions.len());
        let mut slots = Vec::with_capacity(request.partitions.len());
        for one in &request.partitions {
            let (fetched, slot) = match self.find_slot(&one.topic, one.partition) {
                Ok(slot) => (self.read_one(&slot, one, request.isolation, left, empty), Some(slot)),
                Err(error) => (Fetched::failed(TopicId::default(), error), None),
            };
            empty &= fetched.records.is_none();
            left = left.saturating_sub(fetched.size());
            found.push(fetched);
            slots.push(slot);
        }
        (found, slots)
    }

    /// Reads one partition; the first batch of an answer may exceed its limits, or a consumer could
    /// never get past a large one (KIP-74).
    fn read_one(
        &self,
        slot: &Slot,
        one: &FetchPartition,
        isolation: Isolation,
        left: usize,
        empty: bool,
    ) -> Fetched {
        let read = self.read_slot(slot, one, isolation, left, empty);
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

    fn park_fetch(
        &self,
        now: Now,
        wait: &Arc<FetchWait>,
        slots: &[Option<Arc<Slot>>],
        found: &[Fetched],
        effects: &mut Effects,
    ) {
        self.deadlines.add(wait.deadline, wait.ticket, effects);
        self.parked_fetches().insert(wait.ticket, Arc::clone(wait));
        for (slot, fetched) in slots.iter().zip(found) {
            let seen = match wait.request.isolation {
                Isolation::Uncommitted => fetched.high_watermark,
                Isolation::Committed => fetched.last_stable,
            };
            match slot {
                Some(slot) => self.watch(now, slot, wait, seen, effects),
                None => self.wake(wait, effects),
            }
        }
    }

    fn watch(
        &self,
        now: Now,
        slot: &Slot,
        wait: &Arc<FetchWait>,
        seen: Offset,
        effects: &mut Effects,
    ) {
        let mut asked = Vec::new();
        match &mut *slot.state() {
            State::Leading(partition) => partition.park_fetch(wait, seen, &mut asked),
            // The partition went away since it was read: the client shall hear it at once.
            State::Away | State::Idle(_) | State::Failed => self.wake(wait, effects),
        }
        self.route(now, slot, asked, effects);
    }

    fn wake(&self, wait: &Arc<FetchWait>, effects: &mut Effects) {
        if wait.wake() {
            effects.push(Effect::Resume(wait.ticket));
        }
    }

    fn unpark_fetch(&self, ticket: Ticket) -> Option<Arc<FetchWait>> {
        let wait = self.parked_fetches().remove(&ticket)?;
        self.deadlines.remove(wait.deadline, ticket);
        for slot in wait.slots.iter().filter_map(Weak::upgrade) {
            if let State::Leading(partition) = &mut *slot.state() {
                partition.forget_fetch(&wait);
            }
        }
        Some(wait)
    }
}

fn count_sent(slots: &[Option<Arc<Slot>>], found: &[Fetched]) {
    for (slot, fetched) in slots.iter().zip(found) {
        if let (Some(slot), 1..) = (slot, fetched.size()) {
            slot.traffic.sent(fetched.size());
        }
    }
}
