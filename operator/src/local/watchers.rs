//! Who is told what happens: the terminal of `up` for ever, other commands until what they asked
//! for is there.

use std::collections::BTreeSet;

use tokio::sync::mpsc::Sender;

use super::message::Reply;
use super::store::ObjectStore;
use crate::crd::conditions::{self, READY, STALLED};
use crate::manifest::{Kind, Object, ObjectId};

/// What a watcher waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Until {
    /// These objects are ready, or someone has to act.
    Ready(BTreeSet<ObjectId>),
    /// These objects are gone.
    Gone(BTreeSet<ObjectId>),
    /// Nothing: it has seen what it waited for and stays.
    Closed,
}

struct Watcher {
    replies: Sender<Reply>,
    until: Until,
    stays: bool,
}

/// Everyone who is told what happens.
#[derive(Default)]
pub(super) struct Watchers(Vec<Watcher>);

impl Watchers {
    /// Adds a command that waits.
    pub(super) fn add(&mut self, replies: Sender<Reply>, until: Until) {
        self.0.push(Watcher { replies, until, stays: false });
    }

    /// Adds the terminal of `up`.
    pub(super) fn add_terminal(&mut self, replies: Sender<Reply>, until: Until) {
        self.0.push(Watcher { replies, until, stays: true });
    }

    /// Tells everyone. One that has gone, or reads too slowly, is told nothing more.
    pub(super) fn tell(&mut self, progress: &str) {
        self.0.retain(|watcher| watcher.tell(Reply::Progress(progress.to_owned())));
    }

    /// Tells those whose wait is over, with the address clients connect to.
    pub(super) fn settle(&mut self, store: &ObjectStore, bootstrap: &str) {
        self.0.retain_mut(|watcher| match verdict(&watcher.until, store, bootstrap) {
            None => true,
            Some(reply) => {
                watcher.until = Until::Closed;
                watcher.tell(reply) && watcher.stays
            }
        });
    }

    /// Has the terminal wait for everything again, because it was disturbed.
    pub(super) fn await_again(&mut self, objects: &BTreeSet<ObjectId>) {
        for watcher in self.0.iter_mut().filter(|watcher| watcher.stays) {
            watcher.until = Until::Ready(objects.clone());
        }
    }
}

impl Watcher {
    fn tell(&self, reply: Reply) -> bool {
        self.replies.try_send(reply).is_ok()
    }
}

fn verdict(until: &Until, store: &ObjectStore, bootstrap: &str) -> Option<Reply> {
    match until {
        Until::Closed => None,
        Until::Gone(ids) => {
            let gone = ids.iter().all(|id| store.find(id).is_none());
            gone.then(|| Reply::Done("deleted".to_owned()))
        }
        Until::Ready(ids) => {
            let settled: Option<Vec<Settled>> = ids.iter().map(|id| settled(id, store)).collect();
            let stalled: Vec<String> =
                settled?.into_iter().filter_map(|settled| settled.stalled).collect();
            if stalled.is_empty() {
                return Some(Reply::Ready(bootstrap.to_owned()));
            }
            Some(Reply::Failed(stalled.join("\n")))
        }
    }
}

/// An object nothing more will happen to by itself.
struct Settled {
    stalled: Option<String>,
}

fn settled(id: &ObjectId, store: &ObjectStore) -> Option<Settled> {
    let Some(object) = store.find(id) else {
        return Some(Settled { stalled: Some(format!("{id} was deleted")) });
    };
    let generation = object.meta().generation;
    let conditions = match &object {
        Object::Cluster(cluster) => cluster.status.as_ref().map(|status| &status.conditions),
        Object::Topic(topic) => topic.status.as_ref().map(|status| &status.conditions),
    }?;
    if conditions::holds(conditions, STALLED, generation) {
        let message = conditions::find(conditions, STALLED).map(|found| found.message.clone());
        return Some(Settled { stalled: Some(format!("{id}: {}", message.unwrap_or_default())) });
    }
    conditions::holds(conditions, READY, generation).then_some(Settled { stalled: None })
}

/// Every object of a store that is meant to be there.
pub(super) fn everything(store: &ObjectStore) -> BTreeSet<ObjectId> {
    let lasting =
        store.list().into_iter().filter(|object| object.meta().deletion_timestamp.is_none());
    lasting.map(|object| object.id()).collect()
}

/// The name of the one cluster in a store.
pub(super) fn cluster_of(store: &ObjectStore) -> Option<String> {
    store
        .list()
        .into_iter()
        .map(|object| object.id())
        .find(|id| id.kind == Kind::Cluster)
        .map(|id| id.name)
}
