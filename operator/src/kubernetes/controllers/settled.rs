//! Which topics were just found as wanted, so that the echo of our own write asks nobody anything.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tokio::time::Instant;

use super::topics::Address;
use crate::kubernetes::names;

/// More than these are known of objects that have gone; all are then looked at again.
const KNOWN_MAX: usize = 100_000;

/// What is known of objects at rest.
#[derive(Default)]
pub(super) struct Settled(Mutex<BTreeMap<(String, String), AtRest>>);

struct AtRest {
    uid: Option<String>,
    version: String,
    address: Address,
    until: Instant,
}

impl Settled {
    /// How long this version of an object needs no turn, while its cluster is where it was. Of an
    /// older version the cache has yet to learn of our own writes: what it plans would be refused.
    pub(super) fn remaining(
        &self,
        now: Instant,
        meta: &ObjectMeta,
        address: &Address,
    ) -> Option<Duration> {
        let known = self.lock();
        let at_rest = known.get(&key(meta))?;
        let rests = at_rest.uid == meta.uid
            && is_not_newer(meta.resource_version.as_deref()?, &at_rest.version)
            && at_rest.address == *address;
        let remaining = at_rest.until.checked_duration_since(now)?;
        (rests && !remaining.is_zero()).then_some(remaining)
    }

    /// This version of an object needs nothing until then, unless something changes.
    pub(super) fn note(&self, until: Instant, meta: &ObjectMeta, address: Address) {
        let Some(version) = meta.resource_version.clone() else { return };
        let mut known = self.lock();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(key(meta), AtRest { uid: meta.uid.clone(), version, address, until });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), AtRest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Versions of one kind are whole numbers that grow.
fn is_not_newer(version: &str, known: &str) -> bool {
    match (version.parse::<u128>(), known.parse::<u128>()) {
        (Ok(version), Ok(known)) => version <= known,
        (_, _) => version == known,
    }
}

fn key(meta: &ObjectMeta) -> (String, String) {
    (names::namespace(meta).to_owned(), names::name(meta).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(version: &str) -> ObjectMeta {
        ObjectMeta {
            name: Some("messages".to_owned()),
            uid: Some("a".to_owned()),
            resource_version: Some(version.to_owned()),
            ..ObjectMeta::default()
        }
    }

    #[test]
    fn an_object_rests_until_it_changes_its_cluster_moves_or_time_is_up() {
        let (settled, now) = (Settled::default(), Instant::now());
        let (here, minute) = (Address::At("here".to_owned()), Duration::from_secs(60));
        settled.note(now + minute, &meta("2"), here.clone());
        assert_eq!(settled.remaining(now, &meta("2"), &here), Some(minute));
        assert_eq!(settled.remaining(now, &meta("3"), &here), None);
        assert_eq!(settled.remaining(now, &meta("2"), &Address::NotReady), None);
        let again = ObjectMeta { uid: Some("b".to_owned()), ..meta("2") };
        assert_eq!(settled.remaining(now, &again, &here), None);
        assert_eq!(settled.remaining(now + minute, &meta("2"), &here), None);
    }

    #[test]
    fn an_object_rests_while_the_cache_is_behind_what_was_written() {
        let (settled, now) = (Settled::default(), Instant::now());
        let (here, minute) = (Address::At("here".to_owned()), Duration::from_secs(60));
        settled.note(now + minute, &meta("10"), here.clone());
        assert_eq!(settled.remaining(now, &meta("9"), &here), Some(minute));
        assert_eq!(settled.remaining(now, &meta("11"), &here), None);
        assert_eq!(settled.remaining(now, &meta("unheard of"), &here), None);
    }
}
