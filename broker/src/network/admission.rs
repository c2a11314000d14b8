//! Who may connect: the limits on connections, in all and from one address.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Counts the connections of all listeners. The limits can be changed while it counts: connections
/// beyond a lower one stay, but no more come.
#[derive(Debug)]
pub struct Admission {
    counts: Mutex<Counts>,
    place_given_back: Notify,
}

#[derive(Debug)]
struct Counts {
    open: usize,
    open_max: usize,
    per_address: BTreeMap<IpAddr, usize>,
    per_address_max: usize,
}

/// A place for one connection, from wherever it will come; given back when dropped.
#[derive(Debug)]
pub(super) struct FreePlace(Arc<Admission>);

/// A connection's place, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    place: FreePlace,
    address: IpAddr,
}

impl Admission {
    /// Allows so many connections in all and from one address.
    #[must_use]
    pub fn new(connections_max: usize, per_address_max: usize) -> Admission {
        let counts = Counts {
            open: 0,
            open_max: connections_max,
            per_address: BTreeMap::new(),
            per_address_max,
        };
        Admission { counts: Mutex::new(counts), place_given_back: Notify::new() }
    }

    /// Changes what is allowed from now on.
    pub fn allow(&self, connections_max: usize, per_address_max: usize) {
        let mut counts = self.counts();
        counts.open_max = connections_max;
        counts.per_address_max = per_address_max;
        drop(counts);
        self.place_given_back.notify_waiters();
    }

    /// Waits until there is a place for one more connection.
    pub(super) async fn free_place(self: &Arc<Admission>) -> FreePlace {
        loop {
            let changed = self.place_given_back.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            if self.counts().take_place() {
                return FreePlace(self.clone());
            }
            changed.await;
        }
    }

    /// Gives a place to a connection from `address`, unless there are too many from there.
    pub(super) fn admit(address: IpAddr, place: FreePlace) -> Option<Place> {
        {
            let mut counts = place.0.counts();
            let most = counts.per_address_max;
            let count = counts.per_address.entry(address).or_default();
            if *count < most {
                *count += 1;
            } else {
                if *count == 0 {
                    counts.per_address.remove(&address);
                }
                drop(counts);
                return None;
            }
        }
        Some(Place { place, address })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn take_place(&mut self) -> bool {
        let is_free = self.open < self.open_max;
        self.open += usize::from(is_free);
        is_free
    }
}

impl Drop for FreePlace {
    fn drop(&mut self) {
        self.0.counts().open -= 1;
        self.0.place_given_back.notify_waiters();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.place.0.counts();
        if let Entry::Occupied(mut count) = counts.per_address.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn one_address_gets_no_more_than_its_share() {
        let admission = Arc::new(Admission::new(10, 1));
        let address = IpAddr::from([127, 0, 0, 1]);
        let other = IpAddr::from([127, 0, 0, 2]);
        let place = Admission::admit(address, admission.free_place().await);
        assert!(place.is_some());
        assert!(Admission::admit(address, admission.free_place().await).is_none());
        assert!(Admission::admit(other, admission.free_place().await).is_some());
        drop(place);
        assert!(Admission::admit(address, admission.free_place().await).is_some());
    }

    #[tokio::test]
    async fn a_new_limit_holds_for_those_who_wait() {
        let admission = Arc::new(Admission::new(1, 10));
        let first = admission.free_place().await;
        let waiting = admission.clone();
        let second = tokio::spawn(async move { waiting.free_place().await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        admission.allow(2, 10);
        let second = timeout(Duration::from_secs(20), second).await.unwrap().unwrap();
        admission.allow(1, 10);
        drop(first);
        let none = timeout(Duration::from_millis(20), admission.free_place()).await;
        assert!(none.is_err(), "two were allowed, one is left, one is the limit");
        drop(second);
        admission.free_place().await;
    }
}
