//! Forgetting what has had its time: offsets whose retention is over, groups of which nothing is
//! left, offsets of deleted topics.
//!
//! Goes through the groups in slices, each with at most one batch of tombstones, and goes on when
//! that is written: to sweep very many groups holds nothing up.

use std::{collections::VecDeque, time::Duration};

use types::{Instant, Now, Timestamp};

use super::{Shard, batch::Batch, writes::Then};
use crate::{
    Config, Effects, Write,
    answer::State,
    group::Retention,
    groups::{Group, GroupNumber},
    offsets::Place,
    request::DeletedTopic,
};

/// How many groups and offsets one slice looks at.
const LOOKED_AT_MAX: usize = 10_000;
/// When tombstones of deleted topics are tried again that could not be written.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What is to be swept, and how far that has come.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    jobs: VecDeque<Job>,
    next_expiry: Option<Instant>,
}

/// One way through all groups.
#[derive(Debug)]
struct Job {
    task: Task,
    /// Where the next slice begins.
    at: Place,
    /// Where the one after it does, once the tombstones of this one are written; none at the end.
    then: Option<Place>,
    due: Instant,
    /// It waits until this write, and with it all before, is reported.
    after: Option<Write>,
}

#[derive(Debug)]
enum Task {
    Expire,
    Forget(Vec<DeletedTopic>),
}

/// What one step of a job found.
#[derive(Debug, Default)]
struct Slice {
    batch: Batch,
    ending: Vec<GroupNumber>,
    looked_at: usize,
    next: Option<Place>,
}

impl Sweep {
    /// The first look for expired offsets is one interval away.
    pub(super) fn start(&mut self, now: Instant, config: &Config) {
        self.next_expiry = Some(now.after(config.offsets_check_interval));
    }

    /// When there is something to do, given the first write that is under way.
    pub(super) fn deadline(&self, under_way: Option<Write>) -> Option<Instant> {
        let job = self.jobs.front().filter(|job| job.is_ready(under_way)).map(|job| job.due);
        [job, self.next_expiry].into_iter().flatten().min()
    }

    /// The tombstones of the current slice are written.
    pub(super) fn proceed(&mut self) {
        let job = self.jobs.front_mut().expect(WAITING);
        match job.then {
            Some(next) => job.at = next,
            None => drop(self.jobs.pop_front()),
        }
    }

    /// The tombstones of the current slice cannot be written. Expired offsets are looked for again
    /// soon enough.
    pub(super) fn retreat(&mut self, now: Instant) {
        let job = self.jobs.front_mut().expect(WAITING);
        match job.task {
            Task::Expire => drop(self.jobs.pop_front()),
            Task::Forget(_) => job.due = now.after(RETRY_AFTER),
        }
    }

    fn begin_expiry(&mut self, now: Instant, config: &Config) {
        if self.next_expiry.is_none_or(|due| due > now) {
            return;
        }
        self.start(now, config);
        if !self.jobs.iter().any(|job| matches!(job.task, Task::Expire)) {
            self.add(now, Task::Expire, None);
        }
    }

    fn add(&mut self, due: Instant, task: Task, after: Option<Write>) {
        let at = Place::first_of(GroupNumber::FIRST);
        self.jobs.push_back(Job { task, at, then: None, due, after });
    }

    fn take_ready(&mut self, now: Instant, under_way: Option<Write>) -> Option<Job> {
        self.jobs.pop_front_if(|job| job.due <= now && job.is_ready(under_way))
    }
}

impl Job {
    fn is_ready(&self, under_way: Option<Write>) -> bool {
        self.after.is_none_or(|after| under_way.is_none_or(|first| first > after))
    }
}

impl Slice {
    fn is_full(&self) -> bool {
        self.looked_at >= LOOKED_AT_MAX || self.batch.is_full()
    }
}

impl Shard {
    /// Topics are gone, and with them all offsets that were committed for them.
    pub fn topics_deleted(&mut self, now: Now, topics: &[DeletedTopic], effects: &mut Effects) {
        let after = self.under_way.back().map(|last| last.write);
        self.sweep.add(now.instant, Task::Forget(topics.to_vec()), after);
        self.sweep(now, effects);
    }

    /// Takes the next step, if one is due.
    pub(super) fn sweep(&mut self, now: Now, effects: &mut Effects) {
        self.sweep.begin_expiry(now.instant, &self.config);
        let under_way = self.under_way.front().map(|first| first.write);
        let Some(mut job) = self.sweep.take_ready(now.instant, under_way) else { return };
        let slice = self.slice(&job, now.wall);
        if slice.batch.is_empty() {
            if let Some(next) = slice.next {
                self.sweep.jobs.push_front(Job { at: next, due: now.instant, ..job });
            }
            return;
        }
        for group in slice.ending {
            self.groups.get_mut(group).is_ending = true;
        }
        job.then = slice.next;
        job.after = Some(self.write(slice.batch, Then::Sweep, effects));
        self.sweep.jobs.push_front(job);
    }

    fn slice(&self, job: &Job, now: Timestamp) -> Slice {
        let mut slice = Slice::default();
        let mut at = job.at;
        while let Some((number, group)) = self.groups.from(at.group()) {
            at = at.max(Place::first_of(number));
            slice.looked_at += 1;
            slice.next = match &job.task {
                Task::Expire => self.expire(number, group, at, now, &mut slice),
                Task::Forget(topics) => self.forget(number, group, topics, &mut slice),
            };
            if slice.next.is_some() {
                return slice;
            }
            at = Place::first_of(number.next());
        }
        slice
    }

    /// Kafka's rules for a group's offsets from a place on; where to go on when the slice is full.
    fn expire(
        &self,
        number: GroupNumber,
        group: &Group,
        from: Place,
        now: Timestamp,
        slice: &mut Slice,
    ) -> Option<Place> {
        let members = group.membership.as_deref();
        let retention = members.map_or(Retention::SinceCommit, |members| members.retention());
        let since = match retention {
            Retention::SinceCommit => None,
            Retention::SinceEmpty(since) => Some(since),
            Retention::Kept => return None,
        };
        // What is on its way into the log is not in the table: the group's turn comes later.
        if group.is_ending || group.writes > 0 {
            return None;
        }
        let mut swept = 0;
        for (place, offset) in self.offsets.between(from, Place::last_of(number)) {
            if slice.is_full() {
                return Some(place);
            }
            slice.looked_at += 1;
            if !offset.is_expired(now, since, self.config.offsets_retention)
                || members.is_some_and(|it| it.is_subscribed(self.offsets.topic(place)))
            {
                continue;
            }
            let partition = self.offsets.partition(place);
            if !self.offsets.is_undecided(number, &partition) {
                slice.batch.forget_offset(&group.name, partition);
                swept += 1;
            }
        }
        let is_empty = members.is_none_or(|members| members.state() == State::Empty);
        let has_offsets = self.offsets.of_group(number).nth(swept).is_some();
        if group.is_written && is_empty && !has_offsets && !self.offsets.has_undecided(number) {
            slice.batch.forget_group(&group.name);
            slice.ending.push(number);
        }
        slice.is_full().then(|| Place::first_of(number.next()))
    }

    /// Offsets of topics that are gone, but not of others that had their names before. A slice
    /// that is full comes to the group again, when these are gone.
    fn forget(
        &self,
        number: GroupNumber,
        group: &Group,
        topics: &[DeletedTopic],
        slice: &mut Slice,
    ) -> Option<Place> {
        for topic in topics {
            let committed = self.offsets.of_topic(number, &topic.name);
            for (place, offset) in
                committed.chain(self.offsets.undecided_of_topic(number, &topic.name))
            {
                if slice.batch.is_full() {
                    return Some(Place::first_of(number));
                }
                if !offset.is_of_another(Some(topic.id)) {
                    slice.batch.forget_offset(&group.name, self.offsets.partition(place));
                }
            }
        }
        slice.is_full().then(|| Place::first_of(number.next()))
    }
}

const WAITING: &str = "the job whose tombstones are written waits for them";
