//! `klamm consume`: records of topics, one a line.
//!
//! `start` says from where on, `format` how a record is written, `sink` writes it; `assigned` reads
//! partitions that are named here, `member` those that a group gives it.

mod assigned;
mod format;
mod json;
mod member;
mod sink;
mod start;

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use client::{Assignor, GroupConfig, Isolation};
use types::{PartitionIndex, TopicName};

use crate::connect::Connect;
use crate::escape::{Separator, separator};
use crate::print::Output;
use crate::{Failure, topic};

use format::Format;
use start::From;

const EXAMPLES: &str = "Examples:
  klamm consume messages                              all there is, then what comes
  klamm consume messages -e                           all there is
  klamm consume messages --from end                   what comes
  klamm consume messages --from -10 -e -K:            the last 10 of each partition, with keys
  klamm consume messages --from 2026-11-24T17:30 -c 5
  klamm consume messages -f '%t %p @%o %T: %k = %s\\n'
  klamm consume messages -e -o json | jq .value
  klamm consume messages --group billing              as a member of a group

With --group the members share the partitions, and each goes on where the group stands; --from is
for partitions in which it stands nowhere yet. What is written is committed every second, when
partitions are given up, and at the end, by Ctrl-C or otherwise: a crash may have some records
written again and loses none.

Formats, as kcat's:
  %s value     %S its length, -1 for none     %t topic       %T timestamp in ms
  %k key       %K its length, -1 for none     %p partition   %h headers, NAME=VALUE,…
  %R length of the value, 4 bytes, big-endian %o offset      %% a percent sign
  \\n \\r \\t \\0 \\\\ \\xNN stand for bytes

With -o json each record is a line:
  {\"topic\":\"messages\",\"partition\":0,\"offset\":7,\"timestamp\":1795541400123,
   \"timestampType\":\"create\",\"key\":\"ada\",\"value\":\"hello\",\"headers\":[{\"key\":\"h\",\"value\":null}]}
A key or value that is not UTF-8 is {\"base64\":\"…\"} instead of a text; timestampType is \"create\" or
\"append\".";

/// What `klamm consume` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The topics
    #[arg(value_name = "TOPIC", value_parser = topic::name, required = true)]
    topics: Vec<TopicName>,
    /// Where to begin: `beginning`, `end`, an OFFSET, `-N` for the last N of each partition, or a
    /// time such as 2026-11-24T17:30:00Z or `@` and milliseconds since 1970
    #[arg(long, value_name = "WHERE", default_value = "beginning", allow_hyphen_values = true)]
    from: From,
    /// Where to stop: `end` is where the partitions end now
    #[arg(long, value_name = "WHERE", value_enum)]
    until: Option<Until>,
    /// Stop where the partitions end now: `--until end`
    #[arg(short = 'e', long)]
    exit: bool,
    /// Stop after so many records
    #[arg(short, long, value_name = "N")]
    count: Option<u64>,
    /// Only these partitions; may be given several times
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(0..), value_delimiter = ',')]
    partition: Vec<i32>,
    /// Which records of transactions to read
    #[arg(long, value_enum, default_value_t = IsolationName::ReadUncommitted)]
    isolation: IsolationName,
    /// Read as a member of this group
    #[arg(short, long, value_name = "GROUP", conflicts_with = "partition", value_parser = NonEmptyStringValueParser::new())]
    group: Option<String>,
    /// Be the static member of this name: who comes back with it gets what it had
    #[arg(long, value_name = "NAME", requires = "group", value_parser = NonEmptyStringValueParser::new())]
    instance_id: Option<String>,
    /// How the group shares partitions out; may be given several times, the best first. With
    /// cooperative-sticky alone this member reads on while it does so [default: range, then
    /// cooperative-sticky, as Java's consumers]
    #[arg(long, value_enum, requires = "group")]
    assignor: Vec<AssignorName>,
    /// After how many seconds of silence the group takes this member for dead
    #[arg(long, value_name = "SECONDS", requires = "group", default_value_t = 45, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    session_timeout: u64,
    /// How a record is written [default: its value and a line break]
    #[arg(short, long, conflicts_with = "output", value_parser = Format::parse)]
    format: Option<Format>,
    /// Write the key, then this, then the value
    #[arg(short = 'K', long, value_name = "SEP", conflicts_with_all = ["format", "output"], value_parser = separator)]
    key_separator: Option<Separator>,
    /// What is written after each record
    #[arg(short = 'D', long, value_name = "SEP", conflicts_with_all = ["format", "output"], value_parser = separator)]
    delimiter: Option<Separator>,
    /// Write `NULL` for a key or value that is null
    #[arg(short = 'Z', long)]
    null: bool,
    /// The form of the records
    #[arg(short, long, value_enum)]
    output: Option<Output>,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum IsolationName {
    ReadUncommitted,
    ReadCommitted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AssignorName {
    Range,
    #[value(name = "roundrobin")]
    RoundRobin,
    CooperativeSticky,
}

/// How each record is written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Json,
    Text { format: Format, null: &'static [u8] },
}

/// Reads records.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.group_config() {
        Some(config) => member::run(&arguments, config).await,
        None => assigned::run(&arguments).await,
    }
}

impl Arguments {
    fn form(&self) -> Form {
        if self.output == Some(Output::Json) {
            return Form::Json;
        }
        let format = self.format.clone().unwrap_or_else(|| {
            let end = self.delimiter.as_ref().map_or(&b"\n"[..], |it| &it.0);
            Format::lines(self.key_separator.as_ref().map(|it| &it.0[..]), end)
        });
        Form::Text { format, null: if self.null { b"NULL" } else { b"" } }
    }

    fn group_name(&self) -> String {
        self.group.clone().unwrap_or_default()
    }

    fn group_config(&self) -> Option<GroupConfig> {
        let topics = self.topics.iter().cloned().collect();
        let mut config = GroupConfig::new(self.group.clone()?, topics);
        config.instance = self.instance_id.clone();
        config.session_timeout = Duration::from_secs(self.session_timeout);
        // Several heartbeats to a session, so that one may be late.
        config.heartbeat_interval = config.heartbeat_interval.min(config.session_timeout / 3);
        if !self.assignor.is_empty() {
            let assignor = |name: &AssignorName| match name {
                AssignorName::Range => Assignor::Range,
                AssignorName::RoundRobin => Assignor::RoundRobin,
                AssignorName::CooperativeSticky => Assignor::CooperativeSticky,
            };
            config.assignors = self.assignor.iter().map(assignor).collect();
        }
        Some(config)
    }

    fn stops_at_the_end(&self) -> bool {
        self.exit || self.until == Some(Until::End)
    }

    fn isolation(&self) -> Isolation {
        match self.isolation {
            IsolationName::ReadUncommitted => Isolation::ReadUncommitted,
            IsolationName::ReadCommitted => Isolation::ReadCommitted,
        }
    }

    fn wants(&self, partition: PartitionIndex) -> bool {
        self.partition.is_empty() || self.partition.contains(&partition.0)
    }
}
