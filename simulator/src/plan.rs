//! What a run is like: its limits, its clients and its faults, drawn from the seed.
//!
//! Every run draws its own (swarm testing): some never crash, some do nothing else. Limits are tiny,
//! so that a segment is full after a few batches.

use std::time::Duration;

use node::CleanerConfig;
use runtime::{Random, simulated::SimRandom};

/// The draw of one run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The topics.
    pub(crate) topics: Vec<TopicPlan>,
    /// `segment.bytes`.
    pub(crate) segment_bytes: u32,
    /// `index.interval.bytes`.
    pub(crate) index_interval_bytes: u32,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub(crate) snapshot_bytes: u64,
    /// `log.flush.offset.checkpoint.interval.ms`.
    pub(crate) checkpoint_interval: Duration,
    /// `log.retention.check.interval.ms`.
    pub(crate) retention_check_interval: Duration,
    /// What compaction may cost.
    pub(crate) cleaner: CleanerConfig,
    /// How many files of logs are held open at most.
    pub(crate) open_files_max: usize,
    /// How many idempotent producers write.
    pub(crate) producers_idempotent: u32,
    /// How many plain producers write.
    pub(crate) producers_plain: u32,
    /// How many consumers read.
    pub(crate) consumers: u32,
    /// How many clients delete records.
    pub(crate) deleters: u32,
    /// The group that reads all topics, if there is one.
    pub(crate) group: Option<GroupPlan>,
    /// How many batches of one producer may be under way at once.
    pub(crate) in_flight_max: usize,
    /// How many records a batch has at most.
    pub(crate) batch_records_max: u64,
    /// How large a record's value is at most.
    pub(crate) value_bytes_max: u64,
    /// How long a client pauses between two requests at most.
    pub(crate) pause_max: Duration,
    /// How long a message or a disk job takes at most.
    pub(crate) delay_max: Duration,
    /// How long the phase with faults takes.
    pub(crate) safety: Duration,
    /// How long there is no fault, on average.
    pub(crate) fault_interval: Duration,
    /// The kinds of faults and how often each is drawn.
    pub(crate) faults: Vec<(Fault, u64)>,
    /// In how many of a hundred starts something goes wrong while the node is still starting.
    pub(crate) start_fault_percent: u64,
    /// Whether what survives of unsynced data may be garbled.
    pub(crate) garbles: bool,
}

/// A topic of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TopicPlan {
    /// How many partitions it has.
    pub(crate) partitions: i32,
    /// Whether it has `flush.messages=1`.
    pub(crate) flushes: bool,
    /// Whether of each key only the last record has to stay.
    pub(crate) is_compacted: bool,
}

/// The group of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupPlan {
    /// How many dynamic members it has.
    pub(crate) dynamic: usize,
    /// How many static members it has.
    pub(crate) statics: usize,
    /// After which silence a member is out.
    pub(crate) session: Duration,
    /// How long members may take to join again.
    pub(crate) rebalance: Duration,
    /// `group.initial.rebalance.delay.ms`.
    pub(crate) initial_delay: Duration,
    /// How often a member commits at most.
    pub(crate) commit_interval: Duration,
    /// How often something befalls a member: in so many of a thousand turns.
    pub(crate) unsteadiness: u64,
    /// Whether the members' requests are of recent versions.
    pub(crate) is_recent: bool,
    /// Whether what is committed is on disk when that is said.
    pub(crate) flushes: bool,
    /// `offsets.topic.num.partitions`.
    pub(crate) partitions: i32,
    /// How old a segment becomes at most, so that the commits are compacted.
    pub(crate) segment_ms: i64,
}

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process is killed; the operating system lives on.
    Kill,
    /// The power is cut.
    PowerCut,
    /// The process is asked to stop and stops.
    Stop,
    /// One of the next syncs fails.
    SyncFails,
    /// One of the next reads fails.
    ReadFails,
    /// The disk fills up.
    DiskFull,
    /// The wall clock is set.
    ClockJump,
    /// The connection of a client breaks.
    ConnectionBreaks,
}

impl Fault {
    const ALL: [Fault; 8] = [
        Fault::Kill,
        Fault::PowerCut,
        Fault::Stop,
        Fault::SyncFails,
        Fault::ReadFails,
        Fault::DiskFull,
        Fault::ClockJump,
        Fault::ConnectionBreaks,
    ];
}

impl Plan {
    /// Draws a plan.
    #[must_use]
    pub(crate) fn draw(seed: u64) -> Plan {
        let random = &mut SimRandom::stream(seed, "plan");
        let mut topics: Vec<TopicPlan> =
            (0..random.between(1, 3)).map(|_| TopicPlan::draw(random)).collect();
        let compaction = &mut SimRandom::stream(seed, "plan of compaction");
        for topic in &mut topics {
            topic.is_compacted = compaction.chance(30);
        }
        let pause_max = Duration::from_millis(*pick(random, &[2, 20, 200]));
        let safety = (pause_max * *pick(random, &[100, 300, 1_000]))
            .clamp(Duration::from_secs(1), Duration::from_secs(20));
        let deletions = &mut SimRandom::stream(seed, "plan of deletions");
        let (producers_idempotent, producers_plain) =
            *pick(random, &[(1, 0), (0, 1), (1, 1), (2, 1), (3, 2)]);
        let mut plan = Plan {
            topics,
            segment_bytes: *pick(random, &[4_096, 4_096, 16_384]),
            index_interval_bytes: *pick(random, &[1, 256, 4_096]),
            snapshot_bytes: *pick(random, &[2_000, 20_000, 1 << 20]),
            checkpoint_interval: Duration::from_millis(*pick(random, &[50, 1_000, 60_000])),
            retention_check_interval: Duration::from_secs(*pick(deletions, &[1, 300])),
            cleaner: draw_cleaner(compaction),
            open_files_max: *pick(random, &[2, 8, 100]),
            producers_idempotent,
            producers_plain,
            consumers: *pick(random, &[0, 1, 2]),
            deleters: *pick(deletions, &[0, 0, 1, 2]),
            group: None,
            in_flight_max: *pick(random, &[1, 2, 3, 5]),
            batch_records_max: random.between(1, 4),
            value_bytes_max: *pick(random, &[30, 200, 900]),
            pause_max,
            delay_max: Duration::from_micros(*pick(random, &[300, 5_000, 40_000])),
            safety,
            fault_interval: safety / *pick(random, &[1, 3, 10, 40]),
            faults: draw_faults(random),
            start_fault_percent: *pick(random, &[0, 0, 30, 60]),
            garbles: random.chance(30),
        };
        plan.group = GroupPlan::draw(seed, plan.pause_max + plan.delay_max * 2);
        if let Some(group) = &plan.group {
            // Sessions end, and members come back, while there are still faults.
            plan.safety = plan.safety.max(group.session * 5).min(Duration::from_secs(20));
        }
        plan
    }

    /// Draws what goes wrong during a start, if anything does.
    pub(crate) fn start_fault(&self, random: &mut SimRandom) -> Option<Fault> {
        let faults = [Fault::Kill, Fault::PowerCut, Fault::PowerCut, Fault::Stop, Fault::SyncFails];
        let fault = *pick(random, &faults);
        random.chance(self.start_fault_percent).then_some(fault)
    }

    /// Draws the next fault.
    #[must_use]
    pub(crate) fn next_fault(&self, random: &mut SimRandom) -> Option<Fault> {
        let total: u64 = self.faults.iter().map(|(_, weight)| weight).sum();
        if total == 0 {
            return None;
        }
        let mut drawn = random.below(total);
        for (fault, weight) in &self.faults {
            if drawn < *weight {
                return Some(*fault);
            }
            drawn -= weight;
        }
        unreachable!("a number below the sum of the weights falls into one of them")
    }
}

impl TopicPlan {
    fn draw(random: &mut SimRandom) -> TopicPlan {
        let partitions = if random.chance(60) { 1 } else { 3 };
        TopicPlan { partitions, flushes: random.chance(50), is_compacted: false }
    }
}

impl GroupPlan {
    /// A group whose members take so long from one request to the next at most.
    fn draw(seed: u64, step_max: Duration) -> Option<GroupPlan> {
        let random = &mut SimRandom::stream(seed, "plan of groups");
        let session = (step_max * 20).max(Duration::from_millis(*pick(random, &[300, 1_000])));
        let plan = GroupPlan {
            dynamic: *pick(random, &[0, 1, 2, 3]),
            statics: *pick(random, &[0, 1, 2, 2]),
            session,
            rebalance: session * *pick(random, &[1, 2]),
            initial_delay: Duration::from_millis(*pick(random, &[0, 100])),
            commit_interval: step_max * *pick(random, &[3, 20]),
            unsteadiness: *pick(random, &[0, 5, 20, 60]),
            is_recent: random.chance(70),
            flushes: random.chance(50),
            partitions: *pick(random, &[1, 2]),
            segment_ms: *pick(random, &[200, 604_800_000]),
        };
        (plan.dynamic + plan.statics > 0 && random.chance(60)).then_some(plan)
    }
}

/// Rounds follow each other closely, and some need more than one for a few keys.
fn draw_cleaner(random: &mut SimRandom) -> CleanerConfig {
    CleanerConfig {
        is_enabled: true,
        threads: *pick(random, &[1, 2]),
        dedupe_buffer_bytes: *pick(random, &[200, 1 << 20]),
        load_factor: 0.9,
        io_buffer_bytes: *pick(random, &[100, 100_000]),
        io_bytes_per_second_max: *pick(random, &[20_000.0, f64::MAX]),
        backoff: Duration::from_millis(*pick(random, &[20, 300])),
    }
}

/// Each kind of fault is left out in half of the runs, so that some runs see one kind only.
fn draw_faults(random: &mut SimRandom) -> Vec<(Fault, u64)> {
    Fault::ALL
        .into_iter()
        .map(|fault| (fault, if random.chance(50) { random.between(1, 5) } else { 0 }))
        .collect()
}

fn pick<'a, T>(random: &mut SimRandom, choices: &'a [T]) -> &'a T {
    let index = usize::try_from(random.below(choices.len() as u64));
    &choices[index.expect("a number below a usize fits one")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_of_different_seeds_differ_and_someone_always_produces() {
        let plans: Vec<Plan> = (0..1_000).map(Plan::draw).collect();
        assert!(plans.iter().all(|plan| plan.producers_idempotent + plan.producers_plain > 0));
        assert!(plans.iter().any(|plan| plan.faults.iter().all(|(_, weight)| *weight == 0)));
        assert!(plans.iter().any(|plan| plan.topics.iter().any(|topic| topic.flushes)));
        assert!(plans.iter().any(|plan| plan.topics.iter().any(|topic| !topic.flushes)));
    }

    #[test]
    fn faults_are_drawn_by_their_weight() {
        let faults = vec![(Fault::Kill, 0), (Fault::PowerCut, 3), (Fault::Stop, 1)];
        let plan = Plan { faults, ..Plan::draw(1) };
        let random = &mut SimRandom::new(1);
        let drawn: Vec<Fault> = (0..400).filter_map(|_| plan.next_fault(random)).collect();
        let cuts = drawn.iter().filter(|fault| **fault == Fault::PowerCut).count();
        assert!(!drawn.contains(&Fault::Kill));
        assert!((250..350).contains(&cuts), "{cuts}");
    }
}
