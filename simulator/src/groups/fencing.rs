//! A member that was fenced, has left or has been silent for too long is none: it commits nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use node::coordinator::{
    Generation, InstanceId, MemberId,
    answer::Answer,
    request::{Caller, Request},
};
use types::Instant;

/// What the answers of the running process say of the members.
#[derive(Debug, Default)]
pub(super) struct Fencing {
    /// The last generation that somebody was told of.
    generation: Generation,
    /// The last whose assignment somebody was told: it is in the log.
    written: Generation,
    /// Who bears each name.
    bearers: BTreeMap<InstanceId, MemberId>,
    gone: BTreeSet<MemberId>,
    /// When each member last gave a sign of life that was taken as such.
    alive: BTreeMap<MemberId, Instant>,
    sessions: BTreeMap<MemberId, Duration>,
    /// Requests of members that may be waiting: whoever waits is alive.
    waiting: BTreeMap<u64, MemberId>,
    /// When all sessions began anew, at the latest: with a generation, or with this process.
    all_alive: Option<Instant>,
}

impl Fencing {
    /// A request has reached the node; if it is a heartbeat or a commit that has to be refused, says
    /// why.
    pub(super) fn asked(
        &mut self,
        now: Instant,
        ticket: u64,
        request: &Request,
    ) -> Option<&'static str> {
        match request {
            Request::Join(join) => {
                self.waiting.insert(ticket, join.member.clone());
                None
            }
            Request::Sync(sync) => {
                self.waiting.insert(ticket, sync.caller.member.clone());
                None
            }
            Request::Commit(commit) => self.must_refuse(now, &commit.caller),
            Request::Heartbeat(beat) => self.must_refuse(now, &beat.caller),
            Request::Leave(_) | Request::DeleteOffsets(_) | Request::DeleteGroup(_) => None,
        }
    }

    fn must_refuse(&self, now: Instant, caller: &Caller) -> Option<&'static str> {
        if caller.generation < self.generation {
            return Some("a later generation has begun");
        }
        let bearer = caller.instance.as_ref().and_then(|instance| self.bearers.get(instance));
        if bearer.is_some_and(|bearer| *bearer != caller.member) {
            return Some("another bears its name");
        }
        if self.gone.contains(&caller.member) {
            return Some("it has left");
        }
        let waits = self.waiting.values().any(|member| *member == caller.member);
        let alive = self.alive.get(&caller.member).copied().max(self.all_alive);
        let session = self.sessions.get(&caller.member);
        let is_silent = |(alive, session): (Instant, &Duration)| now > alive.after(*session);
        (!waits && self.all_alive.is_some() && alive.zip(session).is_some_and(is_silent))
            .then_some("its session has ended")
    }

    /// The node has answered.
    pub(super) fn answered(
        &mut self,
        now: Instant,
        ticket: u64,
        request: &Request,
        answer: &Answer,
    ) {
        self.waiting.remove(&ticket);
        // Whatever the answer: a member that waited was excused until now.
        self.alive.extend(names(request).cloned().map(|member| (member, now)));
        match (request, answer) {
            (Request::Join(join), Answer::Join(Ok(joined))) => {
                if joined.generation > self.generation || self.all_alive.is_none() {
                    self.all_alive = Some(now);
                }
                self.generation = self.generation.max(joined.generation);
                if let Some(instance) = &join.instance {
                    self.bearers.insert(instance.clone(), joined.member.clone());
                }
                self.alive.insert(joined.member.clone(), now);
                self.sessions.insert(joined.member.clone(), join.session_timeout);
            }
            (Request::Sync(sync), Answer::Sync(Ok(_))) => {
                self.written = self.written.max(sync.caller.generation);
                // The process has loaded the group, and every session began anew with that.
                self.all_alive.get_or_insert(now);
            }
            (Request::Leave(leave), Answer::Leave(Ok(results))) => {
                let left = leave.members.iter().zip(results).filter(|(_, result)| result.is_ok());
                self.gone.extend(left.map(|(leaver, _)| leaver.member.clone()));
            }
            _ => {}
        }
    }

    /// The next process knows what is in the log.
    pub(super) fn process_ended(&mut self) {
        let written = self.written;
        let sessions = std::mem::take(&mut self.sessions);
        *self = Fencing { generation: written, written, sessions, ..Fencing::default() };
    }
}

/// The member that a request names as its sender.
fn names(request: &Request) -> Option<&MemberId> {
    match request {
        Request::Join(join) => Some(&join.member),
        Request::Sync(sync) => Some(&sync.caller.member),
        Request::Heartbeat(beat) => Some(&beat.caller.member),
        Request::Commit(commit) => Some(&commit.caller.member),
        Request::Leave(_) | Request::DeleteOffsets(_) | Request::DeleteGroup(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use node::coordinator::{
        answer::{Joined, Synced},
        request::{Commit, Join, Leave, Leaver, Sync},
    };

    const SESSION: Duration = Duration::from_secs(1);

    #[test]
    fn a_commit_of_an_earlier_generation_must_be_refused() {
        let mut fencing = Fencing::default();
        fencing.joined(Instant(1), "a", None, 1);
        assert_eq!(fencing.commit(Instant(2), "a", None, 1), None);
        fencing.joined(Instant(3), "b", None, 2);
        assert!(fencing.commit(Instant(4), "a", None, 1).is_some());
    }

    #[test]
    fn a_commit_of_a_member_whose_name_another_bears_must_be_refused() {
        let mut fencing = Fencing::default();
        fencing.joined(Instant(1), "a", Some("left"), 1);
        fencing.joined(Instant(2), "b", Some("left"), 1);
        assert!(fencing.commit(Instant(3), "a", Some("left"), 1).is_some());
        assert_eq!(fencing.commit(Instant(3), "b", Some("left"), 1), None);
    }

    #[test]
    fn a_commit_of_a_member_that_has_left_must_be_refused() {
        let mut fencing = Fencing::default();
        fencing.joined(Instant(1), "a", None, 1);
        let leaver = Leaver { member: id("a"), instance: None, reason: None };
        let leave = Request::Leave(Leave { group: Default::default(), members: vec![leaver] });
        fencing.asked(Instant(2), 7, &leave);
        fencing.answered(Instant(2), 7, &leave, &Answer::Leave(Ok(vec![Ok(())])));
        assert!(fencing.commit(Instant(3), "a", None, 1).is_some());
    }

    #[test]
    fn a_commit_after_a_silent_session_must_be_refused_unless_the_member_waits() {
        let mut fencing = Fencing::default();
        fencing.joined(Instant(0), "a", None, 1);
        let late = Instant(0).after(SESSION + Duration::from_nanos(1));
        assert_eq!(fencing.commit(Instant(0).after(SESSION), "a", None, 1), None);
        assert!(fencing.commit(late, "a", None, 1).is_some());
        let caller = caller("a", None, 1);
        let (group, assignments) = Default::default();
        let sync = Sync { group, caller, protocol_type: None, protocol: None, assignments };
        fencing.asked(Instant(1), 8, &Request::Sync(sync));
        assert_eq!(fencing.commit(late, "a", None, 1), None);
    }

    #[test]
    fn the_next_process_knows_the_generations_that_were_written_and_gives_everybody_time() {
        let mut fencing = Fencing::default();
        fencing.joined(Instant(0), "a", None, 1);
        let caller = caller("a", None, 1);
        let (group, assignments) = Default::default();
        let sync = Sync { group, caller, protocol_type: None, protocol: None, assignments };
        let synced = Synced {
            protocol_type: Default::default(),
            protocol: Default::default(),
            assignment: Default::default(),
        };
        fencing.answered(Instant(1), 1, &Request::Sync(sync), &Answer::Sync(Ok(synced)));
        fencing.joined(Instant(2), "b", None, 2);
        fencing.process_ended();
        let late = Instant(0).after(SESSION * 2);
        assert_eq!(fencing.commit(late, "a", None, 1), None);
        assert!(fencing.commit(late, "a", None, 0).is_some());
    }

    impl Fencing {
        fn joined(&mut self, now: Instant, member: &str, instance: Option<&str>, generation: i32) {
            let request = Request::Join(Join {
                group: Default::default(),
                member: id(member),
                instance: instance.map(name),
                client: Default::default(),
                session_timeout: SESSION,
                rebalance_timeout: SESSION,
                protocol_type: Default::default(),
                protocols: Vec::new(),
                reason: None,
                member_id_required: false,
                may_skip_assignment: false,
                unique: Default::default(),
            });
            let joined = Joined {
                generation: Generation(generation),
                protocol_type: Default::default(),
                protocol: Default::default(),
                leader: id(member),
                skip_assignment: false,
                member: id(member),
                members: Vec::new(),
            };
            self.asked(now, 1, &request);
            self.answered(now, 1, &request, &Answer::Join(Ok(joined)));
        }

        fn commit(
            &mut self,
            now: Instant,
            member: &str,
            instance: Option<&str>,
            generation: i32,
        ) -> Option<&'static str> {
            let caller = caller(member, instance, generation);
            let (group, offsets) = Default::default();
            self.asked(now, 2, &Request::Commit(Commit { group, caller, retention: None, offsets }))
        }
    }

    fn caller(member: &str, instance: Option<&str>, generation: i32) -> Caller {
        let instance = instance.map(name);
        Caller { member: id(member), instance, generation: Generation(generation) }
    }

    fn id(member: &str) -> MemberId {
        MemberId(member.into())
    }

    fn name(instance: &str) -> InstanceId {
        InstanceId(instance.into())
    }
}
