//! The groups that this broker looks after: a shard for each partition of `__consumer_offsets` that
//! it leads.
//!
//! A shard stands behind the lock of its seat. What it has to remember is appended to the log of its
//! partition while that lock is held, so that records lie there in the order in which it decided.
//! Locks are taken in this order and never in another: one seat, the slot of its partition, and what
//! is held for a moment only (deadlines, tickets). Whoever holds a slot takes no seat: a partition
//! says with effects what has happened to it, and [`Node::route`] passes them on when the slot is
//! free again.

mod creation;
mod loading;
mod reads;
mod refusal;
mod seat;
mod settings;
mod timers;
mod writes;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use coordinator::{
    GroupError, GroupId,
    answer::Answer,
    partition_of,
    request::{DeletedTopic, Request},
};
use imbl::OrdMap;
use metadata::image::Topic;
use types::{Now, PartitionIndex, TopicId, TopicIdPartition};

pub(crate) use creation::CREATION;
use creation::Creation;
pub(crate) use loading::Loaded;
use loading::Loads;
use refusal::{Refusal, group_of};
use seat::{Seat, Serving, Stage};
use settings::Settings;
use writes::Visit;

use crate::{
    Node, answer,
    effect::{Completion, Effect, Effects, Finished, Job, Lane, Ticket},
    effective::Effective,
    slots::{Slot, State},
};

/// The topic in which groups and their offsets are kept.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The shards on this broker.
#[derive(Debug)]
pub(crate) struct Coordinators {
    settings: Settings,
    seats: ArcSwap<OrdMap<PartitionIndex, Arc<Seat>>>,
    creation: Creation,
    loads: Loads,
    /// Whether no more shards are taken up, because the node stops.
    is_closed: AtomicBool,
}

impl Coordinators {
    pub(crate) fn new(effective: &Effective) -> Coordinators {
        Coordinators {
            settings: Settings::of(effective),
            seats: ArcSwap::default(),
            creation: Creation::default(),
            loads: Loads::default(),
            is_closed: AtomicBool::new(false),
        }
    }

    fn seat(&self, partition: PartitionIndex) -> Option<Arc<Seat>> {
        self.seats.load().get(&partition).cloned()
    }

    fn all_seats(&self) -> Vec<Arc<Seat>> {
        self.seats.load().values().cloned().collect()
    }

    fn add(&self, seat: &Arc<Seat>) {
        self.seats.rcu(|seats| seats.update(seat.partition(), Arc::clone(seat)));
    }

    fn remove(&self, seat: &Arc<Seat>) {
        self.seats.rcu(|seats| match seats.get(&seat.partition()) {
            Some(there) if Arc::ptr_eq(there, seat) => seats.without(&seat.partition()),
            Some(_) | None => OrdMap::clone(seats),
        });
    }
}

impl Node {
    /// Has a group's coordinator do something; its answer comes with
    /// [`Answer::Group`](answer::Answer::Group), at once or when others have done their part.
    pub fn coordinate(&self, now: Now, ticket: Ticket, request: Request, effects: &mut Effects) {
        let refusal = Refusal::of(&request);
        let outcome = self.seat_of(group_of(&request)).and_then(|seat| {
            let asker = coordinator::Ticket(ticket.0);
            self.visit(now, &seat, effects, |serving, asked| {
                serving.shard.handle(now, asker, request, asked);
            })
        });
        if let Err(error) = outcome {
            if error == GroupError::NotCoordinator {
                self.create_offsets_topic(now, effects);
            }
            effects.push(answered(ticket, refusal.with(error)));
        }
    }

    /// Answers all who wait for a group's coordinator, so that their connections can end: this
    /// broker stops, and looks after no group any more.
    pub fn close_groups(&self, effects: &mut Effects) {
        self.coordinators.is_closed.store(true, Ordering::SeqCst);
        for seat in self.coordinators.all_seats() {
            self.leave(&seat, effects);
        }
    }

    /// Takes up the groups of a partition that this broker leads since this moment, if it is one of
    /// the topic of groups.
    pub(crate) fn take_up_groups(&self, now: Now, slot: &Arc<Slot>, effects: &mut Effects) {
        let partition = slot.id.partition;
        if slot.name.topic.as_str() != OFFSETS_TOPIC
            || self.coordinators.seat(partition).is_some_and(|seat| Arc::ptr_eq(&seat.slot, slot))
        {
            return;
        }
        let Some(loading) = self.begin_loading(slot) else { return };
        let seat = Arc::new(Seat::new(Arc::clone(slot), loading));
        self.coordinators.loads.begin(now);
        self.coordinators.add(&seat);
        if self.coordinators.is_closed.load(Ordering::SeqCst) {
            // The others were left at that moment, this one perhaps not.
            return self.leave(&seat, effects);
        }
        self.go_on_loading(now, &seat, effects);
    }

    /// Lets go of the groups of a partition that this broker no longer leads.
    pub(crate) fn leave_groups(&self, slot: &Slot, effects: &mut Effects) {
        let seat = self.coordinators.seat(slot.id.partition);
        if let Some(seat) = seat.filter(|seat| seat.slot.id == slot.id) {
            self.leave(&seat, effects);
        }
    }

    /// Has all groups forget the offsets of topics that were deleted, on the pool: every group is
    /// looked at.
    pub(crate) fn forget_topics(&self, gone: &BTreeMap<TopicId, Topic>, effects: &mut Effects) {
        if gone.is_empty() || self.coordinators.seats.load().is_empty() {
            return;
        }
        let of = |topic: &Topic| DeletedTopic { name: topic.name.as_str().into(), id: topic.id };
        let topics = gone.values().map(of).collect();
        effects.push(Effect::Run(Job::new(Lane::Data, "forget topics", move || {
            Completion(Finished::TopicsDeleted(topics))
        })));
    }

    /// Groups shall forget the offsets of these topics.
    pub(crate) fn topics_deleted(&self, now: Now, topics: &[DeletedTopic], effects: &mut Effects) {
        for seat in self.coordinators.all_seats() {
            if let Stage::Loading(loading) = &mut *seat.stage() {
                loading.deleted.extend_from_slice(topics);
                continue;
            }
            // One that was left meanwhile has no groups.
            let _ = self.visit(now, &seat, effects, |serving, asked| {
                serving.shard.topics_deleted(now, topics, asked);
            });
        }
    }

    /// The seat of the shard that a group belongs to.
    fn seat_of(&self, group: &GroupId) -> Result<Arc<Seat>, GroupError> {
        let image = self.image.load();
        let topic = image.topics.named(OFFSETS_TOPIC).ok_or(GroupError::NotCoordinator)?;
        let count = i32::try_from(topic.partition_count()).unwrap_or(i32::MAX);
        let id = TopicIdPartition { topic: topic.id, partition: partition_of(group, count) };
        let seat = self.coordinators.seat(id.partition).filter(|seat| seat.slot.id == id);
        seat.ok_or_else(|| self.without_seat(id))
    }

    /// Why there is no seat: the log is on its way, or another broker's.
    fn without_seat(&self, id: TopicIdPartition) -> GroupError {
        let is_led = self.leader_of(id).broker == self.config.broker;
        let is_closed = self.coordinators.is_closed.load(Ordering::SeqCst);
        let slot = self.slots.find(id).filter(|_| is_led && !is_closed);
        match slot {
            Some(slot) if matches!(&*slot.state(), State::Away) => GroupError::Loading,
            Some(_) | None => GroupError::NotCoordinator,
        }
    }

    /// Lets something happen to a shard and carries out what it asks for.
    fn visit(
        &self,
        now: Now,
        seat: &Arc<Seat>,
        effects: &mut Effects,
        work: impl FnOnce(&mut Serving, &mut coordinator::Effects),
    ) -> Result<(), GroupError> {
        let of_partition = {
            let mut stage = seat.stage();
            let serving = stage.serving()?;
            let mut asked = coordinator::Effects::new();
            work(serving, &mut asked);
            Visit::new(self, now, seat, effects).carry_out(serving, asked)
        };
        self.route(now, &seat.slot, of_partition, effects);
        Ok(())
    }

    /// Ends a seat: those who wait are told to look for another coordinator.
    fn leave(&self, seat: &Arc<Seat>, effects: &mut Effects) {
        self.coordinators.remove(seat);
        let stage = std::mem::replace(&mut *seat.stage(), Stage::Left);
        match stage {
            Stage::Serving(mut serving) => {
                self.forget_timer(seat, &mut serving);
                let mut asked = coordinator::Effects::new();
                serving.shard.unload(&mut asked);
                for one in asked {
                    // What it would still have written is for the next leader to decide.
                    if let coordinator::Effect::Answer { ticket, answer } = one {
                        effects.push(answered(Ticket(ticket.0), answer));
                    }
                }
            }
            Stage::Loading(_) => self.coordinators.loads.give_up(),
            Stage::Left => {}
        }
    }
}

fn answered(ticket: Ticket, answer: Answer) -> Effect {
    Effect::Answer { ticket, answer: answer::Answer::Group(answer) }
}
