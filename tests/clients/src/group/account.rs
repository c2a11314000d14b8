//! What the members of a group read and committed, held against what was sent.

use super::{Event, Group};
use crate::load::Account;
use std::collections::{BTreeMap, BTreeSet};

/// Every record was read, in order within each partition, and none was read again after a commit
/// beyond it was acknowledged.
///
/// Who reads and dies before the commit leaves the records to somebody else, so a record may be
/// read twice; but a commit moves on, so no two reads of one record are both followed by theirs.
///
/// # Panics
/// Names the first difference.
pub fn assert_consumed(group: &Group, account: &Account) {
    let mut read: BTreeMap<i32, BTreeSet<i64>> = BTreeMap::new();
    let mut done: BTreeMap<i32, BTreeSet<i64>> = BTreeMap::new();
    for member in group.members() {
        let name = format!("{} of {}", member.name(), group.name());
        let mut open: BTreeMap<i32, BTreeSet<i64>> = BTreeMap::new();
        for (_, event) in member.events().iter() {
            match event {
                Event::Assigned(partitions) | Event::Revoked(partitions) => {
                    open.retain(|partition, _| !partitions.contains(partition));
                }
                Event::Record { partition, offset, value } => {
                    assert_eq!(value, &offset.to_string(), "partition {partition}");
                    let before = open.entry(*partition).or_default();
                    let is_next = before.last().is_none_or(|last| last + 1 == *offset);
                    let is_again = before.contains(offset);
                    assert!(is_next || is_again, "{name} jumped in {partition} to {offset}");
                    before.insert(*offset);
                    read.entry(*partition).or_default().insert(*offset);
                }
                Event::Committed { partition, next } => {
                    let open = open.entry(*partition).or_default();
                    let rest = open.split_off(next);
                    let own = done.entry(*partition).or_default();
                    let twice = own.intersection(open).next();
                    assert_eq!(twice, None, "{name} read from {partition} what was committed");
                    own.append(open);
                    *open = rest;
                }
                Event::Trouble(_) | Event::Left => {}
            }
        }
    }
    for (partition, acknowledged) in (0..).zip(account) {
        let ends = (0..).take(acknowledged.len());
        let found = read.remove(&partition).unwrap_or_default();
        let missing: Vec<i64> = ends.filter(|offset| !found.contains(offset)).collect();
        assert_eq!(missing, [0_i64; 0], "partition {partition}: nobody has read these");
        assert_eq!(found.len(), acknowledged.len(), "partition {partition}: records read");
    }
}
