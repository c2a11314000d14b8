//! The metadata in force as the clients of one listener see them.

use bytestring::ByteString;
use node::metadata::{
    Image,
    image::{Broker, Partition},
};
use types::BrokerId;

/// An image, seen through a listener.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) image: &'a Image,
    pub(super) listener: &'a str,
}

/// A broker, and where the clients of a listener reach it.
pub(super) struct Reached {
    pub(super) id: i32,
    pub(super) host: ByteString,
    pub(super) port: i32,
    pub(super) rack: Option<ByteString>,
    pub(super) fenced: bool,
}

impl View<'_> {
    /// All brokers that have this listener, fenced ones included.
    pub(super) fn brokers(&self) -> impl Iterator<Item = Reached> {
        self.image.brokers.iter().filter_map(|broker| self.reach(broker))
    }

    /// Where a broker is reached, if it has this listener.
    pub(super) fn reach(&self, broker: &Broker) -> Option<Reached> {
        let endpoint = broker.endpoint(self.listener)?;
        Some(Reached {
            id: broker.id.0,
            host: endpoint.host.as_str().into(),
            port: endpoint.port.into(),
            rack: broker.rack.as_deref().map(ByteString::from),
            fenced: broker.fenced,
        })
    }

    /// Where a broker is reached that runs.
    pub(super) fn reach_active(&self, id: BrokerId) -> Option<Reached> {
        self.reach(self.reached(id)?)
    }

    /// A partition's leader, if it can be reached.
    pub(super) fn leader(&self, partition: &Partition) -> Option<BrokerId> {
        partition.leader.filter(|leader| self.reached(*leader).is_some())
    }

    /// The replicas that cannot be reached, or whose disk is gone.
    pub(super) fn offline(&self, partition: &Partition) -> Vec<BrokerId> {
        let is_offline = |id: &BrokerId| {
            let directory = partition.directory(*id);
            let has_disk = |broker: &Broker| directory.is_none_or(|it| broker.has_online(it));
            !self.reached(*id).is_some_and(has_disk)
        };
        partition.replicas.iter().copied().filter(is_offline).collect()
    }

    /// A broker that runs and has this listener.
    fn reached(&self, id: BrokerId) -> Option<&Broker> {
        let broker = self.image.brokers.get(id).filter(|broker| !broker.fenced);
        broker.filter(|broker| broker.endpoint(self.listener).is_some())
    }
}

/// The brokers' numbers.
pub(super) fn numbers(brokers: &[BrokerId]) -> Vec<i32> {
    brokers.iter().map(|broker| broker.0).collect()
}
