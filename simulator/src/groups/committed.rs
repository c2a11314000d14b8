//! Committed offsets never go back by themselves.
//!
//! Each commit carries a tag of its own in its metadata, so that what is read tells which commit it
//! was. Commits are numbered as they reach the node; a later one replaces an earlier one.

use std::collections::BTreeMap;

use node::coordinator::request::Commit as Request;
use types::Offset;

use crate::{
    violation::{Checked, Violation, must},
    words::{Place, tag_of},
};

#[derive(Debug, Default)]
pub(super) struct Committed {
    places: BTreeMap<Place, History>,
}

/// The commits for one partition.
#[derive(Debug, Default)]
struct History {
    commits: Vec<Commit>,
    /// How many commits count as made: the last of them, or a later one, is what is read.
    made: usize,
}

#[derive(Debug)]
struct Commit {
    tag: u64,
    offset: Offset,
    was_refused: bool,
}

impl Committed {
    /// A commit has reached the node: from here on it may be read.
    pub(super) fn asked(&mut self, request: &Request) {
        for offset in &request.offsets {
            let history = self.places.entry(Place::of(&offset.partition)).or_default();
            let tag = tag_of(&offset.metadata);
            history.commits.push(Commit { tag, offset: offset.offset, was_refused: false });
        }
    }

    /// A commit was acknowledged: from here on it, or a later one, must be read.
    pub(super) fn acknowledged(&mut self, place: Place, tag: u64) {
        let history = self.places.entry(place).or_default();
        if let Some(index) = history.index(tag) {
            history.made = history.made.max(index + 1);
        }
    }

    /// A commit was refused: it must never be read.
    pub(super) fn refused(&mut self, place: Place, tag: u64) {
        let history = self.places.entry(place).or_default();
        if let Some(index) = history.index(tag) {
            history.commits[index].was_refused = true;
        }
    }

    /// Somebody was told what is committed: the offset with its tag, or that there is nothing.
    pub(super) fn read(&mut self, place: Place, read: Option<&(Offset, u64)>) -> Checked {
        let history = self.places.entry(place).or_default();
        let Some((offset, tag)) = read else {
            return must("a committed offset stays", history.made == 0, || {
                format!("{place}: nothing, after {:?}", history.last_made())
            });
        };
        let index = history.index(*tag);
        let known = index.filter(|index| {
            let commit = &history.commits[*index];
            commit.offset == *offset && !commit.was_refused
        });
        let Some(index) = known else {
            let detail = format!("{place}: {offset} with tag {tag}");
            return Err(Violation::new("only what was committed is read", detail));
        };
        must("committed offsets never go back by themselves", index + 1 >= history.made, || {
            format!("{place}: {offset} with tag {tag}, after {:?}", history.last_made())
        })?;
        // What was read once is below the high watermark and stays.
        history.made = index + 1;
        Ok(())
    }

    /// The power was cut: whatever commits were not on disk may be gone.
    pub(super) fn power_was_cut(&mut self) {
        self.places.values_mut().for_each(|history| history.made = 0);
    }
}

impl History {
    fn index(&self, tag: u64) -> Option<usize> {
        self.commits.iter().rposition(|commit| commit.tag == tag)
    }

    fn last_made(&self) -> Option<&Commit> {
        self.commits[..self.made].last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use node::coordinator::request::{Caller, CommitOffset};
    use types::{LeaderEpoch, Timestamp};

    const PLACE: Place = Place { topic: 0, partition: 0 };

    #[test]
    fn what_is_acknowledged_or_read_does_not_go_back() {
        let mut committed = with_commits(3);
        assert_eq!(committed.read(PLACE, None), Ok(()));
        committed.acknowledged(PLACE, 1);
        assert!(committed.read(PLACE, None).is_err());
        assert!(committed.read(PLACE, Some(&(Offset(0), 0))).is_err());
        assert_eq!(committed.read(PLACE, Some(&(Offset(2), 2))), Ok(()));
        assert!(committed.read(PLACE, Some(&(Offset(1), 1))).is_err());
    }

    #[test]
    fn what_was_refused_or_never_committed_is_not_read() {
        let mut committed = with_commits(3);
        committed.refused(PLACE, 1);
        assert!(committed.read(PLACE, Some(&(Offset(1), 1))).is_err());
        assert!(committed.read(PLACE, Some(&(Offset(7), 2))).is_err());
        assert!(committed.read(PLACE, Some(&(Offset(7), 7))).is_err());
    }

    #[test]
    fn a_power_cut_excuses_what_is_gone() {
        let mut committed = with_commits(2);
        committed.acknowledged(PLACE, 1);
        committed.power_was_cut();
        assert_eq!(committed.read(PLACE, Some(&(Offset(0), 0))), Ok(()));
        assert!(committed.read(PLACE, None).is_err());
    }

    fn with_commits(count: u64) -> Committed {
        let mut committed = Committed::default();
        for tag in 0..count {
            let offset = CommitOffset {
                partition: PLACE.in_group(),
                topic_id: None,
                offset: Offset(i64::try_from(tag).unwrap()),
                leader_epoch: LeaderEpoch::NONE,
                metadata: tag.to_string().into(),
                committed_at: Timestamp(0),
            };
            let (group, member, generation) = Default::default();
            let caller = Caller { member, instance: None, generation };
            committed.asked(&Request { group, caller, retention: None, offsets: vec![offset] });
        }
        committed
    }
}
