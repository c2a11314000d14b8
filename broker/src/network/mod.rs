//! Sockets: connections, frames, limits.
//!
//! It knows where a frame begins and ends and in which order answers leave; what is in a frame is
//! for the [`Service`] to say. A hostile client can cost no more than the limits name, and ends
//! only its own connection.

mod admission;
mod budget;
mod connection;
mod frame;
mod listener;
mod mailbox;
mod outbox;
mod quiet;
mod requests;
mod service;
mod socket;
mod stop;

use std::sync::Arc;

pub use admission::Admission;
pub use budget::Budget;
#[doc(hidden)]
pub use frame::frames_of;
pub use listener::{bind, serve};
pub use mailbox::Replier;
pub use service::{Client, Order, Part, Reply, Response, Service};
pub use stop::Stop;

use crate::{config::Limits, io::Pool, telemetry::NetworkMetrics};

/// What all connections of a broker share.
#[derive(Debug)]
pub struct Shared<S> {
    /// Answers the requests.
    pub service: S,
    /// The sizes, counts and times to keep to.
    pub limits: Limits,
    /// The bytes that unanswered requests may take.
    pub budget: Arc<Budget>,
    /// Brings cold pages into memory.
    pub pool: Arc<Pool>,
    /// What is counted.
    pub metrics: NetworkMetrics,
    /// Tells the connections to finish.
    pub stop: Stop,
    admission: Arc<Admission>,
}

impl<S> Shared<S> {
    /// Ties the parts together.
    #[must_use]
    pub fn new(
        service: S,
        limits: Limits,
        admission: Arc<Admission>,
        pool: Arc<Pool>,
        metrics: NetworkMetrics,
    ) -> Shared<S> {
        Shared {
            service,
            budget: Arc::new(Budget::new(limits.queued_request_bytes_max)),
            admission,
            pool,
            metrics,
            stop: Stop::default(),
            limits,
        }
    }
}

#[cfg(test)]
mod tests;
