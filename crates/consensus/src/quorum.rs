//! One replica of the metadata quorum: who leads, in which epoch, and what is committed.
//!
//! KRaft (KIP-595, KIP-853, KIP-996) as a state machine. It never touches the log, the disk or the
//! network: it is told what happened and answers with effects, which must be carried out in order.
//! A vote and a leadership exist only once they are on disk, so everything that follows from them
//! waits for [`Event::Persisted`].

use std::collections::BTreeSet;

use types::{BrokerId, LeaderEpoch, Now, Offset, PlantedBug};

use crate::{ControlRecord, Election, KRAFT_VERSION, Voter, Voters};

/// What a replica finds when it starts.
#[derive(Debug, Clone)]
pub struct Found {
    /// This replica as it is configured.
    pub local: Voter,
    /// The content of `quorum-state`; none when there is no such file.
    pub election: Option<Election>,
    /// The log's end, after its recovery.
    pub log_end: Offset,
    /// Up to where the log is known to be on disk.
    pub flushed_end: Offset,
    /// The epoch of the log's last batch; [`LeaderEpoch::NONE`] when it has none.
    pub log_epoch: LeaderEpoch,
    /// The latest voters in the log or, before any, in its snapshot.
    pub voters: Voters,
    /// Whether these voters stand in the log, and not only in the bootstrap snapshot.
    pub voters_are_logged: bool,
}

/// Why a replica cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// Elections among several are not built.
    #[error(
        "replica {id} with folder {directory} is not the only voter of the metadata quorum",
        id = .0.key.id, directory = .0.key.directory
    )]
    NotTheOnlyVoter(Box<Voter>),
}

/// Something that happened to this replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The election of the last [`Effect::Persist`] is on disk.
    Persisted,
    /// The log's end moved.
    Appended {
        /// The end.
        end_offset: Offset,
    },
    /// The log is on disk up to here.
    Flushed {
        /// The end of what is on disk.
        end_offset: Offset,
    },
    /// Leadership is to be given up, because the process ends.
    Resign,
    /// The disk failed: what was promised in this replica's name cannot be kept any more.
    DiskFailed,
}

/// Something that is to be done, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Replace `quorum-state`, sync it, then say [`Event::Persisted`].
    Persist(Election),
    /// Append these as one control batch of this epoch with this time, flush it, and say
    /// [`Event::Appended`] and [`Event::Flushed`].
    Append {
        /// The epoch to append with.
        epoch: LeaderEpoch,
        /// When.
        now: Now,
        /// The batch's records.
        records: Vec<ControlRecord>,
    },
    /// Everything below is committed.
    HighWatermark {
        /// The offset behind the last committed record.
        offset: Offset,
    },
    /// This replica leads, and everything from before its reign is committed.
    BecameLeader {
        /// The epoch of its reign.
        epoch: LeaderEpoch,
    },
    /// This replica leads no longer.
    Resigned {
        /// The epoch that it led.
        epoch: LeaderEpoch,
    },
}

/// One replica of the metadata quorum.
#[derive(Debug)]
pub struct Quorum {
    local: Voter,
    voters: Voters,
    voters_are_logged: bool,
    election: Election,
    role: Role,
    log_end: Offset,
    flushed_end: Offset,
    high_watermark: Option<Offset>,
}

#[derive(Debug)]
enum Role {
    /// Knows no leader.
    Unattached,
    /// Asks whether it would be elected, before it disturbs anybody with a new epoch.
    Prospective { granting: BTreeSet<BrokerId> },
    /// Stands for election; its own vote counts once it is on disk.
    Candidate { granting: BTreeSet<BrokerId> },
    /// Won, and waits until that is on disk: until then a restart would take part in the same epoch
    /// again, and two different records could get the same offset and epoch.
    Elected { granting: BTreeSet<BrokerId> },
    /// Leads from this offset on.
    Leader { start: Offset },
    /// Led this epoch, and leads it no more.
    Resigned,
    /// Takes part in nothing any more: its disk failed.
    Failed,
}

impl Quorum {
    /// Takes up what was left behind and begins to take part.
    ///
    /// # Errors
    /// When this replica is not the only voter.
    pub fn start(now: Now, found: Found, effects: &mut Vec<Effect>) -> Result<Quorum, StartError> {
        if !found.voters.is_only(found.local.key) {
            return Err(StartError::NotTheOnlyVoter(Box::new(found.local)));
        }
        assert!(found.flushed_end <= found.log_end, "more is on disk than there is");
        let election = newest(found.election, found.log_epoch);
        let role = role_after_restart(&election, found.log_epoch, &found.local);
        let mut quorum = Quorum {
            local: found.local,
            voters: found.voters,
            voters_are_logged: found.voters_are_logged,
            election,
            role,
            log_end: found.log_end,
            flushed_end: found.flushed_end,
            high_watermark: None,
        };
        quorum.stand_at_once(now, effects);
        Ok(quorum)
    }

    /// Takes in what happened and says what is to be done.
    pub fn handle(&mut self, now: Now, event: Event, effects: &mut Vec<Effect>) {
        match event {
            Event::Persisted if PlantedBug::VoteBeforeFlush.is_planted() => {}
            Event::Persisted => self.go_on(now, effects),
            Event::Appended { end_offset } => self.record_append(end_offset),
            Event::Flushed { end_offset } => self.record_flush(end_offset),
            Event::Resign => self.step_down(Role::Resigned, effects),
            Event::DiskFailed => self.step_down(Role::Failed, effects),
        }
        self.advance_high_watermark(effects);
    }

    /// The latest epoch this replica takes part in.
    #[must_use]
    pub fn epoch(&self) -> LeaderEpoch {
        self.election.epoch
    }

    /// The leader of this epoch, when it is known.
    #[must_use]
    pub fn leader(&self) -> Option<BrokerId> {
        self.election.leader
    }

    /// Whom this replica has voted for in this epoch, if it has.
    #[must_use]
    pub fn voted(&self) -> Option<BrokerId> {
        self.election.voted.map(|voted| voted.id)
    }

    /// What this replica is in this epoch, in Kafka's word.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.role {
            Role::Unattached => "unattached",
            Role::Prospective { .. } => "prospective",
            Role::Candidate { .. } | Role::Elected { .. } => "candidate",
            Role::Leader { .. } => "leader",
            Role::Resigned | Role::Failed => "resigned",
        }
    }

    /// The epoch that records may be appended with; none while this replica does not lead.
    #[must_use]
    pub fn leading(&self) -> Option<LeaderEpoch> {
        matches!(self.role, Role::Leader { .. }).then_some(self.election.epoch)
    }

    /// The offset behind the last committed record; none until this replica knows it.
    #[must_use]
    pub fn high_watermark(&self) -> Option<Offset> {
        self.high_watermark
    }

    /// Who votes.
    #[must_use]
    pub fn voters(&self) -> &Voters {
        &self.voters
    }

    /// The only voter asks nobody and waits for nothing. One whose vote for itself is on disk still
    /// stands in that epoch.
    fn stand_at_once(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if matches!(self.role, Role::Candidate { .. }) {
            self.go_on(now, effects);
            return;
        }
        self.role = Role::Prospective { granting: BTreeSet::from([self.local.key.id]) };
        self.count_votes(now, effects);
    }

    /// What was waiting for the election to be on disk may happen.
    fn go_on(&mut self, now: Now, effects: &mut Vec<Effect>) {
        match &mut self.role {
            Role::Candidate { granting } => {
                granting.insert(self.local.key.id);
                self.count_votes(now, effects);
            }
            Role::Elected { granting } => {
                let granting = std::mem::take(granting);
                self.begin_reign(now, granting, effects);
            }
            Role::Resigned | Role::Failed => {}
            Role::Unattached | Role::Prospective { .. } | Role::Leader { .. } => {
                panic!("nothing was to be persisted as {:?}", self.role)
            }
        }
    }

    fn count_votes(&mut self, now: Now, effects: &mut Vec<Effect>) {
        match &mut self.role {
            Role::Prospective { granting } if self.voters.is_majority(granting.len()) => {
                self.become_candidate(now, effects);
            }
            Role::Candidate { granting } if self.voters.is_majority(granting.len()) => {
                let granting = std::mem::take(granting);
                self.become_elected(now, granting, effects);
            }
            Role::Prospective { .. }
            | Role::Candidate { .. }
            | Role::Unattached
            | Role::Elected { .. }
            | Role::Leader { .. }
            | Role::Resigned
            | Role::Failed => {}
        }
    }

    fn become_candidate(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let epoch = self.election.epoch.next();
        self.role = Role::Candidate { granting: BTreeSet::new() };
        let vote = Election { epoch, leader: None, voted: Some(self.local.key) };
        self.persist(now, vote, effects);
    }

    fn become_elected(
        &mut self,
        now: Now,
        granting: BTreeSet<BrokerId>,
        effects: &mut Vec<Effect>,
    ) {
        let epoch = self.election.epoch;
        self.role = Role::Elected { granting };
        let won = Election { epoch, leader: Some(self.local.key.id), voted: None };
        self.persist(now, won, effects);
    }

    fn persist(&mut self, now: Now, election: Election, effects: &mut Vec<Effect>) {
        self.election = election;
        effects.push(Effect::Persist(election));
        if PlantedBug::VoteBeforeFlush.is_planted() {
            self.go_on(now, effects);
        }
    }

    /// The first records of a reign: without one of its own epoch a leader cannot know what of the
    /// earlier epochs is committed.
    fn begin_reign(&mut self, now: Now, granting: BTreeSet<BrokerId>, effects: &mut Vec<Effect>) {
        let epoch = self.election.epoch;
        self.role = Role::Leader { start: self.log_end };
        let voters = self.voters.iter().map(|voter| voter.key.id).collect();
        let mut records =
            vec![ControlRecord::LeaderChange { leader: self.local.key.id, voters, granting }];
        if !self.voters_are_logged || self.voters.differs_from(&self.local) {
            self.voters = self.voters.updated(&self.local);
            self.voters_are_logged = true;
            records.push(ControlRecord::KraftVersion(KRAFT_VERSION));
            records.push(ControlRecord::Voters(self.voters.clone()));
        }
        effects.push(Effect::Append { epoch, now, records });
    }

    fn record_append(&mut self, end_offset: Offset) {
        assert!(end_offset >= self.log_end, "the only voter's log is never cut");
        self.log_end = end_offset;
    }

    fn record_flush(&mut self, end_offset: Offset) {
        assert!(end_offset <= self.log_end, "{end_offset} was flushed of {}", self.log_end);
        self.flushed_end = self.flushed_end.max(end_offset);
    }

    /// What the only voter has on disk, a majority has on disk.
    fn advance_high_watermark(&mut self, effects: &mut Vec<Effect>) {
        let Role::Leader { start } = self.role else { return };
        let offset = self.flushed_end;
        if offset <= start || self.high_watermark.is_some_and(|known| known >= offset) {
            return;
        }
        let is_first = self.high_watermark.replace(offset).is_none();
        effects.push(Effect::HighWatermark { offset });
        if is_first {
            effects.push(Effect::BecameLeader { epoch: self.election.epoch });
        }
    }

    fn step_down(&mut self, into: Role, effects: &mut Vec<Effect>) {
        if matches!(self.role, Role::Failed) {
            return;
        }
        if let Some(epoch) = self.leading() {
            effects.push(Effect::Resigned { epoch });
        }
        self.role = into;
    }
}

/// What is remembered, or an unknown election of a later epoch that the log shows.
fn newest(remembered: Option<Election>, log_epoch: LeaderEpoch) -> Election {
    let remembered = remembered.unwrap_or(Election::UNKNOWN);
    if remembered.epoch < log_epoch {
        return Election { epoch: log_epoch, ..Election::UNKNOWN };
    }
    remembered
}

/// A leader starts again as one that has resigned: what it had appended but not flushed may be
/// lost, and in the same epoch other records could take the same offsets.
fn role_after_restart(election: &Election, log_epoch: LeaderEpoch, local: &Voter) -> Role {
    if election.leader == Some(local.key.id) {
        return Role::Resigned;
    }
    if election.voted == Some(local.key) && log_epoch < election.epoch {
        return Role::Candidate { granting: BTreeSet::new() };
    }
    Role::Unattached
}

#[cfg(test)]
mod tests {
    use types::{DirectoryId, Instant, Timestamp, Uuid};

    use super::*;
    use crate::{Endpoint, ReplicaKey};

    const NOW: Now = Now { instant: Instant(1), wall: Timestamp(2) };

    #[test]
    fn a_new_quorum_of_one_elects_itself_and_commits_its_first_records() {
        let (mut quorum, effects) = started(fresh());
        assert_eq!(effects, [Effect::Persist(voted(1))]);
        assert_eq!(tell(&mut quorum, Event::Persisted), [Effect::Persist(led(1))]);
        assert_eq!(quorum.leading(), None);
        let effects = tell(&mut quorum, Event::Persisted);
        let leader_change = ControlRecord::LeaderChange {
            leader: BrokerId(1),
            voters: BTreeSet::from([BrokerId(1)]),
            granting: BTreeSet::from([BrokerId(1)]),
        };
        let voters = ControlRecord::Voters(Voters::new([local()]).unwrap());
        let records = vec![leader_change, ControlRecord::KraftVersion(1), voters];
        assert_eq!(effects, [Effect::Append { epoch: LeaderEpoch(1), now: NOW, records }]);
        assert_eq!(quorum.leading(), Some(LeaderEpoch(1)));
        assert_eq!(tell(&mut quorum, Event::Appended { end_offset: Offset(3) }), []);
        let effects = tell(&mut quorum, Event::Flushed { end_offset: Offset(3) });
        let committed = Effect::HighWatermark { offset: Offset(3) };
        assert_eq!(effects, [committed, Effect::BecameLeader { epoch: LeaderEpoch(1) }]);
    }

    #[test]
    fn only_what_is_flushed_is_committed() {
        let mut quorum = leader();
        assert_eq!(tell(&mut quorum, Event::Appended { end_offset: Offset(9) }), []);
        assert_eq!(quorum.high_watermark(), Some(Offset(3)));
        let effects = tell(&mut quorum, Event::Flushed { end_offset: Offset(7) });
        assert_eq!(effects, [Effect::HighWatermark { offset: Offset(7) }]);
        assert_eq!(tell(&mut quorum, Event::Flushed { end_offset: Offset(5) }), []);
        assert_eq!(quorum.high_watermark(), Some(Offset(7)));
    }

    #[test]
    fn a_leader_that_starts_again_leads_a_later_epoch() {
        let found = Found { election: Some(led(4)), ..restarted() };
        let (mut quorum, effects) = started(found);
        assert_eq!(effects, [Effect::Persist(voted(5))]);
        tell(&mut quorum, Event::Persisted);
        tell(&mut quorum, Event::Persisted);
        assert_eq!(quorum.leading(), Some(LeaderEpoch(5)));
        assert_eq!(quorum.high_watermark(), None);
    }

    #[test]
    fn a_candidate_that_starts_again_stands_in_the_epoch_it_voted_in() {
        let found = Found { election: Some(voted(5)), ..restarted() };
        let (_, effects) = started(found);
        assert_eq!(effects, [Effect::Persist(led(5))]);
    }

    #[test]
    fn a_lost_quorum_state_does_not_lead_back_into_an_epoch_of_the_log() {
        let found = Found { election: None, ..restarted() };
        let (_, effects) = started(found);
        assert_eq!(effects, [Effect::Persist(voted(5))]);
    }

    #[test]
    fn voters_are_recorded_again_only_when_the_endpoint_changed() {
        let unchanged = records_of_a_new_reign(restarted());
        assert_eq!(unchanged.len(), 1);
        let mut moved = restarted();
        moved.local.endpoints[0].port = 9_999;
        let voters = Voters::new([moved.local.clone()]).unwrap();
        let records = records_of_a_new_reign(moved);
        assert_eq!(records[2], ControlRecord::Voters(voters));
    }

    #[test]
    fn a_replica_on_another_folder_is_refused() {
        let mut found = restarted();
        found.local.key.directory = DirectoryId(Uuid::from_u128(1_234));
        let error = Quorum::start(NOW, found, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("not the only voter"), "{error}");
    }

    #[test]
    fn a_leader_that_resigns_commits_nothing_any_more() {
        let mut quorum = leader();
        let effects = tell(&mut quorum, Event::Resign);
        assert_eq!(effects, [Effect::Resigned { epoch: LeaderEpoch(1) }]);
        assert_eq!(tell(&mut quorum, Event::Appended { end_offset: Offset(9) }), []);
        assert_eq!(tell(&mut quorum, Event::Flushed { end_offset: Offset(9) }), []);
        assert_eq!(quorum.leading(), None);
    }

    #[test]
    fn a_failed_disk_ends_the_candidature_for_good() {
        let (mut quorum, _) = started(fresh());
        assert_eq!(tell(&mut quorum, Event::DiskFailed), []);
        assert_eq!(tell(&mut quorum, Event::Persisted), []);
        assert_eq!(tell(&mut quorum, Event::Resign), []);
        assert_eq!(quorum.leading(), None);
    }

    fn local() -> Voter {
        let key = ReplicaKey { id: BrokerId(1), directory: DirectoryId(Uuid::from_u128(200)) };
        let endpoint =
            Endpoint { name: "CONTROLLER".into(), host: "127.0.0.1".into(), port: 29_092 };
        Voter::new(key, vec![endpoint])
    }

    fn fresh() -> Found {
        Found {
            local: local(),
            election: None,
            log_end: Offset(0),
            flushed_end: Offset(0),
            log_epoch: LeaderEpoch::NONE,
            voters: Voters::new([local()]).unwrap(),
            voters_are_logged: false,
        }
    }

    fn restarted() -> Found {
        Found {
            election: Some(led(4)),
            log_end: Offset(10),
            flushed_end: Offset(10),
            log_epoch: LeaderEpoch(4),
            voters_are_logged: true,
            ..fresh()
        }
    }

    fn started(found: Found) -> (Quorum, Vec<Effect>) {
        let mut effects = Vec::new();
        let quorum = Quorum::start(NOW, found, &mut effects).unwrap();
        (quorum, effects)
    }

    fn leader() -> Quorum {
        let (mut quorum, _) = started(fresh());
        tell(&mut quorum, Event::Persisted);
        tell(&mut quorum, Event::Persisted);
        tell(&mut quorum, Event::Appended { end_offset: Offset(3) });
        tell(&mut quorum, Event::Flushed { end_offset: Offset(3) });
        quorum
    }

    fn records_of_a_new_reign(found: Found) -> Vec<ControlRecord> {
        let (mut quorum, _) = started(found);
        tell(&mut quorum, Event::Persisted);
        let first = tell(&mut quorum, Event::Persisted).remove(0);
        let Effect::Append { records, .. } = first else { panic!("{first:?}") };
        records
    }

    fn tell(quorum: &mut Quorum, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        quorum.handle(NOW, event, &mut effects);
        effects
    }

    fn voted(epoch: i32) -> Election {
        Election { epoch: LeaderEpoch(epoch), leader: None, voted: Some(local().key) }
    }

    fn led(epoch: i32) -> Election {
        Election { epoch: LeaderEpoch(epoch), leader: Some(BrokerId(1)), voted: None }
    }
}
