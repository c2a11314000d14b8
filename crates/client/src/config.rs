//! What a client is told when it is made.

use std::time::Duration;

use crate::Address;

/// Where the cluster is, and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where some of the brokers listen; the others are learned from them.
    pub bootstrap: Vec<Address>,
    /// What the client calls itself.
    pub client_id: String,
    /// How long a connection may take, the exchange of versions included.
    pub connect_deadline: Duration,
    /// How long a request may take, retries included; brokers are told it too.
    pub request_deadline: Duration,
    /// The largest response that is read.
    pub response_bytes_max: usize,
}

impl Config {
    /// The usual limits: 5 s for a connection, 30 s for a request, 100 MB for a response.
    #[must_use]
    pub fn new(bootstrap: Vec<Address>) -> Config {
        Config {
            bootstrap,
            client_id: "klamm".to_owned(),
            connect_deadline: Duration::from_secs(5),
            request_deadline: Duration::from_secs(30),
            response_bytes_max: 100 * 1024 * 1024,
        }
    }
}
