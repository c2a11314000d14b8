//! The life of a member: it joins, reads what it is given, says that it lives, and comes again when
//! the group shares out anew.
//!
//! It decides nothing about records. What an answer means is `verdict`'s, who gets what an
//! assignor's.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{
    ApiKey, ErrorCode, Request,
    consumer_protocol::PROTOCOL_TYPE,
    messages::{
        HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, SyncGroupRequest,
        join_group::JoinGroupRequestProtocol, sync_group::SyncGroupRequestAssignment,
    },
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use types::{TopicName, TopicPartition};

use super::{
    Assignor, GroupConfig, GroupEvent,
    assignor::PartitionCounts,
    consumer::Release,
    coordinator::may_go_away,
    leader, subscription,
    verdict::{Verdict, verdict},
};
use crate::{CallError, Client, Refusal, Wanted, client::milliseconds};

/// How a coordinator knows a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// Its id; empty for one that has none yet.
    pub(super) member: String,
    /// The generation that it is in; -1 for none.
    pub(super) generation: i32,
    /// The static member's name.
    pub(super) instance: Option<String>,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity { member: String::new(), generation: -1, instance: None }
    }
}

/// A member.
pub(super) struct Member {
    client: Client,
    config: GroupConfig,
    identity: Arc<Mutex<Identity>>,
    events: mpsc::Sender<GroupEvent>,
    /// What it reads.
    owned: BTreeSet<TopicPartition>,
    /// Since when no coordinator answers.
    silent_since: Option<Instant>,
    /// As leader: how many partitions there were when it shared them out, and when to look again.
    shared_out: Option<(PartitionCounts, Instant)>,
}

/// For how long nobody may look after the group.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(100);

/// How often a leader looks whether topics have come or grown.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);

/// How long the answer to a request may take that does not wait for other members.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(10);

impl Member {
    pub(super) fn new(
        client: Client,
        config: GroupConfig,
        identity: Arc<Mutex<Identity>>,
        events: mpsc::Sender<GroupEvent>,
    ) -> Member {
        Member {
            client,
            config,
            identity,
            events,
            owned: BTreeSet::new(),
            silent_since: None,
            shared_out: None,
        }
    }

    /// Lives until it may not.
    pub(super) async fn live(mut self) {
        let Err(error) = self.go_on().await;
        self.say(GroupEvent::Failed(error)).await;
    }

    async fn go_on(&mut self) -> Result<Infallible, CallError> {
        loop {
            if !self.is_cooperative() {
                let all = self.owned.clone();
                self.give_up(all).await?;
            }
            let Some(given) = self.join_and_sync().await? else { continue };
            let revoked: BTreeSet<_> = self.owned.difference(&given).cloned().collect();
            let added: BTreeSet<_> = given.difference(&self.owned).cloned().collect();
            let is_done = revoked.is_empty();
            self.give_up(revoked).await?;
            self.owned.extend(added.iter().cloned());
            // Also when there is nothing: whoever reads then knows that he waits in vain.
            self.say(GroupEvent::Assign(added)).await;
            // What was given up is shared out once everybody comes again.
            if is_done {
                self.stay().await?;
            }
        }
    }

    /// Whether it reads on while the group shares out anew: all its assignors must know of that.
    fn is_cooperative(&self) -> bool {
        self.config.assignors == [Assignor::CooperativeSticky]
    }

    /// Has these left by whoever reads them; lives on meanwhile.
    async fn give_up(&mut self, partitions: BTreeSet<TopicPartition>) -> Result<(), CallError> {
        if partitions.is_empty() {
            return Ok(());
        }
        self.owned.retain(|partition| !partitions.contains(partition));
        let (release, mut released) = Release::new();
        self.say(GroupEvent::Revoke(partitions, release)).await;
        loop {
            tokio::select! {
                _ = &mut released => return Ok(()),
                () = sleep(self.config.heartbeat_interval) => {}
            }
            // What comes of it is found out when the member joins again, as it is about to.
            self.heartbeat().await?;
        }
    }

    /// One round of joining and learning what to read; nothing when it has to be done again.
    async fn join_and_sync(&mut self) -> Result<Option<BTreeSet<TopicPartition>>, CallError> {
        let Some(joined) = self.join().await? else { return Ok(None) };
        self.shared_out = None;
        let mut shares = Vec::new();
        if joined.leader == joined.member_id {
            match self.share_out(&joined).await {
                Ok(shared) => shares = shared,
                Err(error) => return self.bear(error).await.map(|()| None),
            }
        }
        let identity = self.identity().clone();
        let request = SyncGroupRequest {
            group_id: self.config.group.as_str().into(),
            generation_id: identity.generation,
            member_id: identity.member.as_str().into(),
            group_instance_id: identity.instance.as_deref().map(Into::into),
            protocol_type: Some(PROTOCOL_TYPE.into()),
            protocol_name: joined.protocol_name.clone(),
            assignments: shares,
        };
        // The answer waits for the leader.
        let deadline = self.config.rebalance_timeout + ANSWER_WAIT_MAX;
        let Some(response) = self.ask(&request, deadline).await? else { return Ok(None) };
        if self.heed(ApiKey::SyncGroup, response.error_code).await? != Verdict::Fine {
            return Ok(None);
        }
        let read = subscription::read_assignment(response.assignment);
        read.map(Some).map_err(|error| CallError::Decode { api: ApiKey::SyncGroup, error })
    }

    async fn join(&mut self) -> Result<Option<JoinGroupResponse>, CallError> {
        let request = self.join_request();
        // The answer waits for the other members.
        let deadline = self.config.rebalance_timeout + ANSWER_WAIT_MAX;
        let Some(response) = self.ask(&request, deadline).await? else { return Ok(None) };
        match self.heed(ApiKey::JoinGroup, response.error_code).await? {
            Verdict::Fine => {
                let mut identity = self.identity();
                identity.member = response.member_id.to_string();
                identity.generation = response.generation_id;
                drop(identity);
                Ok(Some(response))
            }
            Verdict::TakeId => {
                self.identity().member = response.member_id.to_string();
                Ok(None)
            }
            Verdict::Rejoin | Verdict::AskAgain | Verdict::Out { .. } | Verdict::Never => Ok(None),
        }
    }

    fn join_request(&self) -> JoinGroupRequest {
        let identity = self.identity().clone();
        let metadata = subscription::write(&self.config.topics, &self.owned, identity.generation);
        let protocol = |assignor: &Assignor| JoinGroupRequestProtocol {
            name: assignor.name().into(),
            metadata: metadata.clone(),
        };
        JoinGroupRequest {
            group_id: self.config.group.as_str().into(),
            session_timeout_ms: milliseconds(self.config.session_timeout),
            rebalance_timeout_ms: milliseconds(self.config.rebalance_timeout),
            member_id: identity.member.as_str().into(),
            group_instance_id: identity.instance.as_deref().map(Into::into),
            protocol_type: PROTOCOL_TYPE.into(),
            protocols: self.config.assignors.iter().map(protocol).collect(),
            reason: None,
        }
    }

    /// As leader: what each member shall read.
    async fn share_out(
        &mut self,
        joined: &JoinGroupResponse,
    ) -> Result<Vec<SyncGroupRequestAssignment>, CallError> {
        let members = leader::members(joined)?;
        let topics = members.values().flat_map(|member| member.topics.iter().cloned()).collect();
        let counts = self.counts(&topics).await?;
        let shares = leader::shares(joined, &members, &counts)?;
        self.shared_out = Some((counts, Instant::now() + LOOK_INTERVAL));
        Ok(shares)
    }

    /// How many partitions these topics have, as far as they are there.
    async fn counts(&self, topics: &BTreeSet<TopicName>) -> Result<PartitionCounts, CallError> {
        let topics: Vec<TopicName> = topics.iter().cloned().collect();
        let cluster = self.client.cluster(Wanted::Topics(&topics)).await?;
        let counts = cluster.topics.into_iter().filter_map(|(name, topic)| {
            let count = topic.ok()?.partitions.len();
            Some((name, i32::try_from(count).ok()?))
        });
        Ok(counts.collect())
    }

    /// Says that it lives until it has to join again.
    async fn stay(&mut self) -> Result<(), CallError> {
        loop {
            sleep(self.config.heartbeat_interval).await;
            let verdict = self.heartbeat().await?;
            let is_in = matches!(verdict, Verdict::Fine | Verdict::AskAgain);
            if !is_in || self.topics_have_changed().await {
                return Ok(());
            }
        }
    }

    async fn heartbeat(&mut self) -> Result<Verdict, CallError> {
        let identity = self.identity().clone();
        if identity.generation < 0 {
            return Ok(Verdict::Fine);
        }
        let request = HeartbeatRequest {
            group_id: self.config.group.as_str().into(),
            generation_id: identity.generation,
            member_id: identity.member.as_str().into(),
            group_instance_id: identity.instance.as_deref().map(Into::into),
        };
        let deadline = self.config.session_timeout.min(ANSWER_WAIT_MAX);
        let Some(response) = self.ask(&request, deadline).await? else {
            return Ok(Verdict::AskAgain);
        };
        self.heed(ApiKey::Heartbeat, response.error_code).await
    }

    /// As leader: whether there is something else to share out than there was.
    async fn topics_have_changed(&mut self) -> bool {
        let Some((counts, look_at)) = self.shared_out.as_ref() else { return false };
        if Instant::now() < *look_at {
            return false;
        }
        let topics = counts.keys().chain(&self.config.topics).cloned().collect();
        let found = self.counts(&topics).await;
        let Some((counts, look_at)) = self.shared_out.as_mut() else { return false };
        *look_at = Instant::now() + LOOK_INTERVAL;
        // When nobody answers now, the next look tells.
        found.is_ok_and(|found| found != *counts)
    }

    /// Asks the coordinator; nothing when it has to be asked again, after a pause.
    async fn ask<R: Request>(
        &mut self,
        request: &R,
        deadline: Duration,
    ) -> Result<Option<R::Response>, CallError> {
        let answer =
            self.client.ask_coordinator(&self.config.group, request, i16::MAX, deadline).await;
        match answer {
            Ok(response) => Ok(Some(response)),
            Err(error) => self.bear(error).await.map(|()| None),
        }
    }

    /// Waits a little after an error that may go away.
    async fn bear(&mut self, error: CallError) -> Result<(), CallError> {
        if may_go_away(&error) { self.be_patient(error).await } else { Err(error) }
    }

    /// Waits a little, and not for ever.
    async fn be_patient(&mut self, error: CallError) -> Result<(), CallError> {
        let since = *self.silent_since.get_or_insert_with(Instant::now);
        if since.elapsed() > PATIENCE {
            return Err(error);
        }
        sleep(PAUSE).await;
        Ok(())
    }

    /// Does what an answer asks for.
    async fn heed(&mut self, api: ApiKey, code: i16) -> Result<Verdict, CallError> {
        let code = known_code(code);
        let verdict = verdict(code);
        if verdict == Verdict::AskAgain {
            self.client.forget_coordinator(&self.config.group);
            self.be_patient(refused(api, code)).await?;
            return Ok(verdict);
        }
        self.silent_since = None;
        match verdict {
            Verdict::Never => return Err(refused(api, code)),
            Verdict::Out { keeps_id } => self.be_out(keeps_id).await,
            Verdict::Fine | Verdict::TakeId | Verdict::Rejoin | Verdict::AskAgain => {}
        }
        Ok(verdict)
    }

    /// It is a member no more.
    async fn be_out(&mut self, keeps_id: bool) {
        {
            let mut identity = self.identity();
            identity.generation = -1;
            if !keeps_id {
                identity.member.clear();
            }
        }
        let lost = std::mem::take(&mut self.owned);
        if !lost.is_empty() {
            self.say(GroupEvent::Lost(lost)).await;
        }
    }

    async fn say(&self, event: GroupEvent) {
        // Whoever does not listen any more is about to end this life.
        let _ = self.events.send(event).await;
    }

    fn identity(&self) -> MutexGuard<'_, Identity> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn known_code(code: i16) -> ErrorCode {
    ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError)
}

fn refused(api: ApiKey, code: ErrorCode) -> CallError {
    CallError::Refused { api, refusal: Refusal { code, message: None } }
}
