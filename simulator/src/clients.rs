//! Those who use the node, each a state machine of its own that asks one thing at a time.
//!
//! A client learns of the node only through replies, and hands everything it learns to the oracle.

mod admin;
mod consumer;
mod deleter;
mod member;
mod producer;

use runtime::simulated::SimRandom;
use types::{Instant, Now};

use crate::{
    groups::Groups,
    oracle::Oracle,
    violation::Checked,
    words::{Ask, Reply},
};

pub(crate) use admin::Admin;
pub(crate) use consumer::Consumer;
pub(crate) use deleter::Deleter;
pub(crate) use member::Member;
pub(crate) use producer::{Producer, ProducerLimits};

/// Any client.
#[derive(Debug)]
pub(crate) enum Client {
    /// Creates the topics.
    Admin(Admin),
    /// Writes.
    Producer(Producer),
    /// Reads.
    Consumer(Consumer),
    /// Deletes.
    Deleter(Deleter),
    /// Reads together with others.
    Member(Box<Member>),
}

impl Client {
    /// What the client asks next, under this ticket; nothing when it has to wait.
    pub(crate) fn ask(
        &mut self,
        ticket: u64,
        now: Now,
        random: &mut SimRandom,
        oracle: &mut Oracle,
    ) -> Option<Ask> {
        match self {
            Client::Admin(admin) => admin.ask(ticket, random),
            Client::Producer(producer) => producer.ask(ticket, now.wall, random, oracle),
            Client::Consumer(consumer) => consumer.ask(ticket, oracle),
            Client::Deleter(deleter) => deleter.ask(ticket, random, oracle),
            Client::Member(member) => member.ask(ticket, now, random),
        }
    }

    /// When it asks again without being told anything, if it waits for that.
    #[must_use]
    pub(crate) fn wakes_at(&self) -> Option<Instant> {
        match self {
            Client::Member(member) => member.wakes_at(),
            Client::Admin(_) | Client::Producer(_) | Client::Consumer(_) | Client::Deleter(_) => {
                None
            }
        }
    }

    /// Takes a reply to one of its requests.
    pub(crate) fn take(
        &mut self,
        ticket: u64,
        reply: &Reply,
        oracle: &mut Oracle,
        groups: &mut Groups,
    ) -> Checked {
        match self {
            Client::Admin(admin) => admin.take(ticket, reply),
            Client::Producer(producer) => producer.take(ticket, reply, oracle),
            Client::Consumer(consumer) => consumer.take(ticket, reply, oracle),
            Client::Deleter(deleter) => deleter.take(ticket, reply),
            Client::Member(member) => member.take(ticket, reply, oracle, groups),
        }
    }

    /// The connection broke: no answer will come.
    pub(crate) fn disconnected(&mut self) {
        match self {
            Client::Admin(admin) => admin.disconnected(),
            Client::Producer(producer) => producer.disconnected(),
            Client::Consumer(consumer) => consumer.disconnected(),
            Client::Deleter(deleter) => deleter.disconnected(),
            Client::Member(member) => member.disconnected(),
        }
    }

    /// Whether it is the one who creates the topics.
    pub(crate) fn is_admin(&self) -> bool {
        matches!(self, Client::Admin(_))
    }

    /// Nothing befalls it any more.
    pub(crate) fn calm(&mut self) {
        match self {
            Client::Member(member) => member.calm(),
            Client::Admin(_) | Client::Producer(_) | Client::Consumer(_) | Client::Deleter(_) => {}
        }
    }

    /// Begins nothing new.
    pub(crate) fn drain(&mut self) {
        match self {
            Client::Producer(producer) => producer.drain(),
            Client::Deleter(deleter) => deleter.drain(),
            Client::Admin(_) | Client::Consumer(_) | Client::Member(_) => {}
        }
    }

    /// Whether nothing it has to bring about is left.
    #[must_use]
    pub(crate) fn is_done(&self) -> bool {
        match self {
            Client::Admin(admin) => admin.is_done(),
            Client::Producer(producer) => producer.is_idle(),
            // How far the group has come is looked at as a whole.
            Client::Consumer(_) | Client::Member(_) => true,
            Client::Deleter(deleter) => deleter.is_idle(),
        }
    }
}
