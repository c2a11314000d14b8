//! Which objects want which topic, so that those that want the same are found without a look at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::core::DeserializeGuard;
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt};

use crate::crd::Topic;

/// A topic of a cluster: the namespace, the cluster, Kafka's name.
type Key = (String, String, String);
/// An object: the namespace, the name.
type Object = (String, String);

/// The names of objects by the topic that they want. It knows of an object at the latest when the
/// cache does, and may know some that have gone.
#[derive(Clone, Default)]
pub(super) struct Namesakes(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    objects: BTreeMap<Key, BTreeSet<String>>,
    keys: BTreeMap<Object, Key>,
    /// While everything is listed anew: what was listed so far.
    listed: Option<BTreeSet<Object>>,
}

impl Namesakes {
    /// Takes in what the API server tells.
    pub(super) fn note(&self, event: &Event<DeserializeGuard<Topic>>) {
        let mut known = self.lock();
        match event {
            Event::Init => known.listed = Some(BTreeSet::new()),
            Event::InitApply(topic) => {
                let object = known.put(topic);
                known.listed.get_or_insert_default().insert(object);
            }
            Event::InitDone => known.forget_unlisted(),
            Event::Apply(topic) => drop(known.put(topic)),
            Event::Delete(topic) => known.forget(&object(topic)),
        }
    }

    /// The names of the objects that want the topic which this one wants, itself among them.
    pub(super) fn of(&self, topic: &Topic) -> Vec<String> {
        let known = self.lock();
        known.objects.get(&key(topic)).into_iter().flatten().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn put(&mut self, topic: &DeserializeGuard<Topic>) -> Object {
        let object = object(topic);
        self.forget(&object);
        if let Ok(topic) = &topic.0 {
            let key = key(topic);
            self.objects.entry(key.clone()).or_default().insert(object.1.clone());
            self.keys.insert(object.clone(), key);
        }
        object
    }

    fn forget(&mut self, object: &Object) {
        let Some(key) = self.keys.remove(object) else { return };
        if let Some(names) = self.objects.get_mut(&key) {
            names.remove(&object.1);
            if names.is_empty() {
                self.objects.remove(&key);
            }
        }
    }

    fn forget_unlisted(&mut self) {
        let Some(listed) = self.listed.take() else { return };
        let gone = self.keys.keys().filter(|object| !listed.contains(object)).cloned();
        for object in gone.collect::<Vec<_>>() {
            self.forget(&object);
        }
    }
}

fn object(topic: &DeserializeGuard<Topic>) -> Object {
    (topic.meta().namespace.clone().unwrap_or_default(), topic.name_any())
}

fn key(topic: &Topic) -> Key {
    let namespace = topic.metadata.namespace.clone().unwrap_or_default();
    (namespace, topic.spec.cluster.clone(), topic.kafka_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes;

    fn object(name: &str, kafka_name: &str) -> Topic {
        let mut topic = fakes::topic(&format!("{{ cluster: chat, name: {kafka_name} }}"));
        topic.metadata.name = Some(name.to_owned());
        topic
    }

    fn of(namesakes: &Namesakes, kafka_name: &str) -> Vec<String> {
        namesakes.of(&object("any", kafka_name))
    }

    fn guarded(topic: Topic) -> DeserializeGuard<Topic> {
        DeserializeGuard(Ok(topic))
    }

    #[test]
    fn an_object_is_found_under_what_it_now_wants() {
        let known = Namesakes::default();
        known.note(&Event::Apply(guarded(object("one", "a"))));
        known.note(&Event::Apply(guarded(object("two", "a"))));
        assert_eq!(of(&known, "a"), ["one", "two"]);
        known.note(&Event::Apply(guarded(object("one", "b"))));
        assert_eq!((of(&known, "a"), of(&known, "b")), (vec!["two".into()], vec!["one".into()]));
        known.note(&Event::Delete(guarded(object("two", "a"))));
        assert!(of(&known, "a").is_empty());
    }

    #[test]
    fn an_object_that_went_unseen_is_forgotten_when_all_are_listed_anew() {
        let known = Namesakes::default();
        known.note(&Event::Apply(guarded(object("one", "a"))));
        known.note(&Event::Init);
        known.note(&Event::InitApply(guarded(object("two", "a"))));
        assert_eq!(of(&known, "a"), ["one", "two"], "until then the cache has it too");
        known.note(&Event::InitDone);
        assert_eq!(of(&known, "a"), ["two"]);
    }
}
