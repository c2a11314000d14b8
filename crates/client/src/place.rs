//! One partition and whoever leads it: asked again while nothing was done and time is left.

use std::time::Duration;

use protocol::Request;
use tokio::time::{Instant, sleep};
use types::{BrokerId, PartitionIndex, TopicId, TopicName};

use crate::{CallError, Client, PartitionError, Refusal, Wanted};

/// How long to leave a broker alone that cannot answer yet.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// How long a topic may be unknown to a broker that has yet to learn of its creation.
const UNKNOWN_TOPIC_PATIENCE: Duration = Duration::from_secs(2);

/// A partition, who asks its leader, and until when.
pub(crate) struct Place<'a> {
    pub(crate) client: &'a Client,
    pub(crate) topic: &'a TopicName,
    pub(crate) partition: PartitionIndex,
    pub(crate) start: Instant,
    pub(crate) deadline: Duration,
}

impl Place<'_> {
    /// Tries again as long as nothing was done and time is left.
    pub(crate) async fn retry<T>(
        &self,
        attempt: impl AsyncFn() -> Result<T, PartitionError>,
    ) -> Result<T, PartitionError> {
        loop {
            let error = match attempt().await {
                Err(error) if error.is_retriable() => error,
                done => return done,
            };
            let unknown = error.is_unknown_topic();
            let patience = if unknown { UNKNOWN_TOPIC_PATIENCE } else { self.deadline };
            if self.start.elapsed() + RETRY_PAUSE > patience.min(self.deadline) {
                return Err(error);
            }
            sleep(RETRY_PAUSE).await;
            match self.refresh().await {
                // Whoever is being started again cannot be reached for a while.
                Ok(()) | Err(CallError::Connect(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What is left of the deadline.
    pub(crate) fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.start.elapsed())
    }

    pub(crate) async fn refresh(&self) -> Result<(), CallError> {
        let topics = std::slice::from_ref(self.topic);
        self.client.cluster(Wanted::Topics(topics)).await.map(drop)
    }

    pub(crate) async fn leader(&self) -> Result<(TopicId, BrokerId), PartitionError> {
        if let Some(leader) = self.client.known().leader(self.topic, self.partition) {
            return Ok(leader);
        }
        self.refresh().await?;
        let known = self.client.known();
        if let Some(Err(refusal)) = known.topics.get(self.topic) {
            return Err(self.refused(refusal.clone()));
        }
        known.leader(self.topic, self.partition).ok_or_else(|| self.no_leader())
    }

    pub(crate) async fn ask_leader<R: Request>(
        &self,
        leader: BrokerId,
        request: &R,
    ) -> Result<R::Response, PartitionError> {
        Ok(self.client.call_broker_within(leader, request, self.remaining()).await?)
    }

    /// The answer for the one partition that was asked about.
    pub(crate) fn only<T>(
        &self,
        mut answers: impl Iterator<Item = T>,
    ) -> Result<T, PartitionError> {
        answers.next().ok_or_else(|| self.no_leader())
    }

    pub(crate) fn check(&self, code: i16, message: Option<&str>) -> Result<(), PartitionError> {
        Refusal::check(code, message).map_err(|refusal| self.refused(refusal))
    }

    pub(crate) fn refused(&self, refusal: Refusal) -> PartitionError {
        PartitionError::Refused { topic: self.topic.clone(), partition: self.partition, refusal }
    }

    pub(crate) fn no_leader(&self) -> PartitionError {
        PartitionError::NoLeader { topic: self.topic.clone(), partition: self.partition }
    }
}
