//! Who may connect: the limits on connections, in all and from one address.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Counts the connections of all listeners.
#[derive(Debug)]
pub(super) struct Admission {
    places: Arc<Semaphore>,
    per_address: Mutex<BTreeMap<IpAddr, usize>>,
    per_address_max: usize,
}

/// A connection's place, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    admission: Arc<Admission>,
    address: IpAddr,
    _place: OwnedSemaphorePermit,
}

impl Admission {
    pub(super) fn new(connections_max: usize, per_address_max: usize) -> Admission {
        let places = connections_max.min(Semaphore::MAX_PERMITS);
        Admission {
            places: Arc::new(Semaphore::new(places)),
            per_address: Mutex::default(),
            per_address_max,
        }
    }

    /// Waits until there is a place for one more connection.
    pub(super) async fn free_place(&self) -> OwnedSemaphorePermit {
        self.places.clone().acquire_owned().await.expect("the places are never closed")
    }

    /// Gives a place to a connection from `address`, unless there are too many from there.
    pub(super) fn admit(
        self: &Arc<Admission>,
        address: IpAddr,
        place: OwnedSemaphorePermit,
    ) -> Option<Place> {
        let mut per_address = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = per_address.entry(address).or_default();
        if *count >= self.per_address_max {
            return None;
        }
        *count += 1;
        Some(Place { admission: self.clone(), address, _place: place })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut per_address =
            self.admission.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = per_address.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_gets_no_more_than_its_share() {
        let admission = Arc::new(Admission::new(10, 1));
        let address = IpAddr::from([127, 0, 0, 1]);
        let other = IpAddr::from([127, 0, 0, 2]);
        let place = admission.admit(address, admission.free_place().await);
        assert!(place.is_some());
        assert!(admission.admit(address, admission.free_place().await).is_none());
        assert!(admission.admit(other, admission.free_place().await).is_some());
        drop(place);
        assert!(admission.admit(address, admission.free_place().await).is_some());
    }
}
