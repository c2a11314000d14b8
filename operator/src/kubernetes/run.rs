//! The operator as a process: the lease, the watches, the controllers, and an end in good order.

use std::net::SocketAddr;

use k8s_openapi::api::coordination::v1::Lease;
use kube::{Api, Client};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::info;

use super::cache::Scope;
use super::controllers;
use super::fitness::CheckProperties;
use super::lease::Leadership;
use super::metrics::Metrics;
use super::server::{self, Health};

/// What the operator is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// The namespaces that are looked after; all of them when there is none.
    pub namespaces: Vec<String>,
    /// The image of brokers whose cluster names none.
    pub image: String,
    /// The version of that image.
    pub version: String,
    /// The domain behind the names of Services.
    pub cluster_domain: String,
    /// What brokers of that version would not accept in their properties.
    pub check: CheckProperties,
    /// Where the lease lies; the client's own namespace when there is none.
    pub lease_namespace: Option<String>,
    /// What the lease is called.
    pub lease_name: String,
    /// Who this process is among those that want the lease.
    pub identity: String,
    /// Where `/metrics`, `/livez` and `/readyz` are served.
    pub metrics_address: SocketAddr,
}

/// Why the operator cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no way to an API server.
    #[error("failed to find the API server: {0}")]
    Unconfigured(#[source] Box<kube::Error>),
    /// The address for metrics cannot be used.
    #[error("failed to listen on {0}: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// Another operator may begin.
    #[error("this operator no longer leads: {0}")]
    LeaseLost(String),
    /// A part that runs as long as the operator has ended.
    #[error("a part of the operator ended: {0}")]
    Ended(String),
}

/// The operator, ready to run.
pub struct Operator {
    options: Options,
    client: Client,
    metrics: Metrics,
}

impl Operator {
    /// Finds the API server: that of the Pod this runs in, or the one that kubectl would use.
    pub async fn new(options: Options) -> Result<Self, OperatorError> {
        let client = Client::try_default().await;
        let client = client.map_err(|error| OperatorError::Unconfigured(Box::new(error)))?;
        Ok(Self { options, client, metrics: Metrics::new() })
    }

    /// Runs until `stop` resolves. What has begun is finished, then the lease is given back.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), OperatorError> {
        tokio::pin!(stop);
        let address = self.options.metrics_address;
        let listener = server::bind(address).await;
        let listener = listener.map_err(|error| OperatorError::Listen(address, error))?;
        let health = Health::new(self.metrics.clone());
        let mut aside = JoinSet::new();
        aside.spawn(server::serve(listener, health.clone()));
        let mut leadership = self.leadership();
        tokio::select! {
            () = leadership.acquire(|| health.set_ready()) => {}
            () = &mut stop => return Ok(()),
        }
        let (stopping, stopped) = watch::channel(false);
        let mut parts = self.start(&stopped);
        let outcome = tokio::select! {
            // Another may act from now on: what has begun is dropped, not finished.
            why = leadership.hold() => return Err(OperatorError::LeaseLost(why)),
            ended = parts.join_next() => Err(ended_early(ended)),
            () = &mut stop => Ok(()),
        };
        info!("stopping");
        stopping.send_replace(true);
        while parts.join_next().await.is_some() {}
        leadership.release().await;
        outcome
    }

    fn leadership(&self) -> Leadership {
        let namespace = &self.options.lease_namespace;
        let api: Api<Lease> = match namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::default_namespaced(self.client.clone()),
        };
        let options = &self.options;
        Leadership::new(api, &options.lease_name, &options.identity, self.metrics.clone())
    }

    /// One set of watches and controllers for each namespace, or one for all.
    fn start(&self, stopped: &watch::Receiver<bool>) -> JoinSet<()> {
        let mut scopes: Vec<Option<String>> =
            self.options.namespaces.iter().cloned().map(Some).collect();
        if scopes.is_empty() {
            scopes.push(None);
        }
        let mut parts = JoinSet::new();
        for namespace in scopes {
            let scope = Scope { client: self.client.clone(), namespace };
            let options = self.options.clone();
            parts.spawn(controllers::run(scope, options, self.metrics.clone(), stopped.clone()));
        }
        parts
    }
}

fn ended_early(ended: Option<Result<(), tokio::task::JoinError>>) -> OperatorError {
    let why = match ended {
        Some(Err(error)) => error.to_string(),
        Some(Ok(())) | None => "a controller has nothing left to watch".to_owned(),
    };
    OperatorError::Ended(why)
}
