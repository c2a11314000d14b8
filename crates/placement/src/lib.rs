//! Which broker holds which replica of new partitions.
//!
//! Rack spread comes first, then the balance of replicas, then the balance of leaders; of each, the
//! topic's own before the whole cluster's, so that a broker that has just joined is not given a
//! whole topic. Pure: the same brokers and the same seed give the same answer. Existing replicas
//! are never moved.

mod leaders;

use std::{cmp::Ordering, collections::BTreeMap};

use types::BrokerId;

/// What placement has to know of one registered broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerLoad {
    /// The broker.
    pub id: BrokerId,
    /// The rack it stands in; brokers without one count as a rack of their own together.
    pub rack: Option<String>,
    /// A fenced broker gets replicas only where its rack has no other, and leads nothing.
    pub fenced: bool,
    /// How many replicas it holds, of all topics.
    pub replicas: u32,
    /// How many partitions it is the preferred leader of, of all topics.
    pub leaders: u32,
    /// How many replicas it holds of the topic that grows; 0 for a new one.
    pub topic_replicas: u32,
    /// How many partitions it is the preferred leader of in the topic that grows.
    pub topic_leaders: u32,
}

impl BrokerLoad {
    /// A broker that holds nothing.
    #[must_use]
    pub fn empty(id: BrokerId, rack: Option<&str>) -> BrokerLoad {
        BrokerLoad {
            id,
            rack: rack.map(str::to_owned),
            fenced: false,
            replicas: 0,
            leaders: 0,
            topic_replicas: 0,
            topic_leaders: 0,
        }
    }
}

/// Why no placement exists, in the sentences that Kafka's users know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// More replicas are asked for than there are brokers.
    #[error(
        "The target replication factor of {replicas} cannot be reached because only {brokers} \
         broker(s) are registered or some brokers have all their log directories cordoned."
    )]
    TooFewBrokers {
        /// The replicas asked for.
        replicas: usize,
        /// The brokers there are.
        brokers: usize,
    },
    /// Nobody could lead.
    #[error("All brokers are currently fenced.")]
    AllFenced,
}

/// Chooses `replicas` brokers for each of `partitions` new partitions, the preferred leader first.
///
/// `seed` decides among equals, so that the pairs of brokers that share partitions differ from topic
/// to topic.
///
/// # Errors
/// When there are fewer brokers than `replicas`, or none that is unfenced.
///
/// # Panics
/// When `replicas` is 0: a partition without replicas is no partition.
pub fn place(
    brokers: &[BrokerLoad],
    partitions: usize,
    replicas: usize,
    seed: u64,
) -> Result<Vec<Vec<BrokerId>>, PlaceError> {
    assert!(replicas > 0, "a partition has at least one replica");
    if brokers.len() < replicas {
        return Err(PlaceError::TooFewBrokers { replicas, brokers: brokers.len() });
    }
    if brokers.iter().all(|broker| broker.fenced) {
        return Err(PlaceError::AllFenced);
    }
    let mut cluster = Cluster::new(brokers);
    let mut placed: Vec<_> = (0..partitions)
        .map(|partition| cluster.choose_replicas(replicas, mix(seed ^ mix(partition as u64))))
        .collect();
    leaders::balance(&mut cluster.brokers, &mut placed);
    Ok(placed
        .into_iter()
        .map(|set| set.into_iter().map(|index| cluster.brokers[index].id).collect())
        .collect())
}

/// The brokers with what was placed on them so far, and their racks.
struct Cluster {
    brokers: Vec<BrokerLoad>,
    /// The rack of every broker, as an index into `racks`.
    rack_of: Vec<usize>,
    racks: Vec<Rack>,
}

/// One rack's sums over its brokers.
#[derive(Default)]
struct Rack {
    brokers: u64,
    replicas: u64,
    topic_replicas: u64,
}

impl Cluster {
    fn new(brokers: &[BrokerLoad]) -> Cluster {
        let mut names = BTreeMap::new();
        let mut racks: Vec<Rack> = Vec::new();
        let mut rack_of = Vec::with_capacity(brokers.len());
        for broker in brokers {
            let next = names.len();
            let rack = *names.entry(broker.rack.as_deref()).or_insert(next);
            racks.resize_with(names.len(), Rack::default);
            racks[rack].brokers += 1;
            racks[rack].replicas += u64::from(broker.replicas);
            racks[rack].topic_replicas += u64::from(broker.topic_replicas);
            rack_of.push(rack);
        }
        Cluster { brokers: brokers.to_vec(), rack_of, racks }
    }

    /// Takes the best broker again and again. The first is unfenced: somebody has to lead.
    fn choose_replicas(&mut self, replicas: usize, seed: u64) -> Vec<usize> {
        let mut chosen: Vec<usize> = Vec::with_capacity(replicas);
        let mut used = vec![0_u32; self.racks.len()];
        while chosen.len() < replicas {
            let best = (0..self.brokers.len())
                .filter(|index| !chosen.contains(index))
                .filter(|&index| !chosen.is_empty() || !self.brokers[index].fenced)
                .min_by(|&left, &right| self.compare(left, right, &used, seed))
                .expect("there are at least as many brokers as replicas and one is unfenced");
            used[self.rack_of[best]] += 1;
            self.add_replica(best);
            chosen.push(best);
        }
        chosen
    }

    /// Orders two brokers by how well they suit as the next replica; the better one is less.
    ///
    /// Racks are compared by their load per broker before brokers are: with racks of equal size
    /// that keeps all brokers within one replica of each other.
    fn compare(&self, left: usize, right: usize, used: &[u32], seed: u64) -> Ordering {
        let (a, b) = (&self.brokers[left], &self.brokers[right]);
        let (rack_a, rack_b) = (self.rack_of[left], self.rack_of[right]);
        let racks = if rack_a == rack_b {
            Ordering::Equal
        } else {
            used[rack_a]
                .cmp(&used[rack_b])
                .then_with(|| self.racks[rack_a].compare_load(&self.racks[rack_b]))
                .then_with(|| mix(seed ^ rack_a as u64).cmp(&mix(seed ^ rack_b as u64)))
        };
        racks
            .then_with(|| a.fenced.cmp(&b.fenced))
            .then_with(|| a.topic_replicas.cmp(&b.topic_replicas))
            .then_with(|| a.replicas.cmp(&b.replicas))
            .then_with(|| mix(seed ^ left as u64).cmp(&mix(seed ^ right as u64)))
            .then_with(|| a.id.cmp(&b.id))
    }

    fn add_replica(&mut self, index: usize) {
        self.brokers[index].replicas += 1;
        self.brokers[index].topic_replicas += 1;
        let rack = &mut self.racks[self.rack_of[index]];
        rack.replicas += 1;
        rack.topic_replicas += 1;
    }
}

impl Rack {
    /// Compares the replicas per broker without dividing: the topic's, then all.
    fn compare_load(&self, other: &Rack) -> Ordering {
        (self.topic_replicas * other.brokers)
            .cmp(&(other.topic_replicas * self.brokers))
            .then_with(|| (self.replicas * other.brokers).cmp(&(other.replicas * self.brokers)))
    }
}

/// Scatters a number over all 64 bits (the finaliser of `SplitMix64`).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests;
