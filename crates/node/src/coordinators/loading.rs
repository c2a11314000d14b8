//! A shard is loaded from the log of its partition before it answers.
//!
//! The log is read in pieces, each by a job on the recovery lane, so that nothing that serves clients
//! waits behind it. Between two jobs the shard lies in its seat; a job takes it along. All is read
//! that lay in the log when this broker began to lead: as far as it is above the high watermark,
//! the seat waits until it no longer is.

mod reading;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use coordinator::{Shard, request::DeletedTopic};
use types::{Instant, Now, Offset};

use reading::{Found, Reading};

use super::{
    OFFSETS_TOPIC,
    seat::{Seat, Serving, Stage},
    timers,
    writes::Visit,
};
use crate::{
    Node,
    effect::{Completion, Effect, Effects, Finished, Job, Lane},
    slots::{Slot, State},
};

/// When a log is read again that could not be read.
const READ_AGAIN_PAUSE: Duration = Duration::from_secs(5);

/// A shard on its way.
#[derive(Debug)]
pub(super) struct Loading {
    /// How far it is; none while a job has it.
    at: Option<Box<Position>>,
    /// Topics that were deleted meanwhile.
    pub(super) deleted: Vec<DeletedTopic>,
}

/// How far a shard is loaded.
#[derive(Debug)]
pub(crate) struct Position {
    shard: Shard,
    /// The offset to go on from.
    next: Offset,
    /// Where the log ended when this broker began to lead.
    upto: Offset,
    /// How many records were read.
    records: u64,
}

/// What a job brings back.
#[derive(Debug)]
pub(crate) struct Loaded {
    seat: Arc<Seat>,
    at: Box<Position>,
    found: Found,
}

/// The shards that are being loaded together, for one line in the log about all of them.
#[derive(Debug, Default)]
pub(super) struct Loads(Mutex<Tally>);

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    began: Instant,
    open: usize,
    shards: usize,
    records: u64,
}

impl Loads {
    /// A shard begins to be loaded.
    pub(super) fn begin(&self, now: Now) {
        let mut tally = self.tally();
        if tally.open == 0 {
            *tally = Tally { began: now.instant, ..Tally::default() };
        }
        tally.open += 1;
    }

    /// It is loaded.
    fn end(&self, now: Now, records: u64) {
        let mut tally = self.tally();
        tally.open -= 1;
        tally.shards += 1;
        tally.records += records;
        if tally.open == 0 && tally.records > 0 {
            let seconds = now.instant.since(tally.began).as_secs_f64();
            tracing::info!(
                "loaded the groups of {} partitions of {OFFSETS_TOPIC}: {} records in {seconds:.1} s",
                tally.shards,
                tally.records
            );
        }
    }

    /// It is no longer wanted.
    pub(super) fn give_up(&self) {
        self.tally().open -= 1;
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().expect("no thread panics while it counts shards")
    }
}

impl Node {
    /// What a shard of this partition begins with; none when this broker does not lead it.
    pub(super) fn begin_loading(&self, slot: &Slot) -> Option<Loading> {
        let state = slot.state();
        let State::Leading(partition) = &*state else { return None };
        let log = partition.log();
        if log.closed().is_some() {
            return None;
        }
        let at = Position {
            shard: Shard::new(Arc::clone(&self.coordinators.settings.shard)),
            next: log.start_offset(),
            upto: log.end_offset(),
            records: 0,
        };
        Some(Loading { at: Some(Box::new(at)), deleted: Vec::new() })
    }

    /// Has the next piece read, or lets the shard answer when there is none.
    pub(super) fn go_on_loading(&self, now: Now, seat: &Arc<Seat>, effects: &mut Effects) {
        let of_partition = {
            let mut stage = seat.stage();
            let Stage::Loading(loading) = &mut *stage else { return };
            // A job has it, and will bring it back.
            let Some(at) = loading.at.take() else { return };
            if at.next < at.upto {
                effects.push(Effect::Run(self.read_job(seat, at)));
                return;
            }
            let Position { mut shard, records, .. } = *at;
            self.coordinators.loads.end(now, records);
            let mut asked = coordinator::Effects::new();
            shard.start(now, &mut asked);
            if !loading.deleted.is_empty() {
                shard.topics_deleted(now, &loading.deleted, &mut asked);
            }
            let mut serving = Box::new(Serving::new(shard));
            let visit = Visit::new(self, now, seat, effects);
            let of_partition = visit.carry_out(&mut serving, asked);
            *stage = Stage::Serving(serving);
            of_partition
        };
        self.route(now, &seat.slot, of_partition, effects);
    }

    fn read_job(&self, seat: &Arc<Seat>, mut at: Box<Position>) -> Job {
        let seat = Arc::clone(seat);
        let bytes_max = self.coordinators.settings.load_bytes;
        Job::new(Lane::Recovery, "load groups", move || {
            let found = Reading { slot: &seat.slot, bytes_max }.piece(&mut at);
            Completion(Finished::GroupsRead(Loaded { seat, at, found }))
        })
    }

    /// A piece was read, or could not be.
    pub(crate) fn groups_read(&self, now: Now, loaded: Loaded, effects: &mut Effects) {
        let Loaded { seat, at, found } = loaded;
        {
            let mut stage = seat.stage();
            // The seat was left while the job was on its way.
            let Stage::Loading(loading) = &mut *stage else { return };
            let upto = at.upto;
            loading.at = Some(at);
            match found {
                Found::Piece => {}
                Found::NotWritten if watch(&seat.slot, upto) => return,
                Found::NotWritten => {}
                // Who took the lead away leaves the seat.
                Found::NotLed => return,
                Found::Unreadable(error) => {
                    tracing::error!(partition = %seat.slot.name, error, "failed to load groups");
                    let again = now.instant.after(READ_AGAIN_PAUSE);
                    self.deadlines.add(again, timers::ticket_of(seat.partition()), effects);
                    return;
                }
            }
        }
        self.go_on_loading(now, &seat, effects);
    }

    /// The log of a partition is written up to here, for those who wait for that.
    pub(crate) fn groups_written(
        &self,
        now: Now,
        slot: &Slot,
        upto: Offset,
        effects: &mut Effects,
    ) {
        let seat = self.coordinators.seat(slot.id.partition);
        let Some(seat) = seat.filter(|seat| seat.slot.id == slot.id) else { return };
        let visited = self.visit(now, &seat, effects, |serving, _| serving.advance(upto));
        if visited.is_err() {
            self.go_on_loading(now, &seat, effects);
        }
    }
}

/// Has the partition say when its high watermark reaches `end`; false when it has.
fn watch(slot: &Slot, end: Offset) -> bool {
    match &mut *slot.state() {
        State::Leading(partition) if partition.high_watermark() >= end => false,
        State::Leading(partition) => {
            partition.watch(end);
            true
        }
        State::Away | State::Idle(_) | State::Failed => true,
    }
}
