//! How long a shard takes to read a million committed offsets, and how much memory it keeps of them:
//! `cargo run --release -p coordinator --example load`.

#![expect(clippy::print_stdout, reason = "the figures are for a person to read")]
#![expect(clippy::unwrap_used, reason = "what fails here ends the program")]

use std::{sync::Arc, time::Duration};

use coordinator::{
    Config, Shard,
    records::{GroupRecord, OffsetCommitKey, OffsetCommitValue},
};
use protocol::records::{BatchBuilder, BatchView, Compression, batches};
use runtime::{Clock, SystemClock};
use types::{Offset, Timestamp, Uuid};

const RECORDS: usize = 1_000_000;
/// What one commit of a consumer with ten partitions makes.
const RECORDS_OF_BATCH: usize = 10;

fn main() {
    let clock = SystemClock::default();
    for partitions in [10_000, 100, 10, 1] {
        let log = log(partitions);
        let count = batches(&log).count();
        let start = clock.now().instant;
        let mut shard = None;
        let memory = allocation_counter::measure(|| shard = Some(load(&log)));
        let time = clock.now().instant.since(start);
        let shard = shard.unwrap();
        assert_eq!(shard.committed_count(), RECORDS);
        println!(
            "{RECORDS} offsets of {} groups with {partitions} each, {count} batches, {} MB of log: \
             {:.2} s, {:.0} bytes each",
            shard.group_count(),
            log.len() / 1_000_000,
            time.as_secs_f64(),
            memory.bytes_current as f64 / RECORDS as f64,
        );
    }
}

fn load(log: &[u8]) -> Shard {
    let config = Config {
        initial_rebalance_delay: Duration::ZERO,
        session_timeout_min: Duration::ZERO,
        session_timeout_max: Duration::ZERO,
        members_max: 1,
        offset_metadata_bytes_max: 0,
        offsets_retention: Duration::ZERO,
        offsets_check_interval: Duration::from_secs(600),
    };
    let mut shard = Shard::new(Arc::new(config));
    for batch in batches(log) {
        let replayed = shard.replay(&batch.unwrap());
        assert_eq!(replayed.damaged, 0);
    }
    shard
}

/// A log in which all groups take turns, as they do.
fn log(partitions: usize) -> Vec<u8> {
    let groups = RECORDS / partitions;
    let mut log = Vec::new();
    let mut batch = empty_batch(Offset(0));
    for number in 0..RECORDS {
        let (group, partition) = (number % groups, number / groups);
        let key = OffsetCommitKey {
            group: format!("consumers-of-orders-{group}").into(),
            topic: format!("orders-{}", group % 100).into(),
            partition: i32::try_from(partition).unwrap(),
        };
        let value = OffsetCommitValue {
            offset: i64::try_from(number).unwrap(),
            leader_epoch: 5,
            commit_timestamp: 1_700_000_000_000,
            topic_id: Uuid::from_u128(1),
            ..Default::default()
        };
        let record = GroupRecord::Offset(key, Some(value)).encode().unwrap();
        batch.push(Timestamp(1), Some(&record.key), record.value.as_deref(), &[]);
        if (number + 1) % RECORDS_OF_BATCH == 0 {
            let bytes = batch.build();
            batch = empty_batch(BatchView::parse(&bytes).unwrap().last_offset().next());
            log.extend_from_slice(&bytes);
        }
    }
    log
}

fn empty_batch(base: Offset) -> BatchBuilder {
    BatchBuilder::new(Compression::NONE).base_offset(base)
}
