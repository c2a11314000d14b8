//! Groups: how far their consumers are, as kafka_exporter tells it, and how many there are, as Kafka
//! does.
//!
//! There may be a million committed offsets. Of so many, only some are told one by one, so that an
//! answer to Prometheus has a size that it can read.

use std::collections::BTreeMap;

use node::{
    LogFigures, Node,
    coordinator::{CommittedIn, Glance, answer::State},
};
use types::{Offset, PartitionIndex, TopicPartition};

use crate::exposition::{Kind, family, gauge, label, sample};

/// How many offsets are told one by one, how many sums of topics, and how many groups.
const TOLD_MAX: usize = 20_000;

pub(super) fn write(text: &mut String, node: &Node, logs: &[LogFigures]) {
    let mut groups = Groups::default();
    node.show_groups(|group| groups.add(group));
    groups.write(text);

    let ends = logs.iter().filter_map(|log| {
        let TopicPartition { topic, partition } = &log.partition;
        Some(((topic.as_str(), *partition), log.high_watermark?))
    });
    let mut progress = Progress::of(ends.collect(), TOLD_MAX);
    node.show_committed(|offset| progress.add(offset));
    progress.write(text);
}

/// How many groups there are, by what they do.
#[derive(Debug, Default)]
struct Groups {
    states: BTreeMap<State, usize>,
    /// Samples of their members.
    members: String,
    told: usize,
}

const MEMBERS: &str = "kafka_consumergroup_members";

impl Groups {
    fn add(&mut self, group: Glance<'_>) {
        *self.states.entry(group.state).or_default() += 1;
        if self.told < TOLD_MAX {
            self.told += 1;
            let labels = label("consumergroup", group.group);
            sample(&mut self.members, MEMBERS, &labels, group.members);
        }
    }

    fn write(&self, text: &mut String) {
        let count = |state| self.states.get(&state).copied().unwrap_or(0);
        let mut write = |name: &str, help: &str, value: usize| {
            let name = format!("kafka_coordinator_group_groupmetadatamanager_{name}");
            gauge(text, &name, help, value);
        };
        write("numgroups", "Groups that this broker looks after", self.states.values().sum());
        write("numgroupsempty", "Groups without members", count(State::Empty));
        write(
            "numgroupspreparingrebalance",
            "Groups whose members are joining",
            count(State::PreparingRebalance),
        );
        write(
            "numgroupscompletingrebalance",
            "Groups whose leader is assigning",
            count(State::CompletingRebalance),
        );
        write("numgroupsstable", "Groups whose members have their shares", count(State::Stable));
        family(text, MEMBERS, Kind::Gauge, "Members of a group");
        text.push_str(&self.members);
    }
}

/// How far groups have come.
#[derive(Debug)]
struct Progress<'a> {
    /// The ends of the partitions that are led here.
    ends: BTreeMap<(&'a str, PartitionIndex), Offset>,
    told_max: usize,
    /// The samples of each family.
    offsets: String,
    lags: String,
    offset_sums: String,
    lag_sums: String,
    /// The topic of a group whose offsets are being added up.
    current: Option<Sum>,
    committed: usize,
    sums: usize,
}

/// What a group has committed for one topic.
#[derive(Debug)]
struct Sum {
    group: String,
    topic: String,
    offset: i64,
    /// None as long as the end of no partition is known.
    lag: Option<i64>,
}

const OFFSET: &str = "kafka_consumergroup_current_offset";
const OFFSET_SUM: &str = "kafka_consumergroup_current_offset_sum";
const LAG: &str = "kafka_consumergroup_lag";
const LAG_SUM: &str = "kafka_consumergroup_lag_sum";

impl Progress<'_> {
    fn of(ends: BTreeMap<(&str, PartitionIndex), Offset>, told_max: usize) -> Progress<'_> {
        Progress {
            ends,
            told_max,
            offsets: String::new(),
            lags: String::new(),
            offset_sums: String::new(),
            lag_sums: String::new(),
            current: None,
            committed: 0,
            sums: 0,
        }
    }

    /// Offsets of one topic of a group come one after the other.
    fn add(&mut self, it: CommittedIn<'_>) {
        // A commit beyond the end, which no broker refuses, is not behind it.
        let lag = self.ends.get(&(it.topic, it.partition));
        let lag = lag.map(|end| end.0.saturating_sub(it.offset.0).max(0));
        if self.committed < self.told_max {
            let partition = label("partition", &it.partition.to_string());
            let labels = format!("{},{partition},{}", group(it.group), topic(it.topic));
            sample(&mut self.offsets, OFFSET, &labels, it.offset);
            if let Some(lag) = lag {
                sample(&mut self.lags, LAG, &labels, lag);
            }
        }
        self.committed += 1;
        let is_current = |sum: &&mut Sum| sum.group == it.group && sum.topic == it.topic;
        match self.current.as_mut().filter(is_current) {
            Some(sum) => {
                sum.offset = sum.offset.saturating_add(it.offset.0);
                sum.lag = lag.map(|lag| lag.saturating_add(sum.lag.unwrap_or(0))).or(sum.lag);
            }
            None => {
                self.finish_sum();
                let (group, topic) = (it.group.to_owned(), it.topic.to_owned());
                self.current = Some(Sum { group, topic, offset: it.offset.0, lag });
            }
        }
    }

    fn finish_sum(&mut self) {
        let Some(sum) = self.current.take() else { return };
        if self.sums == self.told_max {
            return;
        }
        self.sums += 1;
        let labels = format!("{},{}", group(&sum.group), topic(&sum.topic));
        sample(&mut self.offset_sums, OFFSET_SUM, &labels, sum.offset);
        if let Some(lag) = sum.lag {
            sample(&mut self.lag_sums, LAG_SUM, &labels, lag);
        }
    }

    fn write(mut self, text: &mut String) {
        self.finish_sum();
        gauge(
            text,
            "kafka_coordinator_group_groupmetadatamanager_numoffsets",
            "Committed offsets",
            self.committed,
        );
        let mut write = |name: &str, help: &str, samples: &str| {
            family(text, name, Kind::Gauge, help);
            text.push_str(samples);
        };
        write(OFFSET, "The offset that a group has committed for a partition", &self.offsets);
        write(
            OFFSET_SUM,
            "The offsets that a group has committed for a topic, added up",
            &self.offset_sums,
        );
        write(LAG, "Records of a partition that a group has yet to commit", &self.lags);
        write(LAG_SUM, "Records of a topic that a group has yet to commit", &self.lag_sums);
        gauge(
            text,
            "klamm_consumergroup_offsets_untold",
            "Committed offsets that are not told one by one, because there are too many",
            self.committed.saturating_sub(self.told_max),
        );
    }
}

fn group(name: &str) -> String {
    label("consumergroup", name)
}

fn topic(name: &str) -> String {
    label("topic", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(told_max: usize, committed: &[(&str, &str, i32, i64)]) -> String {
        let ends = [(("chat", 0), 10), (("chat", 1), 5), (("news", 0), 3)];
        let ends = ends.map(|((topic, index), end)| ((topic, PartitionIndex(index)), Offset(end)));
        let mut progress = Progress::of(ends.into(), told_max);
        for &(group, topic, partition, offset) in committed {
            let (partition, offset) = (PartitionIndex(partition), Offset(offset));
            progress.add(CommittedIn { group, topic, partition, offset });
        }
        let mut text = String::new();
        progress.write(&mut text);
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_offset_is_told_with_its_distance_to_the_end() {
        let committed = [
            ("readers", "chat", 0, 7),
            ("readers", "chat", 1, 9),
            ("readers", "gone", 0, 4),
            ("others", "chat", 0, 10),
        ];
        let expected = r#"kafka_coordinator_group_groupmetadatamanager_numoffsets 4
kafka_consumergroup_current_offset{consumergroup="readers",partition="0",topic="chat"} 7
kafka_consumergroup_current_offset{consumergroup="readers",partition="1",topic="chat"} 9
kafka_consumergroup_current_offset{consumergroup="readers",partition="0",topic="gone"} 4
kafka_consumergroup_current_offset{consumergroup="others",partition="0",topic="chat"} 10
kafka_consumergroup_current_offset_sum{consumergroup="readers",topic="chat"} 16
kafka_consumergroup_current_offset_sum{consumergroup="readers",topic="gone"} 4
kafka_consumergroup_current_offset_sum{consumergroup="others",topic="chat"} 10
kafka_consumergroup_lag{consumergroup="readers",partition="0",topic="chat"} 3
kafka_consumergroup_lag{consumergroup="readers",partition="1",topic="chat"} 0
kafka_consumergroup_lag{consumergroup="others",partition="0",topic="chat"} 0
kafka_consumergroup_lag_sum{consumergroup="readers",topic="chat"} 3
kafka_consumergroup_lag_sum{consumergroup="others",topic="chat"} 0
klamm_consumergroup_offsets_untold 0"#;
        assert_eq!(told(100, &committed), expected);
    }

    #[test]
    fn of_too_many_offsets_only_some_are_told_and_all_are_added_up() {
        let committed: Vec<_> = (0..2).map(|index| ("readers", "chat", index, 1)).collect();
        let text = told(1, &committed);
        assert_eq!(text.matches("kafka_consumergroup_lag{").count(), 1, "{text}");
        let sum = "kafka_consumergroup_lag_sum{consumergroup=\"readers\",topic=\"chat\"} 13";
        assert!(text.contains(sum), "{text}");
        assert!(text.ends_with("klamm_consumergroup_offsets_untold 1"), "{text}");
    }

    #[test]
    fn groups_are_counted_by_what_they_do() {
        let mut groups = Groups::default();
        let all =
            [("one", State::Stable, 2), ("two", State::Stable, 1), ("three", State::Empty, 0)];
        for (group, state, members) in all {
            groups.add(Glance { group, state, members });
        }
        let mut text = String::new();
        groups.write(&mut text);
        for line in [
            "kafka_coordinator_group_groupmetadatamanager_numgroups 3",
            "kafka_coordinator_group_groupmetadatamanager_numgroupsstable 2",
            "kafka_coordinator_group_groupmetadatamanager_numgroupsempty 1",
            "kafka_coordinator_group_groupmetadatamanager_numgroupspreparingrebalance 0",
            "kafka_consumergroup_members{consumergroup=\"one\"} 2",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is missing in {text}");
        }
    }
}
