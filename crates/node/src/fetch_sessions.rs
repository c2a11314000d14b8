//! Fetch sessions (KIP-227): what a consumer asks for again and again, remembered.
//!
//! A session keeps the partitions of a consumer, so that its next request names only what has
//! changed, and its answer only what is new. It holds no data and no wait; it can be forgotten at
//! any time, after which the client begins another. The number of sessions and of partitions in
//! them is limited: beyond that a client gets its answer without a session, which is always legal.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use types::{Instant, LeaderEpoch, Offset, PartitionIndex, TopicId};

/// The id that says "no session".
pub const NO_SESSION: i32 = 0;
/// The epoch of a request that begins a session.
const FIRST_EPOCH: i32 = 0;
/// The epoch of a request that ends its session, or has none.
pub const LAST_EPOCH: i32 = -1;
/// For how long a session is safe from others that want its place.
const PROTECTED: Duration = Duration::from_secs(120);

/// A topic as the requests of a session name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionTopic {
    /// By name, whether or not such a topic can exist.
    Name(Arc<str>),
    /// By id.
    Id(TopicId),
}

/// A partition within a session.
pub type SessionKey = (SessionTopic, PartitionIndex);

/// What a consumer wants of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The topic.
    pub topic: SessionTopic,
    /// The partition.
    pub partition: PartitionIndex,
    /// The leader epoch the client knows, if it says.
    pub current_epoch: Option<LeaderEpoch>,
    /// The epoch of the last record the client has, if it says.
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// Where to read from.
    pub offset: Offset,
    /// How many bytes of this partition to return at most.
    pub bytes_max: usize,
}

/// The parts of a fetch request that concern its session.
#[derive(Debug, Clone, Default)]
pub struct SessionRequest {
    /// The session, or [`NO_SESSION`].
    pub id: i32,
    /// 0 begins a session, -1 ends it, others count its requests.
    pub epoch: i32,
    /// Whether topics are named by id.
    pub by_id: bool,
    /// What is wanted, or for a session what has changed.
    pub wanted: Vec<Wanted>,
    /// What is no longer wanted.
    pub forgotten: Vec<SessionKey>,
}

/// What was found in one partition, as far as a session has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The high watermark.
    pub high_watermark: Offset,
    /// The first offset of the log.
    pub log_start: Offset,
    /// Whether there are records.
    pub has_records: bool,
    /// Whether there is something else the client must hear, such as an error.
    pub is_urgent: bool,
}

/// Why a request does not fit its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The session was never there, or is forgotten.
    #[error("there is no such fetch session")]
    NotFound,
    /// A request was lost or repeated.
    #[error("the fetch session is in another epoch")]
    WrongEpoch,
    /// The client has changed between names and ids.
    #[error("the fetch session names topics in the other way")]
    OtherNaming,
}

/// What to answer a request with, to be given back to [`FetchSessions::finish`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionMode {
    /// All partitions, and no session afterwards.
    Sessionless,
    /// All partitions, and a new session if there is room.
    Beginning {
        /// Whether topics are named by id.
        by_id: bool,
    },
    /// What has changed since the session's last answer.
    Incremental {
        /// The session.
        id: i32,
    },
}

/// All sessions of a broker.
#[derive(Debug)]
pub struct FetchSessions {
    sessions: BTreeMap<i32, Session>,
    sessions_max: usize,
    partitions: usize,
    partitions_max: usize,
}

#[derive(Debug)]
struct Session {
    epoch: i32,
    by_id: bool,
    created: Instant,
    used: Instant,
    partitions: BTreeMap<SessionKey, Remembered>,
    /// The order in which partitions are read: those that had records lately come last.
    order: BTreeMap<u64, SessionKey>,
    next_place: u64,
}

#[derive(Debug)]
struct Remembered {
    wanted: Wanted,
    place: u64,
    high_watermark: Offset,
    log_start: Offset,
}

impl FetchSessions {
    /// Keeps at most so many sessions, with at most so many partitions in all of them together.
    #[must_use]
    pub fn new(sessions_max: usize, partitions_max: usize) -> FetchSessions {
        FetchSessions { sessions: BTreeMap::new(), sessions_max, partitions: 0, partitions_max }
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// How many partitions all sessions remember.
    #[must_use]
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// Takes a request in: how to answer it, and which partitions to read, in order.
    ///
    /// # Errors
    /// When the request does not fit its session; the client then begins another.
    pub fn begin(
        &mut self,
        now: Instant,
        request: SessionRequest,
    ) -> Result<(SessionMode, Vec<Wanted>), SessionError> {
        if request.epoch == FIRST_EPOCH || request.epoch == LAST_EPOCH {
            self.remove(request.id);
            let mode = match request.epoch {
                FIRST_EPOCH => SessionMode::Beginning { by_id: request.by_id },
                _ => SessionMode::Sessionless,
            };
            return Ok((mode, request.wanted));
        }
        let id = request.id;
        let session = self.sessions.get_mut(&id).ok_or(SessionError::NotFound)?;
        session.check(&request)?;
        let before = session.partitions.len();
        session.update(request);
        let after = session.partitions.len();
        self.partitions = self.partitions + after - before;
        if after == 0 {
            self.remove(id);
            return Ok((SessionMode::Sessionless, Vec::new()));
        }
        if self.partitions > self.partitions_max {
            self.remove(id);
            return Err(SessionError::NotFound);
        }
        let session = self.sessions.get_mut(&id).expect("the session was there a moment ago");
        session.used = now;
        session.epoch = next_epoch(session.epoch);
        Ok((SessionMode::Incremental { id }, session.in_order()))
    }

    /// Notes what was found and says which partitions the answer must hold, and its session id.
    ///
    /// `wanted` and `seen` are in the same order. `random` chooses a new session's id, which must
    /// not be guessed easily.
    pub fn finish(
        &mut self,
        now: Instant,
        mode: SessionMode,
        wanted: &[Wanted],
        seen: &[Seen],
        random: u64,
    ) -> (i32, Vec<bool>) {
        assert!(wanted.len() == seen.len(), "each partition was looked at");
        match mode {
            SessionMode::Sessionless => (NO_SESSION, vec![true; seen.len()]),
            SessionMode::Beginning { by_id } => {
                let id = self.create(now, by_id, wanted, seen, random);
                (id, vec![true; seen.len()])
            }
            SessionMode::Incremental { id } => {
                let Some(session) = self.sessions.get_mut(&id) else {
                    return (id, vec![true; seen.len()]);
                };
                let pairs = wanted.iter().zip(seen);
                (id, pairs.map(|(wanted, seen)| session.note(wanted, *seen)).collect())
            }
        }
    }

    fn create(
        &mut self,
        now: Instant,
        by_id: bool,
        wanted: &[Wanted],
        seen: &[Seen],
        random: u64,
    ) -> i32 {
        let room = self.partitions_max.saturating_sub(self.partitions);
        if wanted.is_empty() || wanted.len() > room || !self.make_room(now, wanted.len()) {
            return NO_SESSION;
        }
        let mut session = Session::new(now, by_id);
        for (wanted, seen) in wanted.iter().zip(seen) {
            session.add(wanted.clone());
            session.note(wanted, *seen);
        }
        self.partitions += session.partitions.len();
        let id = self.free_id(random);
        self.sessions.insert(id, session);
        id
    }

    /// Frees a place for a session of so many partitions, if there is one that may go: unused for
    /// long, or smaller and no longer protected.
    fn make_room(&mut self, now: Instant, partitions: usize) -> bool {
        if self.sessions.len() < self.sessions_max {
            return true;
        }
        let idlest = self.sessions.iter().min_by_key(|(_, session)| session.used);
        let unused = idlest.filter(|(_, session)| now.since(session.used) > PROTECTED);
        let smaller = || {
            let unprotected = self.sessions.iter().filter(|(_, session)| {
                session.partitions.len() < partitions && now.since(session.created) > PROTECTED
            });
            unprotected.min_by_key(|(_, session)| session.partitions.len())
        };
        let Some((id, _)) = unused.or_else(smaller) else { return false };
        let id = *id;
        self.remove(id);
        true
    }

    fn free_id(&self, random: u64) -> i32 {
        let bits = u32::try_from(random >> 33).expect("31 bits are left");
        let mut id = i32::try_from(bits).expect("31 bits are left");
        while id == NO_SESSION || self.sessions.contains_key(&id) {
            id = if id == i32::MAX { 1 } else { id + 1 };
        }
        id
    }

    fn remove(&mut self, id: i32) {
        if let Some(session) = self.sessions.remove(&id) {
            self.partitions -= session.partitions.len();
        }
    }
}

impl Session {
    fn new(now: Instant, by_id: bool) -> Session {
        Session {
            epoch: next_epoch(FIRST_EPOCH),
            by_id,
            created: now,
            used: now,
            partitions: BTreeMap::new(),
            order: BTreeMap::new(),
            next_place: 0,
        }
    }

    fn check(&self, request: &SessionRequest) -> Result<(), SessionError> {
        if request.epoch != self.epoch {
            return Err(SessionError::WrongEpoch);
        }
        if request.by_id != self.by_id {
            return Err(SessionError::OtherNaming);
        }
        Ok(())
    }

    fn update(&mut self, request: SessionRequest) {
        for wanted in request.wanted {
            self.add(wanted);
        }
        for key in request.forgotten {
            if let Some(remembered) = self.partitions.remove(&key) {
                self.order.remove(&remembered.place);
            }
        }
    }

    fn add(&mut self, wanted: Wanted) {
        match self.partitions.entry(wanted.key()) {
            Entry::Occupied(mut known) => known.get_mut().wanted = wanted,
            Entry::Vacant(vacant) => {
                let place = self.next_place;
                self.next_place += 1;
                self.order.insert(place, vacant.key().clone());
                vacant.insert(Remembered {
                    wanted,
                    place,
                    high_watermark: Offset::NONE,
                    log_start: Offset::NONE,
                });
            }
        }
    }

    fn in_order(&self) -> Vec<Wanted> {
        self.order.values().map(|key| self.partitions[key].wanted.clone()).collect()
    }

    /// Notes what was found; whether the client has to hear of it.
    fn note(&mut self, wanted: &Wanted, seen: Seen) -> bool {
        let Some(known) = self.partitions.get_mut(&wanted.key()) else { return true };
        let has_moved =
            known.high_watermark != seen.high_watermark || known.log_start != seen.log_start;
        known.high_watermark = seen.high_watermark;
        known.log_start = seen.log_start;
        if seen.is_urgent {
            // So that the client hears that it is over, whatever the offsets are then.
            known.high_watermark = Offset::NONE;
        }
        if seen.has_records {
            let key = self.order.remove(&known.place).expect("each partition has a place");
            known.place = self.next_place;
            self.order.insert(self.next_place, key);
            self.next_place += 1;
        }
        has_moved || seen.has_records || seen.is_urgent
    }
}

impl Wanted {
    fn key(&self) -> SessionKey {
        (self.topic.clone(), self.partition)
    }
}

/// Epochs wrap to 1, since 0 begins a session.
fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

#[cfg(test)]
mod tests;
