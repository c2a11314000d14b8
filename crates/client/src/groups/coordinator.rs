//! The broker that looks after a group: found, and found again when another one does.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use protocol::{ApiKey, ErrorCode, Request, messages::FindCoordinatorRequest};
use tokio::time::{Instant, sleep};
use types::BrokerId;

use crate::{CallError, Client, Refusal, Wanted};

/// How long to leave alone a group that nobody looks after yet.
const PAUSE: Duration = Duration::from_millis(100);

/// What a broker says when it is not the one to ask, or not yet.
const ASK_AGAIN: [ErrorCode; 3] = [
    ErrorCode::CoordinatorLoadInProgress,
    ErrorCode::CoordinatorNotAvailable,
    ErrorCode::NotCoordinator,
];

/// What was last learned of coordinators.
#[derive(Debug, Default)]
pub(crate) struct Coordinators(Mutex<BTreeMap<String, BrokerId>>);

impl Coordinators {
    fn known(&self, group: &str) -> Option<BrokerId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(group).copied()
    }

    fn learn(&self, group: &str, broker: BrokerId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(group.to_owned(), broker);
    }

    fn forget(&self, group: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(group);
    }
}

impl Client {
    /// The broker that looks after a group, as it is known or as any broker says.
    pub(crate) async fn coordinator(&self, group: &str) -> Result<BrokerId, CallError> {
        if let Some(known) = self.coordinators.known(group) {
            return Ok(known);
        }
        let api = ApiKey::FindCoordinator;
        let keys = vec![group.into()];
        let request = FindCoordinatorRequest { coordinator_keys: keys, ..Default::default() };
        let response = self.call(&request).await?;
        let Some(found) = response.coordinators.first() else {
            let message = Some("the answer does not mention the group".to_owned());
            let refusal = Refusal { code: ErrorCode::UnknownServerError, message };
            return Err(CallError::Refused { api, refusal });
        };
        Refusal::check(found.error_code, found.error_message.as_deref())
            .map_err(|refusal| CallError::Refused { api, refusal })?;
        let broker = BrokerId(found.node_id);
        if !self.known().brokers.contains_key(&broker) {
            self.cluster(Wanted::Brokers).await?;
        }
        self.coordinators.learn(group, broker);
        Ok(broker)
    }

    /// Asks the coordinator of a group once, in a version no higher than `version_max`.
    pub(crate) async fn ask_coordinator<R: Request>(
        &self,
        group: &str,
        request: &R,
        version_max: i16,
        deadline: Duration,
    ) -> Result<R::Response, CallError> {
        let broker = self.coordinator(group).await?;
        let answer = self.call_broker_in(broker, request, version_max, deadline).await;
        if answer.is_err() {
            self.coordinators.forget(group);
        }
        answer
    }

    /// Asks the coordinator of a group until one answers that can, or the deadline has passed. What
    /// is asked must be such that it may be done twice.
    pub(crate) async fn ask_any_coordinator<R: Request>(
        &self,
        group: &str,
        request: &R,
        version_max: i16,
        code: impl Fn(&R::Response) -> i16,
    ) -> Result<R::Response, CallError> {
        let deadline = self.config().request_deadline;
        let give_up = Instant::now() + deadline;
        loop {
            let answer = self.ask_coordinator(group, request, version_max, deadline).await;
            let error = match answer {
                Ok(response) => {
                    let Err(refusal) = Refusal::check(code(&response), None) else {
                        return Ok(response);
                    };
                    if !ASK_AGAIN.contains(&refusal.code) {
                        return Ok(response);
                    }
                    CallError::Refused { api: R::KEY, refusal }
                }
                Err(error) => error,
            };
            self.coordinators.forget(group);
            if !may_find_another(&error) || Instant::now() + PAUSE > give_up {
                return Err(error);
            }
            sleep(PAUSE).await;
        }
    }

    /// Whoever was taken for the coordinator of a group is it no more.
    pub(crate) fn forget_coordinator(&self, group: &str) {
        self.coordinators.forget(group);
    }
}

/// Whether what could not be asked now can be asked later.
pub(crate) fn may_go_away(error: &CallError) -> bool {
    may_find_another(error) || matches!(error, CallError::TimedOut { .. })
}

/// Whether somebody else, or the same one a little later, may answer.
fn may_find_another(error: &CallError) -> bool {
    match error {
        CallError::Connect(_) | CallError::UnknownBroker(_) | CallError::Broken { .. } => true,
        CallError::Refused { refusal, .. } => ASK_AGAIN.contains(&refusal.code),
        CallError::NoAddress
        | CallError::TimedOut { .. }
        | CallError::Unsupported { .. }
        | CallError::Encode { .. }
        | CallError::Decode { .. } => false,
    }
}
