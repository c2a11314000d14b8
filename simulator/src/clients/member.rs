//! A consumer that shares the partitions with the other members of its group, as clients do: it
//! joins, is assigned or assigns, goes on where the group has come to, reads, commits and shows that
//! it lives. Now and then it falls asleep, dies or leaves.

mod share;
mod words;

use std::time::Duration;

use node::coordinator::{
    Generation, GroupError, InstanceId, MemberId,
    answer::{Answer, Joined},
    request::{Caller, Request},
};
use runtime::{Random, simulated::SimRandom};
use types::{Instant, Now, Offset, Timestamp};

use crate::{
    groups::Groups,
    oracle::Oracle,
    plan::GroupPlan,
    violation::{Checked, Violation},
    words::{Ask, Place, Refusal, Reply},
};

use share::Share;

/// How much a member reads at once at most: it has to keep up with several producers.
const BYTES_MAX: usize = 100_000;

/// How long a member that has come to the end waits for more.
const WAIT: Duration = Duration::from_millis(50);

/// Up to where each partition was read and committed; none where something is left.
pub(crate) type Progress = Vec<(Place, Option<Offset>)>;

/// A member.
#[derive(Debug)]
pub(crate) struct Member {
    number: usize,
    plan: GroupPlan,
    instance: Option<InstanceId>,
    /// What the group reads.
    topics: Vec<Place>,
    id: MemberId,
    generation: Generation,
    stage: Stage,
    share: Share,
    asked: Option<(u64, Asked)>,
    /// When the coordinator has to hear of it again.
    beat_at: Instant,
    commit_at: Instant,
    sleeps_until: Option<Instant>,
    /// A request of a former self that has not arrived yet.
    ghost: Option<(Instant, Caller, Share)>,
    /// Whether it did not wait for its commit when it last had to join again.
    is_hasty: bool,
    is_calm: bool,
}

/// How far a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// It has to join.
    Out,
    /// It has to commit what it has read before it joins again.
    Leaving,
    /// It has joined.
    In(Joined),
    /// It has its share.
    Assigned,
}

/// What was asked last.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Join,
    Sync,
    Heartbeat,
    Leave,
    Committed,
    Fetch(Place),
    Commit(Vec<(Place, Offset)>),
    /// As somebody that it is no more.
    Ghost,
}

impl Member {
    /// A member that has not joined yet.
    #[must_use]
    pub(crate) fn new(
        number: usize,
        plan: GroupPlan,
        instance: Option<InstanceId>,
        topics: Vec<Place>,
    ) -> Member {
        Member {
            number,
            plan,
            instance,
            topics,
            id: MemberId::default(),
            generation: Generation::NONE,
            stage: Stage::Out,
            share: Share::default(),
            asked: None,
            beat_at: Instant::ZERO,
            commit_at: Instant::ZERO,
            sleeps_until: None,
            ghost: None,
            is_hasty: false,
            is_calm: false,
        }
    }

    /// What the member asks next, under this ticket; nothing when it waits or sleeps.
    pub(crate) fn ask(&mut self, ticket: u64, now: Now, random: &mut SimRandom) -> Option<Ask> {
        let Now { instant: now, wall } = now;
        if self.asked.is_some() || self.sleeps(now) || self.is_struck(now, random) {
            return None;
        }
        let (asked, ask) = self.next(ticket, now, wall, random)?;
        self.asked = Some((ticket, asked));
        Some(ask)
    }

    /// When it wakes, if it sleeps.
    #[must_use]
    pub(crate) fn wakes_at(&self) -> Option<Instant> {
        self.sleeps_until
    }

    fn sleeps(&mut self, now: Instant) -> bool {
        self.sleeps_until.take_if(|until| *until <= now);
        self.sleeps_until.is_some()
    }

    /// Whether something befalls it that no client is spared.
    fn is_struck(&mut self, now: Instant, random: &mut SimRandom) -> bool {
        if self.is_calm || random.below(1_000) >= self.plan.unsteadiness {
            return false;
        }
        let session = self.plan.session;
        if random.chance(60) {
            // It hangs: garbage is collected, a debugger holds it, the laptop is closed.
            self.sleeps_until = Some(now.after(upto(random, session * 3)));
            return true;
        }
        // It dies and is started anew; what it had sent may arrive late.
        self.sleeps_until = Some(now.after(upto(random, session)));
        if self.stage == Stage::Assigned && random.chance(50) {
            self.leave_ghost(now.after(upto(random, session * 2)));
        }
        self.forget();
        true
    }

    fn next(
        &mut self,
        ticket: u64,
        now: Instant,
        wall: Timestamp,
        random: &mut SimRandom,
    ) -> Option<(Asked, Ask)> {
        if let Some((_, caller, share)) = self.ghost.take_if(|(at, ..)| *at <= now) {
            let offsets = share.uncommitted();
            return Some((Asked::Ghost, words::commit(caller, &offsets, ticket, wall)));
        }
        match &self.stage {
            Stage::Out => Some((Asked::Join, self.join(ticket))),
            Stage::In(joined) => {
                let sync = words::sync(self.caller(), joined, &self.topics);
                self.beat_at = now.after(self.plan.session / 4);
                Some((Asked::Sync, sync))
            }
            Stage::Leaving => match self.commit(ticket, now, wall) {
                Some(commit) => Some(commit),
                None => {
                    self.stage = Stage::Out;
                    Some((Asked::Join, self.join(ticket)))
                }
            },
            Stage::Assigned => self.work(ticket, now, wall, random),
        }
    }

    fn work(
        &mut self,
        ticket: u64,
        now: Instant,
        wall: Timestamp,
        random: &mut SimRandom,
    ) -> Option<(Asked, Ask)> {
        if !self.is_calm && random.below(2_000) < self.plan.unsteadiness {
            return Some((Asked::Leave, words::leave(&self.id)));
        }
        if now >= self.beat_at {
            self.beat_at = now.after(self.plan.session / 4);
            return Some((Asked::Heartbeat, words::heartbeat(self.caller())));
        }
        let unknown = self.share.unknown();
        if !unknown.is_empty() {
            return Some((Asked::Committed, Ask::Committed { places: unknown }));
        }
        if now >= self.commit_at
            && let Some(commit) = self.commit(ticket, now, wall)
        {
            return Some(commit);
        }
        let Some((place, offset, is_idle)) = self.share.turn() else {
            // There are more members than partitions.
            self.sleeps_until = Some(self.beat_at);
            return None;
        };
        let wait = if is_idle { WAIT } else { Duration::ZERO };
        Some((Asked::Fetch(place), Ask::Fetch { place, offset, wait, bytes_max: BYTES_MAX }))
    }

    fn commit(&mut self, ticket: u64, now: Instant, wall: Timestamp) -> Option<(Asked, Ask)> {
        let offsets = self.share.uncommitted();
        if offsets.is_empty() {
            return None;
        }
        self.commit_at = now.after(self.plan.commit_interval);
        let ask = words::commit(self.caller(), &offsets, ticket, wall);
        Some((Asked::Commit(offsets), ask))
    }

    fn join(&self, ticket: u64) -> Ask {
        let join = words::join(&self.plan, self.number, &self.id, self.instance.as_ref(), ticket);
        Ask::Group(Box::new(Request::Join(join)))
    }

    fn caller(&self) -> Caller {
        Caller {
            member: self.id.clone(),
            instance: self.instance.clone(),
            generation: self.generation,
        }
    }

    /// Takes a reply to one of its requests.
    pub(crate) fn take(
        &mut self,
        ticket: u64,
        reply: &Reply,
        oracle: &mut Oracle,
        groups: &mut Groups,
    ) -> Checked {
        let Some((_, asked)) = self.asked.take_if(|(asked, _)| *asked == ticket) else {
            return Ok(());
        };
        match (asked, reply) {
            (_, Reply::Refused(Refusal::TryAgain)) | (Asked::Ghost, Reply::Group(_)) => Ok(()),
            (Asked::Fetch(place), Reply::Refused(Refusal::OutOfRange)) => {
                self.share.set(place, oracle.start(place));
                Ok(())
            }
            (Asked::Fetch(place), Reply::Fetched { records, .. }) => {
                self.share.read(place, records, oracle, groups)
            }
            (Asked::Committed, Reply::Committed(offsets)) => {
                for (place, committed) in offsets {
                    self.share.resume(*place, committed.map(|(offset, _)| offset));
                }
                Ok(())
            }
            (asked, Reply::Group(answer)) => self.take_answer(asked, answer),
            (_, reply) => Err(Violation::new("a reply fits its request", reply)),
        }
    }

    fn take_answer(&mut self, asked: Asked, answer: &Answer) -> Checked {
        match (asked, answer) {
            (Asked::Join, Answer::Join(Ok(joined))) => {
                self.id = joined.member.clone();
                self.generation = joined.generation;
                self.stage = Stage::In(joined.clone());
            }
            (Asked::Join, Answer::Join(Err(GroupError::MemberIdRequired(id)))) => {
                self.id = id.clone();
            }
            (Asked::Sync, Answer::Sync(Ok(synced))) => {
                self.share = Share::of(&synced.assignment);
                self.stage = Stage::Assigned;
            }
            (Asked::Heartbeat, Answer::Heartbeat(Ok(()))) => {}
            (Asked::Heartbeat, Answer::Heartbeat(Err(GroupError::RebalanceInProgress))) => {
                self.rejoin();
            }
            (Asked::Leave, Answer::Leave(_)) => self.forget(),
            (Asked::Commit(offsets), Answer::Commit(results)) => {
                match results.iter().find_map(|result| result.as_ref().err()) {
                    None => self.share.committed(&offsets),
                    Some(error) => return self.refused(error),
                }
            }
            (
                Asked::Join | Asked::Sync | Asked::Heartbeat,
                Answer::Join(Err(error)) | Answer::Sync(Err(error)) | Answer::Heartbeat(Err(error)),
            ) => return self.refused(error),
            (_, answer) => {
                return Err(Violation::new("a reply fits its request", format!("{answer:?}")));
            }
        }
        Ok(())
    }

    /// It commits and joins again, or joins at once while its commit is on a slow way.
    fn rejoin(&mut self) {
        self.stage = Stage::Leaving;
        self.is_hasty = !self.is_hasty && !self.is_calm;
        if self.is_hasty {
            self.stage = Stage::Out;
            self.leave_ghost(self.beat_at.after(self.plan.session / 4));
        }
    }

    /// What was read will be committed some time.
    fn leave_ghost(&mut self, at: Instant) {
        if !self.share.uncommitted().is_empty() {
            self.ghost = Some((at, self.caller(), self.share.clone()));
        }
    }

    fn refused(&mut self, error: &GroupError) -> Checked {
        match error {
            GroupError::RebalanceInProgress => self.stage = Stage::Out,
            GroupError::UnknownMember
            | GroupError::IllegalGeneration
            | GroupError::FencedInstance(_) => self.forget(),
            GroupError::NotCoordinator | GroupError::Loading | GroupError::NotAvailable => {}
            error @ (GroupError::InvalidGroupId
            | GroupError::MemberIdRequired(_)
            | GroupError::InconsistentProtocol
            | GroupError::InvalidSessionTimeout
            | GroupError::GroupFull
            | GroupError::GroupNotFound
            | GroupError::NonEmptyGroup
            | GroupError::SubscribedToTopic
            | GroupError::OffsetMetadataTooLarge
            | GroupError::CommitTooLarge
            | GroupError::UnstableOffset
            | GroupError::Refused(_)) => {
                return Err(Violation::new("a member is refused for a reason", error));
            }
        }
        Ok(())
    }

    /// It is nobody any more, and has to join anew.
    fn forget(&mut self) {
        self.id = MemberId::default();
        self.generation = Generation::NONE;
        self.stage = Stage::Out;
        self.share = Share::default();
    }

    /// The connection broke: no answer will come.
    pub(crate) fn disconnected(&mut self) {
        self.asked = None;
    }

    /// Nothing befalls it any more.
    pub(crate) fn calm(&mut self) {
        self.is_calm = true;
    }

    /// Its generation and how far it has come, if it has its share.
    #[must_use]
    pub(crate) fn progress(&self) -> Option<(Generation, Progress)> {
        (self.stage == Stage::Assigned).then(|| (self.generation, self.share.progress()))
    }
}

fn upto(random: &mut SimRandom, most: Duration) -> Duration {
    Duration::from_nanos(random.below(u64::try_from(most.as_nanos()).expect("naps are short")))
}
