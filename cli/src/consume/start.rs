//! Where reading begins.

use std::collections::BTreeMap;
use std::str::FromStr;

use client::{Client, Isolation, Moment};
use types::{Offset, Timestamp, TopicPartition};

use crate::{Failure, moment};

/// Where reading begins in each partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// At the first record there is.
    Beginning,
    /// Behind the last record there is.
    End,
    /// At this offset.
    Offset(Offset),
    /// So many records before the end.
    Last(i64),
    /// At the first record of this time or a later one.
    Time(Timestamp),
}

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<From, String> {
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match text {
            "beginning" | "earliest" => return Ok(From::Beginning),
            "end" | "latest" => return Ok(From::End),
            _ => {}
        }
        if let Some(count) = text.strip_prefix('-').filter(|count| digits(count)).and_then(number) {
            return Ok(From::Last(count));
        }
        if let Some(milliseconds) = text.strip_prefix('@').and_then(number) {
            return Ok(From::Time(Timestamp(milliseconds)));
        }
        if digits(text)
            && let Some(offset) = number(text)
        {
            return Ok(From::Offset(Offset(offset)));
        }
        moment::date_time(text).map(From::Time).map_err(|_| {
            format!(
                "'{text}' is none of beginning, end, an offset, -N, a time such as 2026-11-24T17:30:00Z, or @ and milliseconds"
            )
        })
    }
}

/// What is there of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The first record's offset.
    pub(super) start: Offset,
    /// The offset behind the last record that may be read.
    pub(super) end: Offset,
}

impl Bounds {
    /// The offset itself, or the bound that is next to it.
    pub(super) fn nearest(self, offset: Offset) -> Offset {
        offset.min(self.end).max(self.start)
    }
}

/// Where reading begins, given what is there, and where the time that was asked for is, if anything
/// is as late.
pub(super) fn place(from: From, bounds: Bounds, at_time: Option<Offset>) -> Offset {
    match from {
        From::Beginning => bounds.start,
        From::End => bounds.end,
        From::Offset(offset) => bounds.nearest(offset),
        From::Last(count) => bounds.nearest(Offset(bounds.end.0.saturating_sub(count))),
        From::Time(_) => at_time.map_or(bounds.end, |offset| bounds.nearest(offset)),
    }
}

/// What is there of each partition.
pub(super) async fn bounds(
    client: &Client,
    partitions: &[TopicPartition],
    isolation: Isolation,
) -> Result<BTreeMap<TopicPartition, Bounds>, Failure> {
    let starts = ask(client, partitions, Moment::Earliest, isolation).await?;
    let ends = ask(client, partitions, Moment::Latest, isolation).await?;
    let bounds = starts.into_iter().filter_map(|(partition, start)| {
        let (start, end) = (start?, ends.get(&partition).copied().flatten()?);
        Some((partition, Bounds { start, end }))
    });
    Ok(bounds.collect())
}

/// Where reading begins in each of these partitions.
pub(super) async fn places(
    client: &Client,
    from: From,
    bounds: &BTreeMap<TopicPartition, Bounds>,
    isolation: Isolation,
) -> Result<BTreeMap<TopicPartition, Offset>, Failure> {
    let at_time = match from {
        From::Time(time) => {
            let partitions: Vec<TopicPartition> = bounds.keys().cloned().collect();
            ask(client, &partitions, Moment::At(time), isolation).await?
        }
        From::Beginning | From::End | From::Offset(_) | From::Last(_) => BTreeMap::new(),
    };
    let places = bounds.iter().map(|(partition, bounds)| {
        let at_time = at_time.get(partition).copied().flatten();
        (partition.clone(), place(from, *bounds, at_time))
    });
    Ok(places.collect())
}

async fn ask(
    client: &Client,
    partitions: &[TopicPartition],
    moment: Moment,
    isolation: Isolation,
) -> Result<BTreeMap<TopicPartition, Option<Offset>>, Failure> {
    let wanted = partitions.iter().map(|partition| (partition.clone(), moment)).collect();
    let found = client.list_offsets(&wanted, isolation).await?;
    Ok(found.into_iter().map(|(it, found)| (it, found.map(|found| found.offset))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_from_each_other() {
        for (text, from) in [
            ("beginning", From::Beginning),
            ("latest", From::End),
            ("42", From::Offset(Offset(42))),
            ("-10", From::Last(10)),
            ("@1795541400123", From::Time(Timestamp(1_795_541_400_123))),
            ("2026-11-24T17:30", From::Time(Timestamp(1_795_541_400_000))),
        ] {
            assert_eq!(text.parse(), Ok(from), "{text}");
        }
        for text in ["", "-", "--1", "+1", "soon", "-1.5", "@", "99999999999999999999"] {
            assert!(text.parse::<From>().is_err(), "{text}");
        }
    }

    #[test]
    fn reading_begins_within_what_is_there() {
        let bounds = Bounds { start: Offset(10), end: Offset(20) };
        for (from, at_time, offset) in [
            (From::Beginning, None, 10),
            (From::End, None, 20),
            (From::Offset(Offset(15)), None, 15),
            (From::Offset(Offset(5)), None, 10),
            (From::Offset(Offset(25)), None, 20),
            (From::Last(3), None, 17),
            (From::Last(99), None, 10),
            (From::Time(Timestamp(1)), Some(Offset(12)), 12),
            (From::Time(Timestamp(1)), None, 20),
        ] {
            assert_eq!(place(from, bounds, at_time), Offset(offset), "{from:?}");
        }
    }
}
