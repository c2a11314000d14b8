//! The client.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::{ApiKey, Request};
use types::BrokerId;

use crate::{
    Address, CallError, Cluster, Config, Refusal, Wanted, connections::Connections,
    groups::Coordinators,
};

/// Talks to a cluster; cheap calls from many tasks share the connections.
#[derive(Debug)]
pub struct Client {
    pub(crate) connections: Connections,
    /// What was last learned about brokers and topics.
    known: Mutex<Arc<Cluster>>,
    /// Which broker looks after which group.
    pub(crate) coordinators: Coordinators,
}

/// What a broker may need beyond the deadline it was told, to say that it passed.
const GRACE: Duration = Duration::from_secs(1);

impl Client {
    /// Connects to one of the bootstrap addresses and learns who the brokers are.
    ///
    /// # Errors
    /// None of them could be reached or answered as a broker does.
    pub async fn connect(config: Config) -> Result<Client, CallError> {
        let connections = Connections::new(config);
        let client =
            Client { connections, known: Mutex::default(), coordinators: Coordinators::default() };
        client.cluster(Wanted::Brokers).await?;
        Ok(client)
    }

    /// What the client was told when it was made.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.connections.config
    }

    /// Asks any broker.
    ///
    /// # Errors
    /// There is no response; one that refuses is a response.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Response, CallError> {
        let connection = self.connections.to_any(&self.addresses()).await?;
        connection.call(request, self.config().request_deadline + GRACE).await
    }

    /// Asks one broker.
    ///
    /// # Errors
    /// The broker is not known, or there is no response.
    pub async fn call_broker<R: Request>(
        &self,
        broker: BrokerId,
        request: &R,
    ) -> Result<R::Response, CallError> {
        self.call_broker_within(broker, request, self.config().request_deadline).await
    }

    pub(crate) async fn call_broker_within<R: Request>(
        &self,
        broker: BrokerId,
        request: &R,
        deadline: Duration,
    ) -> Result<R::Response, CallError> {
        self.call_broker_in(broker, request, i16::MAX, deadline).await
    }

    /// Asks one broker, in a version no higher than `version_max`.
    pub(crate) async fn call_broker_in<R: Request>(
        &self,
        broker: BrokerId,
        request: &R,
        version_max: i16,
        deadline: Duration,
    ) -> Result<R::Response, CallError> {
        let cluster = self.known();
        let broker = cluster.brokers.get(&broker).ok_or(CallError::UnknownBroker(broker))?;
        let connection = self.connections.to(&broker.address).await?;
        connection.call_in(request, version_max, deadline + GRACE).await
    }

    /// The cluster as a broker sees it at this moment.
    ///
    /// # Errors
    /// No broker answered.
    pub async fn cluster(&self, wanted: Wanted<'_>) -> Result<Cluster, CallError> {
        let response = self.call(&wanted.request()).await?;
        Refusal::check(response.error_code, None)
            .map_err(|refusal| CallError::Refused { api: ApiKey::Metadata, refusal })?;
        let cluster = Cluster::of(&response);
        self.learn(&cluster);
        Ok(cluster)
    }

    /// The highest version of an API that a broker and this client know.
    ///
    /// # Errors
    /// No broker could be reached.
    pub async fn version_of<R: Request>(&self) -> Result<Option<i16>, CallError> {
        let connection = self.connections.to_any(&self.addresses()).await?;
        Ok(connection.best_version::<R>())
    }

    /// What was last learned.
    pub(crate) fn known(&self) -> Arc<Cluster> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Topics that were not asked for stay as they were known.
    fn learn(&self, cluster: &Cluster) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut topics = known.topics.clone();
        topics.extend(cluster.topics.clone());
        *known = Arc::new(Cluster { topics, ..cluster.clone() });
    }

    /// Where brokers may be found: those that are known, then those given at the start, since all
    /// known ones may have moved.
    fn addresses(&self) -> Vec<Address> {
        let known = self.known();
        let brokers = known.brokers.values().map(|broker| broker.address.clone());
        brokers.chain(self.config().bootstrap.iter().cloned()).collect()
    }

    /// The deadline of a request, as brokers are told it.
    pub(crate) fn deadline_ms(&self) -> i32 {
        milliseconds(self.config().request_deadline)
    }
}

/// A duration as requests carry it.
pub(crate) fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
