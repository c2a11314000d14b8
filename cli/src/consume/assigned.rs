//! Reads partitions that are named on the command line, all or some of those of its topics.

use std::sync::Arc;

use client::{Client, Fetch, Fetcher, FetcherConfig};
use types::{Offset, TopicPartition};

use super::Arguments;
use super::sink::{Sink, Written};
use super::start;
use crate::stop::Stop;
use crate::{Failure, print, topic};

/// Reads until all is read that was asked for, or nobody wants more.
pub(super) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let client = arguments.connect.client().await?;
    let mut stop = Stop::listen()?;
    let partitions = partitions(&client, arguments).await?;
    let isolation = arguments.isolation();
    let bounds = start::bounds(&client, &partitions, isolation).await?;
    let places = start::places(&client, arguments.from, &bounds, isolation).await?;
    let ends = if arguments.stops_at_the_end() { Some(&bounds) } else { None };

    let mut fetcher = Fetcher::new(Arc::clone(&client), FetcherConfig::new(isolation));
    for (partition, offset) in places {
        if ends.is_none_or(|ends| offset < ends[&partition].end) {
            fetcher.seek(partition, offset);
        }
    }
    let mut sink = Sink::new(arguments.form(), arguments.count);
    while !fetcher.positions().is_empty() && !sink.has_enough() {
        let found = tokio::select! {
            biased;
            () = stop.requested() => return Ok(()),
            found = fetcher.next() => found?,
        };
        for fetch in found {
            match fetch {
                Fetch::Batches(batches) => {
                    let partition = batches.partition();
                    let end = ends.map(|ends| ends[partition].end);
                    match sink.write(&batches, end)? {
                        Written::Upto(offset) if end.is_some_and(|end| offset >= end) => {
                            fetcher.forget(partition);
                        }
                        Written::Upto(_) => {}
                        Written::Enough(_) | Written::NobodyReads => return Ok(()),
                    }
                }
                Fetch::OutOfRange(partition, offset) => {
                    let offset = go_on(&client, &partition, offset, arguments).await?;
                    if ends.is_none_or(|ends| offset < ends[&partition].end) {
                        fetcher.seek(partition, offset);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Where to go on in a partition that has nothing at an offset any more, since its oldest records
/// were deleted or its newest were lost.
pub(super) async fn go_on(
    client: &Client,
    partition: &TopicPartition,
    offset: Offset,
    arguments: &Arguments,
) -> Result<Offset, Failure> {
    let partitions = std::slice::from_ref(partition);
    let bounds = start::bounds(client, partitions, arguments.isolation()).await?;
    let nearest = bounds.get(partition).map_or(offset, |bounds| bounds.nearest(offset));
    print::problem(&format!(
        "note: {partition} has nothing at offset {offset} any more; goes on at {nearest}"
    ));
    Ok(nearest)
}

async fn partitions(
    client: &Client,
    arguments: &Arguments,
) -> Result<Vec<TopicPartition>, Failure> {
    let cluster = topic::find(client, &arguments.topics).await?;
    let mut partitions = Vec::new();
    for (name, topic) in &cluster.topics {
        let Ok(topic) = topic else { continue };
        let numbers = topic.partitions.keys();
        let wanted = numbers.filter(|number| arguments.wants(**number));
        partitions.extend(
            wanted.map(|number| TopicPartition { topic: name.clone(), partition: *number }),
        );
        for number in &arguments.partition {
            if !topic.partitions.contains_key(&types::PartitionIndex(*number)) {
                return Err(Failure::Failed(format!(
                    "topic {name} has no partition {number}: its {} are numbered from 0",
                    topic.partitions.len()
                )));
            }
        }
    }
    Ok(partitions)
}
