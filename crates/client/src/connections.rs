//! The connections to all brokers, one each.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Address, CallError, Config, ConnectError, connection::Connection};

#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) config: Config,
    open: Mutex<BTreeMap<Address, Arc<Connection>>>,
}

impl Connections {
    pub(crate) fn new(config: Config) -> Connections {
        Connections { config, open: Mutex::default() }
    }

    /// The connection to this address, made anew when there is none that is of use.
    pub(crate) async fn to(&self, address: &Address) -> Result<Arc<Connection>, ConnectError> {
        if let Some(connection) = self.usable(address) {
            return Ok(connection);
        }
        let connection = Connection::open(address.clone(), &self.config).await?;
        Ok(self.keep(address, Arc::new(connection)))
    }

    /// The connection to whichever of these addresses has one or can be reached first.
    pub(crate) async fn to_any(&self, addresses: &[Address]) -> Result<Arc<Connection>, CallError> {
        if let Some(connection) = addresses.iter().find_map(|address| self.usable(address)) {
            return Ok(connection);
        }
        let mut last_error = CallError::NoAddress;
        for address in addresses {
            match self.to(address).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last_error = error.into(),
            }
        }
        Err(last_error)
    }

    fn usable(&self, address: &Address) -> Option<Arc<Connection>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(address).filter(|connection| connection.is_usable()).cloned()
    }

    /// Keeps a new connection, unless another was made meanwhile.
    fn keep(&self, address: &Address, made: Arc<Connection>) -> Arc<Connection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = open.entry(address.clone()).or_insert_with(|| made.clone());
        if !kept.is_usable() {
            *kept = made;
        }
        kept.clone()
    }
}
