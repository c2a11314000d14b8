//! DescribeLogDirs: the data folder, the room on its volume, and what each partition takes of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::absolute,
    sync::Arc,
};

use bytestring::ByteString;
use node::{LogFigures, Node};
use protocol::{
    ErrorCode,
    messages::{
        DescribeLogDirsRequest, DescribeLogDirsResponse,
        describe_log_dirs::{
            DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
        },
    },
};
use runtime::Space;

use super::call::Call;
use crate::{network::Order, shell::Shell};

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DescribeLogDirsRequest) -> Order {
    // A volume that does not answer shall hold up nobody else.
    let shell = shell.clone();
    let pool = shell.lanes.data.clone();
    pool.submit(move || {
        let results = vec![describe(&shell.node, &Wanted::of(request))];
        let response = DescribeLogDirsResponse { results, ..DescribeLogDirsResponse::default() };
        call.answer::<DescribeLogDirsRequest>(&shell.desk, &response);
    });
    Order::Alone
}

/// The partitions asked for.
enum Wanted {
    All,
    Some(BTreeSet<(ByteString, i32)>),
}

impl Wanted {
    fn of(request: DescribeLogDirsRequest) -> Wanted {
        let Some(topics) = request.topics else { return Wanted::All };
        let named = topics.into_iter().flat_map(|topic| {
            topic.partitions.into_iter().map(move |index| (topic.topic.clone(), index))
        });
        Wanted::Some(named.collect())
    }

    fn contains(&self, topic: &ByteString, index: i32) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Some(partitions) => partitions.contains(&(topic.clone(), index)),
        }
    }
}

fn describe(node: &Node, wanted: &Wanted) -> DescribeLogDirsResult {
    let folder = &node.config().folder;
    let path = absolute(folder).unwrap_or_else(|_| folder.clone());
    let log_dir = ByteString::from(path.display().to_string());
    match node.space() {
        Ok(Space { total, usable }) => DescribeLogDirsResult {
            log_dir,
            topics: topics(node.log_figures(), wanted),
            total_bytes: i64::try_from(total).unwrap_or(i64::MAX),
            usable_bytes: i64::try_from(usable).unwrap_or(i64::MAX),
            ..DescribeLogDirsResult::default()
        },
        Err(error) => {
            tracing::warn!(%error, "failed to describe the data folder");
            DescribeLogDirsResult {
                error_code: ErrorCode::KafkaStorageError as i16,
                log_dir,
                ..DescribeLogDirsResult::default()
            }
        }
    }
}

fn topics(logs: Vec<LogFigures>, wanted: &Wanted) -> Vec<DescribeLogDirsTopic> {
    let mut topics: BTreeMap<ByteString, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
    for log in logs {
        let name = ByteString::from(log.partition.topic.as_str());
        let partition_index = log.partition.partition.0;
        if wanted.contains(&name, partition_index) {
            topics.entry(name).or_default().push(DescribeLogDirsPartition {
                partition_index,
                partition_size: i64::try_from(log.size_bytes).unwrap_or(i64::MAX),
                offset_lag: log.high_watermark.map_or(0, |upto| upto.since(log.end).max(0)),
                is_future_key: false,
            });
        }
    }
    let topic = |(name, partitions)| DescribeLogDirsTopic { name, partitions };
    topics.into_iter().map(topic).collect()
}
