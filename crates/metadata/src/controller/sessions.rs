//! When the active controller last heard of each broker.
//!
//! Nothing of this is written down: a new controller gives every broker a whole session time.

use std::{collections::BTreeMap, time::Duration};

use types::{BrokerId, Instant, Offset};

use crate::image::{Broker, Image};

/// The brokers' sessions with this controller.
#[derive(Debug, Clone)]
pub struct Sessions {
    timeout: Duration,
    by_broker: BTreeMap<BrokerId, Session>,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    last_contact: Instant,
    /// How far the broker has read the metadata.
    metadata_offset: Offset,
    /// Brokers that have read this far know that the broker leads nothing any more.
    shutdown_offset: Option<Offset>,
}

impl Sessions {
    /// The sessions of a controller that becomes active now: every broker has just been heard of.
    #[must_use]
    pub fn new(image: &Image, timeout: Duration, now: Instant) -> Sessions {
        let mut sessions = Sessions { timeout, by_broker: BTreeMap::new() };
        image.brokers.iter().for_each(|broker| sessions.begin(broker.id, now));
        sessions
    }

    /// A broker registered: what was known of its last incarnation does not count.
    pub fn begin(&mut self, broker: BrokerId, now: Instant) {
        let session =
            Session { last_contact: now, metadata_offset: Offset::NONE, shutdown_offset: None };
        self.by_broker.insert(broker, session);
    }

    /// A broker was heard of, having read the metadata up to this offset.
    pub(super) fn touch(&mut self, broker: BrokerId, now: Instant, metadata_offset: Offset) {
        let shutdown_offset =
            self.by_broker.get(&broker).and_then(|session| session.shutdown_offset);
        let session = Session { last_contact: now, metadata_offset, shutdown_offset };
        self.by_broker.insert(broker, session);
    }

    /// Notes where in the log the broker gave up what it led, unless that is known already.
    pub(super) fn begin_shutdown(&mut self, broker: BrokerId, offset: Offset) {
        if let Some(session) = self.by_broker.get_mut(&broker) {
            session.shutdown_offset.get_or_insert(offset);
        }
    }

    /// A broker was fenced: it is no longer about to stop, it may stop at once.
    pub(super) fn end_shutdown(&mut self, broker: BrokerId) {
        if let Some(session) = self.by_broker.get_mut(&broker) {
            session.shutdown_offset = None;
        }
    }

    /// Whether every broker that serves knows that this one leads nothing any more.
    pub(super) fn all_know_of_shutdown(&self, image: &Image, broker: BrokerId) -> bool {
        let offset = self.by_broker.get(&broker).and_then(|session| session.shutdown_offset);
        let mut active = image.brokers.iter().filter(|broker| broker.is_active());
        offset.is_none_or(|offset| {
            active.all(|other| {
                self.by_broker.get(&other.id).is_some_and(|other| other.metadata_offset >= offset)
            })
        })
    }

    /// Whether the broker serves and was heard of within the session time.
    #[must_use]
    pub fn is_valid(&self, broker: &Broker, now: Instant) -> bool {
        !broker.fenced
            && self
                .by_broker
                .get(&broker.id)
                .is_some_and(|session| now <= session.last_contact.after(self.timeout))
    }

    /// The brokers that were not heard of for too long, the longest first; fence them one by one.
    #[must_use]
    pub fn expired(&self, image: &Image, now: Instant) -> Vec<BrokerId> {
        let mut expired: Vec<_> = self
            .serving(image)
            .filter(|(_, session)| now > session.last_contact.after(self.timeout))
            .map(|(id, session)| (session.last_contact, id))
            .collect();
        expired.sort_unstable();
        expired.into_iter().map(|(_, id)| id).collect()
    }

    /// When the next session ends unless the broker is heard of.
    #[must_use]
    pub fn deadline(&self, image: &Image) -> Option<Instant> {
        let ends = self.serving(image).map(|(_, session)| session.last_contact.after(self.timeout));
        // A session is over after its last instant, not in it.
        ends.min().map(|end| end.after(Duration::from_nanos(1)))
    }

    fn serving<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = (BrokerId, Session)> + 'a {
        image
            .brokers
            .iter()
            .filter(|broker| !broker.fenced)
            .filter_map(|broker| Some((broker.id, *self.by_broker.get(&broker.id)?)))
    }
}
