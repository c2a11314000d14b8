//! One operator acts at a time: it holds a Lease on the API server.
//!
//! `decide` is pure. Whether another holder is gone is judged by our own clock, from the moment we
//! first saw its last sign of life, so that clocks of two machines need not agree. Every write names
//! the version that was read, so that of two who reach for it one gets it.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff;
use kube::Api;
use kube::api::PostParams;
use tokio::time::Instant;
use tracing::{info, warn};

use super::metrics::Metrics;
use super::names::MANAGER;

/// How long a holder that gives no sign of life keeps others out.
const DURATION: Duration = Duration::from_secs(30);
/// A holder that could not renew for this long gives up, before another may begin.
const GIVE_UP: Duration = Duration::from_secs(25);
/// How often it is looked at.
const PERIOD: Duration = Duration::from_secs(3);
/// How long one request may take.
const REQUEST_WAIT_MAX: Duration = Duration::from_secs(5);

/// The Lease and who we are.
pub(crate) struct Leadership {
    api: Api<Lease>,
    name: String,
    identity: String,
    metrics: Metrics,
    seen: Option<Seen>,
}

/// The last sign of life of a holder.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    spec: LeaseSpec,
    since: Instant,
}

/// What to do about the Lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Reach for it: it is free, or its holder is gone.
    Acquire,
    /// Give a sign of life.
    Renew,
    /// Wait: another holds it.
    Wait,
}

/// What to do, when the Lease is like this and has been for so long.
fn decide(spec: Option<&LeaseSpec>, unchanged_for: Duration, identity: &str) -> Decision {
    let Some(spec) = spec else { return Decision::Acquire };
    let holder = spec.holder_identity.as_deref().unwrap_or_default();
    if holder == identity {
        return Decision::Renew;
    }
    let seconds = spec.lease_duration_seconds.and_then(|it| u64::try_from(it).ok());
    let duration = seconds.map_or(DURATION, Duration::from_secs);
    if holder.is_empty() || unchanged_for > duration { Decision::Acquire } else { Decision::Wait }
}

impl Leadership {
    /// For the Lease of this name.
    pub(crate) fn new(api: Api<Lease>, name: &str, identity: &str, metrics: Metrics) -> Self {
        let (name, identity) = (name.to_owned(), identity.to_owned());
        Self { api, name, identity, metrics, seen: None }
    }

    /// Resolves when the Lease is ours. `answered` is called once the API server has answered.
    pub(crate) async fn acquire(&mut self, answered: impl Fn()) {
        info!(lease = self.name, identity = self.identity, "waiting for the lease");
        loop {
            match self.attempt().await {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => {
                    warn!(%error, "failed to look at the lease; it is tried again");
                    tokio::time::sleep(PERIOD).await;
                    continue;
                }
            }
            answered();
            tokio::time::sleep(PERIOD).await;
        }
        answered();
        self.metrics.leads(true);
        info!(lease = self.name, "this operator leads");
    }

    /// Renews until the Lease is lost, and returns why.
    pub(crate) async fn hold(&mut self) -> String {
        let mut renewed = Instant::now();
        loop {
            tokio::time::sleep(PERIOD).await;
            match self.attempt().await {
                Ok(true) => renewed = Instant::now(),
                Ok(false) => {
                    self.metrics.leads(false);
                    return "another operator holds the lease".to_owned();
                }
                Err(error) => warn!(%error, "failed to renew the lease; it is tried again"),
            }
            if renewed.elapsed() > GIVE_UP {
                self.metrics.leads(false);
                return format!("the lease could not be renewed for {} s", GIVE_UP.as_secs());
            }
        }
    }

    /// Lets others have it at once.
    pub(crate) async fn release(&mut self) {
        self.metrics.leads(false);
        if let Err(error) = within(self.give_back()).await {
            warn!(%error, "failed to release the lease; it ends by itself");
        }
    }

    async fn give_back(&self) -> Result<(), kube::Error> {
        let Some(mut lease) = self.api.get_opt(&self.name).await? else { return Ok(()) };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() == Some(&self.identity) {
            spec.holder_identity = None;
            spec.renew_time = None;
            self.api.replace(&self.name, &by_us(), &lease).await?;
        }
        Ok(())
    }

    /// Whether the Lease is ours now.
    async fn attempt(&mut self) -> Result<bool, kube::Error> {
        within(self.attempt_once()).await
    }

    async fn attempt_once(&mut self) -> Result<bool, kube::Error> {
        let found = self.api.get_opt(&self.name).await?;
        let unchanged_for = self.note(found.as_ref());
        let spec = found.as_ref().and_then(|lease| lease.spec.as_ref());
        let decision = decide(spec, unchanged_for, &self.identity);
        if decision == Decision::Wait {
            return Ok(false);
        }
        let written = match found {
            None => self.api.create(&by_us(), &self.lease(None, decision)).await,
            Some(lease) => {
                let lease = self.lease(Some(lease), decision);
                self.api.replace(&self.name, &by_us(), &lease).await
            }
        };
        match written {
            Ok(_) => Ok(true),
            // Another was faster, or touched it meanwhile: the next look says who has it.
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(decision == Decision::Renew),
            Err(error) => Err(error),
        }
    }

    /// How long we have seen the Lease as it is.
    fn note(&mut self, found: Option<&Lease>) -> Duration {
        let spec = found.and_then(|lease| lease.spec.clone()).unwrap_or_default();
        match &self.seen {
            Some(seen) if seen.spec == spec => seen.since.elapsed(),
            Some(_) | None => {
                self.seen = Some(Seen { spec, since: Instant::now() });
                Duration::ZERO
            }
        }
    }

    fn lease(&self, found: Option<Lease>, decision: Decision) -> Lease {
        let now = MicroTime(jiff::Timestamp::now());
        let metadata = ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() };
        let mut lease = found.unwrap_or(Lease { metadata, spec: None });
        let spec = lease.spec.get_or_insert_default();
        if decision == Decision::Acquire {
            spec.acquire_time = Some(now.clone());
            spec.lease_transitions = Some(spec.lease_transitions.unwrap_or(0).saturating_add(1));
        }
        spec.holder_identity = Some(self.identity.clone());
        spec.lease_duration_seconds = i32::try_from(DURATION.as_secs()).ok();
        spec.renew_time = Some(now);
        lease
    }
}

fn by_us() -> PostParams {
    PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() }
}

async fn within<T>(
    request: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, kube::Error> {
    match tokio::time::timeout(REQUEST_WAIT_MAX, request).await {
        Ok(answer) => answer,
        Err(elapsed) => Err(kube::Error::Service(Box::new(elapsed))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_by(holder: Option<&str>) -> LeaseSpec {
        LeaseSpec {
            holder_identity: holder.map(str::to_owned),
            lease_duration_seconds: Some(30),
            ..LeaseSpec::default()
        }
    }

    #[test]
    fn a_lease_that_nobody_holds_is_taken() {
        assert_eq!(decide(None, Duration::ZERO, "a"), Decision::Acquire);
        assert_eq!(decide(Some(&held_by(None)), Duration::ZERO, "a"), Decision::Acquire);
        assert_eq!(decide(Some(&held_by(Some(""))), Duration::ZERO, "a"), Decision::Acquire);
    }

    #[test]
    fn a_holder_keeps_others_out_while_it_gives_signs_of_life() {
        let lease = held_by(Some("b"));
        assert_eq!(decide(Some(&lease), Duration::from_secs(30), "a"), Decision::Wait);
        assert_eq!(decide(Some(&lease), Duration::from_secs(31), "a"), Decision::Acquire);
    }

    #[test]
    fn our_own_lease_is_renewed_also_after_a_restart() {
        let lease = held_by(Some("a"));
        assert_eq!(decide(Some(&lease), Duration::from_secs(99), "a"), Decision::Renew);
    }

    #[test]
    fn a_holder_gives_up_before_another_may_begin() {
        assert!(GIVE_UP + REQUEST_WAIT_MAX <= DURATION);
    }
}
