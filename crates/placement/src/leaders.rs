//! Which replica of each new partition is the preferred leader, the first in its list.
//!
//! First every partition takes the least burdened of its replicas, then leadership is handed along
//! chains of partitions from the broker that leads most to one that leads at least two fewer, until
//! no such chain is left. With replicas in balance that ends with all leaders within one.

use std::collections::VecDeque;

use crate::BrokerLoad;

/// Puts the preferred leader of every replica set in front.
pub(crate) fn balance(brokers: &mut [BrokerLoad], partitions: &mut [Vec<usize>]) {
    for set in partitions.iter_mut() {
        let best = (0..set.len())
            .min_by_key(|&position| burden(&brokers[set[position]]))
            .expect("a partition has at least one replica");
        set.swap(0, best);
        brokers[set[0]].leaders += 1;
        brokers[set[0]].topic_leaders += 1;
    }
    while let Some(chain) = find_chain(brokers, partitions) {
        for Hop { partition, position } in chain {
            hand_over(brokers, &mut partitions[partition], position);
        }
    }
}

/// What a broker has to lead already; fenced brokers come last.
fn burden(broker: &BrokerLoad) -> (bool, u32, u32) {
    (broker.fenced, broker.topic_leaders, broker.leaders)
}

/// A partition whose leadership goes to the replica at this position.
#[derive(Clone, Copy)]
struct Hop {
    partition: usize,
    position: usize,
}

/// The hops that take one leadership from some broker to one that leads at least two fewer.
///
/// Every chain that is followed makes the sum of squares of the leaders smaller, so there is an end.
fn find_chain(brokers: &[BrokerLoad], partitions: &[Vec<usize>]) -> Option<Vec<Hop>> {
    let mut led_by = vec![Vec::new(); brokers.len()];
    for (partition, set) in partitions.iter().enumerate() {
        led_by[set[0]].push(partition);
    }
    let mut sources: Vec<_> = (0..brokers.len()).filter(|&b| !led_by[b].is_empty()).collect();
    sources.sort_by_key(|&broker| std::cmp::Reverse(brokers[broker].topic_leaders));
    sources.into_iter().find_map(|source| chain_from(source, brokers, partitions, &led_by))
}

/// Searches breadth first from `source`, over the partitions that each reached broker leads.
fn chain_from(
    source: usize,
    brokers: &[BrokerLoad],
    partitions: &[Vec<usize>],
    led_by: &[Vec<usize>],
) -> Option<Vec<Hop>> {
    let mut reached_by: Vec<Option<Hop>> = vec![None; brokers.len()];
    let mut queue = VecDeque::from([source]);
    while let Some(broker) = queue.pop_front() {
        if brokers[broker].topic_leaders + 2 <= brokers[source].topic_leaders {
            return Some(walk_back(broker, source, partitions, &reached_by));
        }
        for &partition in &led_by[broker] {
            for (position, &next) in partitions[partition].iter().enumerate().skip(1) {
                if next != source && reached_by[next].is_none() && !brokers[next].fenced {
                    reached_by[next] = Some(Hop { partition, position });
                    queue.push_back(next);
                }
            }
        }
    }
    None
}

fn walk_back(
    end: usize,
    source: usize,
    partitions: &[Vec<usize>],
    reached_by: &[Option<Hop>],
) -> Vec<Hop> {
    let mut chain = Vec::new();
    let mut broker = end;
    while broker != source {
        let hop = reached_by[broker].expect("every broker on the way was reached");
        chain.push(hop);
        broker = partitions[hop.partition][0];
    }
    chain
}

fn hand_over(brokers: &mut [BrokerLoad], set: &mut [usize], position: usize) {
    let (from, to) = (set[0], set[position]);
    brokers[from].leaders -= 1;
    brokers[from].topic_leaders -= 1;
    brokers[to].leaders += 1;
    brokers[to].topic_leaders += 1;
    set.swap(0, position);
}
