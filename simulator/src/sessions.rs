//! The clients and their connections, each of which delivers in order.

use std::collections::BTreeMap;

use node::Ticket;
use types::Instant;

use crate::{
    clients::Client,
    words::{Place, Value},
};

/// A client with its connection.
#[derive(Debug)]
pub(crate) struct Session {
    /// The client.
    pub(crate) client: Client,
    /// The process it is connected to.
    pub(crate) connected_to: Option<u64>,
    /// A turn of it is on the agenda.
    pub(crate) has_turn: bool,
    /// How many of its wishes were granted, in this phase.
    pub(crate) granted: u64,
    requests_free_at: Instant,
    replies_free_at: Instant,
}

/// All clients.
#[derive(Debug)]
pub(crate) struct Sessions {
    sessions: Vec<Session>,
    /// Who waits for the answer to each request.
    waiting: BTreeMap<Ticket, Waiting>,
    tickets: u64,
}

/// Somebody who waits for an answer.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The number of its session.
    pub(crate) session: usize,
    /// What an answer would promise, and where.
    pub(crate) promise: Option<Promise>,
}

/// What holds from an answer on.
#[derive(Debug)]
pub(crate) enum Promise {
    /// These records are there.
    Kept(Place, Vec<Value>),
    /// Nothing before the log's new start is there.
    Deleted(Place),
}

impl Session {
    /// When a request that would arrive at `at` arrives behind the ones before it.
    pub(crate) fn request_arrives(&mut self, at: Instant) -> Instant {
        self.requests_free_at = self.requests_free_at.max(at);
        self.requests_free_at
    }

    /// When a reply that would arrive at `at` arrives behind the ones before it.
    pub(crate) fn reply_arrives(&mut self, at: Instant) -> Instant {
        self.replies_free_at = self.replies_free_at.max(at);
        self.replies_free_at
    }
}

impl Sessions {
    /// Sessions of these clients, none of them connected.
    #[must_use]
    pub(crate) fn new(clients: Vec<Client>) -> Sessions {
        let sessions = clients.into_iter().map(|client| Session {
            client,
            connected_to: None,
            has_turn: false,
            granted: 0,
            requests_free_at: Instant::ZERO,
            replies_free_at: Instant::ZERO,
        });
        Sessions { sessions: sessions.collect(), waiting: BTreeMap::new(), tickets: 0 }
    }

    /// How many there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    /// One of them.
    pub(crate) fn session(&mut self, number: usize) -> &mut Session {
        &mut self.sessions[number]
    }

    /// All of them.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.sessions.iter_mut()
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter()
    }

    /// A ticket that was never used.
    pub(crate) fn next_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// A session waits for the answer to this ticket.
    pub(crate) fn await_answer(&mut self, ticket: Ticket, waiting: Waiting) {
        self.waiting.insert(ticket, waiting);
    }

    /// The number of the session that waits for this answer.
    pub(crate) fn waits(&self, ticket: Ticket) -> Option<usize> {
        self.waiting.get(&ticket).map(|waiting| waiting.session)
    }

    /// Who waits for this answer; nobody waits for it afterwards.
    pub(crate) fn answered(&mut self, ticket: Ticket) -> Option<Waiting> {
        self.waiting.remove(&ticket)
    }

    /// The tickets that a session waits for; it does so no longer.
    pub(crate) fn disconnect(&mut self, number: usize) -> Vec<Ticket> {
        let mine = self.waiting.extract_if(.., |_, waiting| waiting.session == number);
        let tickets = mine.map(|(ticket, _)| ticket).collect();
        let session = &mut self.sessions[number];
        session.connected_to = None;
        session.client.disconnected();
        tickets
    }
}
