//! `klamm group describe`: where a group stands, and who its members are.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use client::{
    Client, CommittedOffset, GroupDescription, Isolation, MemberDescription, Moment, Wanted,
};
use serde::Serialize;
use types::{Offset, TopicName, TopicPartition};

use super::no_group;
use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};
use crate::table::{Table, count, or_dash};

const EXAMPLES: &str = "Examples:
  klamm group describe billing                 offsets and lag, partition by partition
  klamm group describe billing --members       who reads what
  klamm group describe billing -o json | jq '[.offsets[].lag] | add'

CURRENT is the offset of the record that the group reads next, END that of the next one to come,
LAG what lies between. With -o json there are the group's state, its members and its offsets.";

/// What `klamm group describe` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The group
    group: String,
    /// Show the members
    #[arg(long, conflicts_with = "offsets")]
    members: bool,
    /// Show the offsets; the default
    #[arg(long)]
    offsets: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// A group for programs. The names of the fields are a promise.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    group: &'a str,
    state: &'a str,
    protocol_type: &'a str,
    assignor: &'a str,
    coordinator: i32,
    members: Vec<DescribedMember<'a>>,
    offsets: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DescribedMember<'a> {
    member: &'a str,
    instance: Option<&'a str>,
    client_id: &'a str,
    host: &'a str,
    partitions: Vec<DescribedPartition<'a>>,
}

#[derive(Debug, Serialize)]
struct DescribedPartition<'a> {
    topic: &'a str,
    partition: i32,
}

/// Where the group stands in a partition.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    topic: &'a str,
    partition: i32,
    current: Option<i64>,
    end: Option<i64>,
    lag: Option<i64>,
    member: Option<&'a str>,
    host: Option<&'a str>,
    client_id: Option<&'a str>,
}

/// Shows a group.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let client = arguments.connect.client().await?;
    let Some(group) = client.describe_group(&arguments.group).await? else {
        return Err(no_group(&arguments.group));
    };
    let committed = client.committed_offsets(&group.id, None).await?;
    let assigned = group.members.iter().flat_map(|member| &member.assigned);
    let partitions: BTreeSet<TopicPartition> = committed.keys().chain(assigned).cloned().collect();
    let ends = ends(&client, &partitions).await?;
    let rows = rows(&group, &partitions, &committed, &ends);
    match arguments.output {
        Output::Json => print::json(&described(&group, rows)),
        Output::Text => {
            summary(&group);
            if arguments.members { print_members(&group) } else { print_offsets(&rows) }
        }
    }
    Ok(())
}

/// Where the partitions end that are still there and have a leader.
async fn ends(
    client: &Client,
    partitions: &BTreeSet<TopicPartition>,
) -> Result<BTreeMap<TopicPartition, Offset>, Failure> {
    let topics: BTreeSet<TopicName> = partitions.iter().map(|it| it.topic.clone()).collect();
    let topics: Vec<TopicName> = topics.into_iter().collect();
    let cluster = client.cluster(Wanted::Topics(&topics)).await?;
    let is_led = |place: &&TopicPartition| {
        let topic = cluster.topics.get(&place.topic).and_then(|topic| topic.as_ref().ok());
        let partition = topic.and_then(|topic| topic.partitions.get(&place.partition));
        partition.is_some_and(|partition| partition.leader.is_some())
    };
    let led = partitions.iter().filter(is_led);
    let wanted = led.map(|partition| (partition.clone(), Moment::Latest)).collect();
    let found = client.list_offsets(&wanted, Isolation::ReadUncommitted).await?;
    Ok(found.into_iter().filter_map(|(it, found)| Some((it, found?.offset))).collect())
}

fn rows<'a>(
    group: &'a GroupDescription,
    partitions: &'a BTreeSet<TopicPartition>,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
    ends: &BTreeMap<TopicPartition, Offset>,
) -> Vec<Row<'a>> {
    let row = |place: &'a TopicPartition| {
        let member = group.members.iter().find(|member| member.assigned.contains(place));
        let current = committed.get(place).map(|committed| committed.offset.0);
        let end = ends.get(place).map(|end| end.0);
        Row {
            topic: place.topic.as_str(),
            partition: place.partition.0,
            current,
            end,
            lag: end.zip(current).map(|(end, current)| end - current),
            member: member.map(|member| member.id.as_str()),
            host: member.map(|member| member.host.as_str()),
            client_id: member.map(|member| member.client_id.as_str()),
        }
    };
    partitions.iter().map(row).collect()
}

fn described<'a>(group: &'a GroupDescription, offsets: Vec<Row<'a>>) -> Described<'a> {
    let partition = |it: &'a TopicPartition| DescribedPartition {
        topic: it.topic.as_str(),
        partition: it.partition.0,
    };
    let member = |member: &'a MemberDescription| DescribedMember {
        member: &member.id,
        instance: member.instance.as_deref(),
        client_id: &member.client_id,
        host: &member.host,
        partitions: member.assigned.iter().map(partition).collect(),
    };
    Described {
        group: &group.id,
        state: &group.state,
        protocol_type: &group.protocol_type,
        assignor: &group.assignor,
        coordinator: group.coordinator.0,
        members: group.members.iter().map(member).collect(),
        offsets,
    }
}

fn summary(group: &GroupDescription) {
    let assignor = match group.assignor.as_str() {
        "" => String::new(),
        assignor => format!(", assignor {assignor}"),
    };
    let members = count(group.members.len() as u64, "member");
    print::line(&format!(
        "group {}, {}, {members}{assignor}, coordinator {}",
        group.id, group.state, group.coordinator
    ));
}

fn print_offsets(rows: &[Row<'_>]) {
    if rows.is_empty() {
        return print::line("it has committed nothing");
    }
    let heading = ["TOPIC", "PARTITION", "CURRENT", "END", "LAG", "MEMBER", "HOST", "CLIENT-ID"];
    let mut table = Table::new(heading);
    for row in rows {
        table.row([
            row.topic.to_owned(),
            row.partition.to_string(),
            or_dash(row.current),
            or_dash(row.end),
            or_dash(row.lag),
            or_dash(row.member),
            or_dash(row.host),
            or_dash(row.client_id),
        ]);
    }
    table.print();
}

fn print_members(group: &GroupDescription) {
    if group.members.is_empty() {
        return;
    }
    let mut table = Table::new(["MEMBER", "INSTANCE", "HOST", "CLIENT-ID", "COUNT", "PARTITIONS"]);
    for member in &group.members {
        table.row([
            member.id.clone(),
            or_dash(member.instance.as_ref()),
            member.host.clone(),
            member.client_id.clone(),
            member.assigned.len().to_string(),
            by_topic(&member.assigned),
        ]);
    }
    table.print();
}

/// `chat:0,2 events:1`.
fn by_topic(partitions: &BTreeSet<TopicPartition>) -> String {
    let mut topics: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for it in partitions {
        topics.entry(it.topic.as_str()).or_default().push(it.partition.to_string());
    }
    let texts = topics.iter().map(|(topic, numbers)| format!("{topic}:{}", numbers.join(",")));
    or_dash((!topics.is_empty()).then(|| texts.collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use types::{BrokerId, LeaderEpoch, PartitionIndex};

    use super::*;

    fn place(topic: &str, number: i32) -> TopicPartition {
        let topic = TopicName::parse(topic).unwrap();
        TopicPartition { topic, partition: PartitionIndex(number) }
    }

    fn group() -> GroupDescription {
        let member = MemberDescription {
            id: "m".into(),
            instance: None,
            client_id: "klamm".into(),
            host: "/127.0.0.1".into(),
            assigned: BTreeSet::from([place("chat", 0), place("chat", 2), place("events", 1)]),
        };
        GroupDescription {
            id: "g".into(),
            state: "Stable".into(),
            protocol_type: "consumer".into(),
            assignor: "range".into(),
            coordinator: BrokerId(0),
            members: vec![member],
        }
    }

    #[test]
    fn lag_is_what_lies_between_and_unknown_when_either_is() {
        let group = group();
        let partitions = BTreeSet::from([place("chat", 0), place("chat", 1), place("gone", 0)]);
        let committed = |offset| CommittedOffset {
            offset: Offset(offset),
            leader_epoch: LeaderEpoch::NONE,
            metadata: String::new(),
        };
        let offsets = [(place("chat", 1), committed(7)), (place("gone", 0), committed(3))].into();
        let ends = [(place("chat", 0), Offset(5)), (place("chat", 1), Offset(9))].into();
        let rows = rows(&group, &partitions, &offsets, &ends);
        let lags: Vec<_> = rows.iter().map(|row| (row.current, row.end, row.lag)).collect();
        assert_eq!(
            lags,
            [(None, Some(5), None), (Some(7), Some(9), Some(2)), (Some(3), None, None)]
        );
        let members: Vec<_> = rows.iter().map(|row| row.member).collect();
        assert_eq!(members, [Some("m"), None, None]);
    }

    #[test]
    fn what_a_member_reads_is_told_topic_by_topic() {
        assert_eq!(by_topic(&group().members[0].assigned), "chat:0,2 events:1");
        assert_eq!(by_topic(&BTreeSet::new()), "-");
    }
}
