//! Properties of every placement, and the cases that are easy to name.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[test]
fn more_replicas_than_brokers_is_refused() {
    let error = place(&equal_racks(1, 2), 1, 3, 0).unwrap_err();
    assert_eq!(error, PlaceError::TooFewBrokers { replicas: 3, brokers: 2 });
}

#[test]
fn nothing_is_placed_while_every_broker_is_fenced() {
    let mut brokers = equal_racks(1, 3);
    brokers.iter_mut().for_each(|broker| broker.fenced = true);
    assert_eq!(place(&brokers, 1, 1, 0), Err(PlaceError::AllFenced));
}

#[test]
fn a_fenced_broker_gets_replicas_only_when_nobody_else_is_left_and_never_leads() {
    let mut brokers = equal_racks(1, 3);
    brokers[1].fenced = true;
    let two = place(&brokers, 9, 2, 5).unwrap();
    assert!(two.iter().all(|set| !set.contains(&BrokerId(1))));
    let three = place(&brokers, 9, 3, 5).unwrap();
    assert!(three.iter().all(|set| set[0] != BrokerId(1) && set.contains(&BrokerId(1))));
}

#[test]
fn an_empty_broker_is_not_given_the_whole_new_topic() {
    let mut brokers = equal_racks(1, 3);
    brokers[0].replicas = 1000;
    brokers[1].replicas = 1000;
    let placed = place(&brokers, 10, 1, 0).unwrap();
    assert_eq!(counts(&placed, |set| set.to_vec())[&BrokerId(2)], 4);
}

#[test]
fn many_small_topics_balance_the_whole_cluster() {
    let mut brokers = equal_racks(1, 4);
    for seed in 0..100 {
        let placed = place(&brokers, 3, 2, seed).unwrap();
        for set in &placed {
            brokers[index(set[0])].leaders += 1;
            set.iter().for_each(|&id| brokers[index(id)].replicas += 1);
        }
    }
    assert!(brokers.iter().all(|broker| broker.replicas == 150), "{brokers:?}");
    assert!(brokers.iter().all(|broker| (70..=80).contains(&broker.leaders)), "{brokers:?}");
}

#[test]
fn partitions_that_are_added_fill_the_gaps_of_those_that_exist() {
    let mut brokers = equal_racks(1, 3);
    (brokers[0].topic_replicas, brokers[0].topic_leaders) = (2, 2);
    (brokers[1].topic_replicas, brokers[1].topic_leaders) = (1, 1);
    let placed = place(&brokers, 3, 1, 7).unwrap();
    let added = counts(&placed, |set| set.to_vec());
    assert_eq!(added, BTreeMap::from([(BrokerId(1), 1), (BrokerId(2), 2)]));
}

proptest! {
    #[test]
    fn racks_of_equal_size_keep_replicas_and_leaders_within_one(
        racks in 1_usize..5,
        per_rack in 1_usize..5,
        partitions in 0_usize..60,
        replicas in 1_usize..6,
        seed: u64,
    ) {
        let brokers = equal_racks(racks, per_rack);
        prop_assume!(replicas <= brokers.len());
        let placed = place(&brokers, partitions, replicas, seed).unwrap();
        prop_assert_eq!(placed.len(), partitions);
        prop_assert!(spread(&brokers, &counts(&placed, |set| set.to_vec())) <= 1);
        prop_assert!(spread(&brokers, &counts(&placed, |set| vec![set[0]])) <= 1);
    }

    #[test]
    fn no_broker_holds_a_partition_twice_and_racks_share_it_evenly(
        racks in prop::collection::vec(0_u8..4, 1..12),
        load in prop::collection::vec(0_u32..50, 12),
        partitions in 1_usize..20,
        replicas in 1_usize..5,
        seed: u64,
    ) {
        let brokers = loaded(&racks, &load);
        prop_assume!(replicas <= brokers.len());
        for set in place(&brokers, partitions, replicas, seed).unwrap() {
            prop_assert_eq!(set.iter().collect::<BTreeSet<_>>().len(), replicas);
            prop_assert!(is_spread_over_racks(&brokers, &set));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_placement(brokers in 3_usize..9, seed: u64) {
        let brokers = equal_racks(1, brokers);
        prop_assert_eq!(place(&brokers, 12, 3, seed), place(&brokers, 12, 3, seed));
    }
}

fn equal_racks(racks: usize, per_rack: usize) -> Vec<BrokerLoad> {
    (0..racks * per_rack)
        .map(|id| BrokerLoad::empty(broker(id), Some(&format!("rack {}", id % racks))))
        .collect()
}

fn loaded(racks: &[u8], load: &[u32]) -> Vec<BrokerLoad> {
    racks
        .iter()
        .zip(load)
        .enumerate()
        .map(|(id, (rack, &replicas))| BrokerLoad {
            replicas,
            ..BrokerLoad::empty(broker(id), Some(&rack.to_string()))
        })
        .collect()
}

fn broker(id: usize) -> BrokerId {
    BrokerId(i32::try_from(id).unwrap())
}

fn index(id: BrokerId) -> usize {
    usize::try_from(id.0).unwrap()
}

fn counts(
    placed: &[Vec<BrokerId>],
    of: impl Fn(&[BrokerId]) -> Vec<BrokerId>,
) -> BTreeMap<BrokerId, u32> {
    let mut counts = BTreeMap::new();
    for id in placed.iter().flat_map(|set| of(set)) {
        *counts.entry(id).or_insert(0) += 1;
    }
    counts
}

fn spread(brokers: &[BrokerLoad], counts: &BTreeMap<BrokerId, u32>) -> u32 {
    let of_all = || brokers.iter().map(|broker| counts.get(&broker.id).copied().unwrap_or(0));
    of_all().max().unwrap_or(0) - of_all().min().unwrap_or(0)
}

/// A rack holds two replicas more than another only where the other has no broker left.
fn is_spread_over_racks(brokers: &[BrokerLoad], set: &[BrokerId]) -> bool {
    let mut racks: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for broker in brokers {
        let (used, size) = racks.entry(&broker.rack).or_default();
        *size += 1;
        *used += usize::from(set.contains(&broker.id));
    }
    let most = racks.values().map(|(used, _)| *used).max().unwrap_or(0);
    racks.values().all(|(used, size)| used + 1 >= most || used == size)
}
