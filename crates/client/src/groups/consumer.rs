//! A member of a group, as whoever reads for it sees it: what to read, what to leave, and where the
//! group stands.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::{
    ApiKey,
    messages::{LeaveGroupRequest, leave_group::MemberIdentity},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use types::{Offset, TopicName, TopicPartition};

use super::{
    Assignor,
    coordinator::may_go_away,
    member::{Identity, Member},
    offsets::{BY_NAME, CommittedOffset, commit_outcomes, commit_request},
    verdict::{Verdict, verdict},
};
use crate::{CallError, Client, Config};

/// How somebody is a member.
#[derive(Debug, Clone)]
pub struct GroupConfig {
    /// The group.
    pub group: String,
    /// What to read.
    pub topics: BTreeSet<TopicName>,
    /// The assignors that this member knows, the one it likes best first. With
    /// `CooperativeSticky` alone it reads on while the group shares out anew.
    pub assignors: Vec<Assignor>,
    /// The name of a static member: whoever comes back with it gets what it had, and nobody else
    /// does before the session has ended (KIP-345).
    pub instance: Option<String>,
    /// After which silence the member is taken for dead.
    pub session_timeout: Duration,
    /// How long it may take to come back when the group shares out anew.
    pub rebalance_timeout: Duration,
    /// How often it says that it lives.
    pub heartbeat_interval: Duration,
}

impl GroupConfig {
    /// With the time-outs of Java's consumer.
    #[must_use]
    pub fn new(group: String, topics: BTreeSet<TopicName>) -> GroupConfig {
        GroupConfig {
            group,
            topics,
            assignors: vec![Assignor::Range, Assignor::CooperativeSticky],
            instance: None,
            session_timeout: Duration::from_secs(45),
            rebalance_timeout: Duration::from_secs(300),
            heartbeat_interval: Duration::from_secs(3),
        }
    }
}

/// What happens to a member.
#[derive(Debug)]
pub enum GroupEvent {
    /// These are to be read, from where the group stands.
    Assign(BTreeSet<TopicPartition>),
    /// These are to be left: what was read of them is to be committed, and the release dropped.
    Revoke(BTreeSet<TopicPartition>, Release),
    /// These are gone; others may read them already, and nothing of them can be committed.
    Lost(BTreeSet<TopicPartition>),
    /// The membership has ended.
    Failed(CallError),
}

/// Holds a rebalance up until it is dropped, or the rebalance time-out has passed.
#[derive(Debug)]
pub struct Release(#[expect(dead_code, reason = "dropping it is the message")] oneshot::Sender<()>);

impl Release {
    pub(super) fn new() -> (Release, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Release(sender), receiver)
    }
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commit {
    /// The group stands there.
    Done,
    /// The group is sharing out anew, or nobody looks after it; the same again later.
    Later,
    /// Not a member any more: somebody else reads these again.
    Out,
}

/// A member of a group.
#[derive(Debug)]
pub struct GroupConsumer {
    /// For commits, which must not wait behind a JoinGroup.
    client: Client,
    group: String,
    identity: Arc<Mutex<Identity>>,
    events: mpsc::Receiver<GroupEvent>,
    life: JoinHandle<()>,
}

/// A member has few events at a time.
const EVENTS_MAX: usize = 16;

/// Whoever commits reads on soon.
const COMMIT_WAIT_MAX: Duration = Duration::from_secs(10);

/// Whoever leaves does not wait for long for somebody to take note of it.
const LEAVE_WAIT_MAX: Duration = Duration::from_secs(5);

impl GroupConsumer {
    /// Becomes a member; what comes of it is told by the events.
    ///
    /// # Errors
    /// No broker could be reached.
    pub async fn join(client: Config, config: GroupConfig) -> Result<GroupConsumer, CallError> {
        let own = Client::connect(client.clone()).await?;
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let instance = config.instance.clone();
        let identity = Arc::new(Mutex::new(Identity { instance, ..Identity::default() }));
        let group = config.group.clone();
        let members_client = Client::connect(client).await?;
        let member = Member::new(members_client, config, Arc::clone(&identity), sender);
        let life = tokio::spawn(member.live());
        Ok(GroupConsumer { client: own, group, identity, events, life })
    }

    /// Waits for what happens next. May be dropped while it waits.
    pub async fn event(&mut self) -> GroupEvent {
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }

    /// Where the group stands in these partitions, as far as it has been there.
    ///
    /// # Errors
    /// The coordinator did not answer, or refused.
    pub async fn committed(
        &self,
        partitions: &BTreeSet<TopicPartition>,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, CallError> {
        self.client.committed_offsets(&self.group, Some(partitions)).await
    }

    /// Says where the group stands from now on.
    ///
    /// # Errors
    /// The coordinator refused for good.
    pub async fn commit(
        &self,
        offsets: &BTreeMap<TopicPartition, Offset>,
    ) -> Result<Commit, CallError> {
        let identity = self.identity();
        // Without a generation it would be taken for a commit from outside.
        if identity.generation < 0 {
            return Ok(Commit::Out);
        }
        let request = commit_request(&self.group, &identity, offsets);
        let answer =
            self.client.ask_coordinator(&self.group, &request, BY_NAME, COMMIT_WAIT_MAX).await;
        let outcomes = match answer {
            Ok(response) => commit_outcomes(&response),
            Err(error) if may_go_away(&error) => return Ok(Commit::Later),
            Err(error) => return Err(error),
        };
        let Some(refusal) = outcomes.into_values().find_map(Result::err) else {
            return Ok(Commit::Done);
        };
        match verdict(refusal.code) {
            Verdict::Fine => Ok(Commit::Done),
            Verdict::Rejoin => Ok(Commit::Later),
            Verdict::AskAgain => {
                self.client.forget_coordinator(&self.group);
                Ok(Commit::Later)
            }
            Verdict::Out { .. } => Ok(Commit::Out),
            Verdict::TakeId | Verdict::Never => {
                Err(CallError::Refused { api: ApiKey::OffsetCommit, refusal })
            }
        }
    }

    /// Ends the membership. What is read by a static member stays its own until its session ends.
    pub async fn leave(self) {
        self.life.abort();
        let identity = self.identity();
        if identity.member.is_empty() || identity.instance.is_some() {
            return;
        }
        let member = MemberIdentity {
            member_id: identity.member.as_str().into(),
            reason: Some("the command has ended".into()),
            ..Default::default()
        };
        let request = LeaveGroupRequest {
            group_id: self.group.as_str().into(),
            members: vec![member],
            ..Default::default()
        };
        let left = self.client.ask_coordinator(&self.group, &request, i16::MAX, LEAVE_WAIT_MAX);
        if !matches!(timeout(LEAVE_WAIT_MAX, left).await, Ok(Ok(_))) {
            tracing::info!("nobody took note that we left the group; it will notice by itself");
        }
    }

    fn identity(&self) -> Identity {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for GroupConsumer {
    fn drop(&mut self) {
        self.life.abort();
    }
}
