//! Where a group goes on, partition by partition: a value, worked out before anything is done.

use std::collections::BTreeMap;

use types::{Offset, Timestamp, TopicPartition};

/// Where a group shall go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// At the first record there is.
    Earliest,
    /// Behind the last record there is.
    Latest,
    /// At this offset.
    Offset(i64),
    /// So many records after where it stands, or before.
    ShiftBy(i64),
    /// At the first record of this time or a later one.
    Time(Timestamp),
    /// Where a file says.
    Given(BTreeMap<TopicPartition, i64>),
}

/// What is known of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// Where the group stands.
    pub(super) current: Option<Offset>,
    /// The first record's offset.
    pub(super) start: Offset,
    /// The offset behind the last record.
    pub(super) end: Offset,
    /// The first record of the time that was asked for, or later, if there is one.
    pub(super) at_time: Option<Offset>,
}

/// What is done to a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Where the group stands.
    pub(super) current: Option<Offset>,
    /// Where it will.
    pub(super) new: Offset,
    /// Why that is not quite what was asked for.
    pub(super) note: Option<String>,
}

/// Where the group goes on in one partition; an error says why it cannot be told.
pub(super) fn step(
    target: &Target,
    partition: &TopicPartition,
    facts: Facts,
) -> Result<Step, String> {
    let Facts { current, start, end, at_time } = facts;
    let wanted = match target {
        Target::Earliest => start.0,
        Target::Latest => end.0,
        Target::Offset(offset) => *offset,
        Target::ShiftBy(count) => {
            let current = current.ok_or_else(|| {
                format!("{partition}: the group stands nowhere yet, so there is nothing to shift; --to-earliest, --to-latest or --to-offset set a place")
            })?;
            current.0.saturating_add(*count)
        }
        Target::Time(_) => at_time.unwrap_or(end).0,
        Target::Given(offsets) => *offsets
            .get(partition)
            .ok_or_else(|| format!("{partition}: the file does not say where"))?,
    };
    let new = Offset(wanted).min(end).max(start);
    let note = if wanted < new.0 {
        Some(format!("{wanted} is before the first record"))
    } else if wanted > new.0 {
        Some(format!("{wanted} is beyond the end"))
    } else {
        None
    };
    Ok(Step { current, new, note })
}

#[cfg(test)]
mod tests {
    use types::{PartitionIndex, TopicName};

    use super::*;

    fn partition() -> TopicPartition {
        TopicPartition { topic: TopicName::parse("chat").unwrap(), partition: PartitionIndex(0) }
    }

    fn new(target: &Target, current: Option<i64>, at_time: Option<i64>) -> (i64, Option<String>) {
        let facts = Facts {
            current: current.map(Offset),
            start: Offset(10),
            end: Offset(20),
            at_time: at_time.map(Offset),
        };
        let step = step(target, &partition(), facts).unwrap();
        (step.new.0, step.note)
    }

    #[test]
    fn a_group_goes_on_where_it_was_told() {
        let given = Target::Given([(partition(), 13)].into());
        for (target, current, at_time, offset) in [
            (Target::Earliest, None, None, 10),
            (Target::Latest, Some(12), None, 20),
            (Target::Offset(15), None, None, 15),
            (Target::ShiftBy(-2), Some(15), None, 13),
            (Target::ShiftBy(5), Some(15), None, 20),
            (Target::Time(Timestamp(1)), None, Some(12), 12),
            (Target::Time(Timestamp(1)), None, None, 20),
            (given, None, None, 13),
        ] {
            assert_eq!(new(&target, current, at_time), (offset, None), "{target:?}");
        }
    }

    #[test]
    fn what_is_out_of_bounds_becomes_the_next_bound_and_is_noted() {
        let (offset, note) = new(&Target::Offset(5), None, None);
        assert_eq!((offset, note.as_deref()), (10, Some("5 is before the first record")));
        let (offset, note) = new(&Target::ShiftBy(i64::MAX), Some(15), None);
        assert_eq!(offset, 20);
        assert!(note.unwrap().ends_with("is beyond the end"));
    }

    #[test]
    fn what_cannot_be_told_is_an_error_that_says_why() {
        let facts = Facts { current: None, start: Offset(0), end: Offset(9), at_time: None };
        let error = step(&Target::ShiftBy(1), &partition(), facts).unwrap_err();
        assert!(error.starts_with("chat-0: the group stands nowhere yet"), "{error}");
        let error = step(&Target::Given(BTreeMap::new()), &partition(), facts).unwrap_err();
        assert_eq!(error, "chat-0: the file does not say where");
    }
}
