//! `klamm group reset`: have a group go on somewhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use client::{Client, ErrorCode, GroupDescription, Isolation, Moment};
use serde::Serialize;
use types::{Offset, Timestamp, TopicPartition};

use super::offsets_file;
use super::plan::{Facts, Step, Target, step};
use super::selection::{self, Selection};
use crate::connect::Connect;
use crate::print::{self, Output};
use crate::table::{Table, count, or_dash};
use crate::{Failure, moment};

const EXAMPLES: &str = "Examples:
  klamm group reset billing --topic payments --to-earliest            shows what would be done
  klamm group reset billing --topic payments --to-earliest --execute
  klamm group reset billing --topic payments:0,3 --shift-by -100 --execute
  klamm group reset billing --all-topics --to-datetime 2026-11-24T17:30:00
  klamm group reset billing --all-topics --by-duration PT1H30M
  klamm group reset billing --from-file offsets.csv

The lines of a file are topic,partition,offset. A group has to be without members: they would go on
where they are. Without --execute nothing is changed.";

/// What `klamm group reset` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("where").required(true))]
#[command(group = ArgGroup::new("which").required(true).multiple(true))]
pub(crate) struct Arguments {
    /// The group; it need not be there yet
    group: String,
    /// A topic, or some of its partitions; may be given several times
    #[arg(long, value_name = "TOPIC[:N,…]", group = "which")]
    topic: Vec<Selection>,
    /// All topics for which the group has committed something
    #[arg(long, conflicts_with = "topic", group = "which")]
    all_topics: bool,
    /// To the first record there is
    #[arg(long, group = "where")]
    to_earliest: bool,
    /// Behind the last record there is
    #[arg(long, group = "where")]
    to_latest: bool,
    /// To this offset
    #[arg(long, value_name = "N", allow_negative_numbers = true, group = "where", value_parser = clap::value_parser!(i64).range(0..))]
    to_offset: Option<i64>,
    /// So many records further, or back
    #[arg(long, value_name = "N", group = "where", allow_negative_numbers = true)]
    shift_by: Option<i64>,
    /// To the first record of this time or a later one; UTC, unless it says something else
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM:SS", group = "where", value_parser = moment::date_time)]
    to_datetime: Option<Timestamp>,
    /// To the first record that is not older than this, such as P7D or PT1H30M
    #[arg(long, value_name = "DURATION", group = "where", value_parser = moment::duration)]
    by_duration: Option<Duration>,
    /// To where a file says
    #[arg(long, value_name = "FILE", groups = ["where", "which"])]
    from_file: Option<PathBuf>,
    /// Do it
    #[arg(long)]
    execute: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

type Steps = BTreeMap<TopicPartition, Step>;

/// What is done, or would be, for programs.
#[derive(Debug, Serialize)]
struct Report<'a> {
    group: &'a str,
    executed: bool,
    offsets: Vec<ReportedStep<'a>>,
}

#[derive(Debug, Serialize)]
struct ReportedStep<'a> {
    topic: &'a str,
    partition: i32,
    current: Option<i64>,
    new: i64,
    note: Option<&'a str>,
}

/// Shows the plan, and carries it out when asked to.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let target = arguments.target()?;
    let client = arguments.connect.client().await?;
    let group = client.describe_group(&arguments.group).await?;
    let members = group.as_ref().and_then(members);
    if let Some(members) = members.as_ref().filter(|_| arguments.execute) {
        return Err(Failure::Failed(members.clone()));
    }
    let steps = plan(&client, arguments, &target).await?;
    if arguments.execute {
        execute(&client, &arguments.group, &steps).await?;
    }
    match arguments.output {
        Output::Json => print::json(&report(arguments, &steps)),
        Output::Text => show(&steps),
    }
    if !arguments.execute {
        print::problem("note: nothing was changed; --execute does it");
        members.iter().for_each(|members| print::problem(&format!("note: {members}")));
    }
    Ok(())
}

impl Arguments {
    fn target(&self) -> Result<Target, Failure> {
        if let Some(path) = &self.from_file {
            return Ok(Target::Given(offsets_file::read(path)?));
        }
        let given = [
            self.to_earliest.then_some(Target::Earliest),
            self.to_latest.then_some(Target::Latest),
            self.to_offset.map(Target::Offset),
            self.shift_by.map(Target::ShiftBy),
            self.to_datetime.map(Target::Time),
            self.by_duration.map(|duration| Target::Time(before_now(duration))),
        ];
        let target = given.into_iter().flatten().next();
        Ok(target.expect("the command line requires one of them"))
    }
}

fn before_now(duration: Duration) -> Timestamp {
    let milliseconds = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Timestamp(moment::now().0.saturating_sub(milliseconds).max(0))
}

/// What stands in the way of a group with members.
fn members(group: &GroupDescription) -> Option<String> {
    if group.members.is_empty() && group.state != "PreparingRebalance" {
        return None;
    }
    Some(format!(
        "group {} has {} ({}): stop them first, since they would go on where they are; `klamm group describe {} --members` shows where they run",
        group.id,
        count(group.members.len() as u64, "member"),
        group.state,
        group.id
    ))
}

async fn plan(client: &Client, arguments: &Arguments, target: &Target) -> Result<Steps, Failure> {
    let committed = client.committed_offsets(&arguments.group, None).await?;
    let partitions = if arguments.all_topics {
        committed.keys().cloned().collect()
    } else if let (Target::Given(offsets), []) = (target, arguments.topic.as_slice()) {
        offsets.keys().cloned().collect()
    } else {
        selection::partitions(client, &arguments.topic).await?
    };
    if partitions.is_empty() {
        return Err(Failure::Failed(format!(
            "group {} has committed nothing: say with --topic what it is about",
            arguments.group
        )));
    }
    // A topic that is gone would be waited for.
    let names: BTreeSet<_> = partitions.iter().map(|partition| partition.topic.clone()).collect();
    crate::topic::find(client, &names.into_iter().collect::<Vec<_>>()).await?;
    let starts = offsets(client, &partitions, Moment::Earliest).await?;
    let ends = offsets(client, &partitions, Moment::Latest).await?;
    let at_times = match target {
        Target::Time(time) => offsets(client, &partitions, Moment::At(*time)).await?,
        Target::Earliest
        | Target::Latest
        | Target::Offset(_)
        | Target::ShiftBy(_)
        | Target::Given(_) => BTreeMap::new(),
    };
    let mut steps = Steps::new();
    for partition in partitions {
        let (Some(start), Some(end)) = (starts.get(&partition), ends.get(&partition)) else {
            return Err(Failure::Failed(format!("{partition} does not say where it ends")));
        };
        let current = committed.get(&partition).map(|committed| committed.offset);
        let at_time = at_times.get(&partition).copied();
        let facts = Facts { current, start: *start, end: *end, at_time };
        let step = step(target, &partition, facts).map_err(Failure::Failed)?;
        steps.insert(partition, step);
    }
    Ok(steps)
}

async fn offsets(
    client: &Client,
    partitions: &BTreeSet<TopicPartition>,
    moment: Moment,
) -> Result<BTreeMap<TopicPartition, Offset>, Failure> {
    let wanted = partitions.iter().map(|partition| (partition.clone(), moment)).collect();
    let found = client.list_offsets(&wanted, Isolation::ReadUncommitted).await?;
    Ok(found.into_iter().filter_map(|(it, found)| Some((it, found?.offset))).collect())
}

async fn execute(client: &Client, group: &str, steps: &Steps) -> Result<(), Failure> {
    let offsets = steps.iter().map(|(partition, step)| (partition.clone(), step.new)).collect();
    let outcomes = client.commit_offsets(group, &offsets).await?;
    let refused = outcomes.iter().find_map(|(it, outcome)| Some((it, outcome.as_ref().err()?)));
    let Some((partition, refusal)) = refused else { return Ok(()) };
    if refusal.code == ErrorCode::UnknownMemberId {
        return Err(Failure::Failed(format!(
            "group {group} has got members meanwhile: stop them, and try again"
        )));
    }
    Err(Failure::Failed(format!("{partition}: {refusal}")))
}

fn report<'a>(arguments: &'a Arguments, steps: &'a Steps) -> Report<'a> {
    let offsets = steps.iter().map(|(partition, step)| ReportedStep {
        topic: partition.topic.as_str(),
        partition: partition.partition.0,
        current: step.current.map(|offset| offset.0),
        new: step.new.0,
        note: step.note.as_deref(),
    });
    Report { group: &arguments.group, executed: arguments.execute, offsets: offsets.collect() }
}

fn show(steps: &Steps) {
    let mut table = Table::new(["TOPIC", "PARTITION", "CURRENT", "NEW", ""]);
    for (partition, step) in steps {
        table.row([
            partition.topic.to_string(),
            partition.partition.to_string(),
            or_dash(step.current),
            step.new.to_string(),
            step.note.clone().unwrap_or_default(),
        ]);
    }
    table.print();
}
