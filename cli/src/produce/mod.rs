//! `klamm produce`: lines become records.
//!
//! `lines` says which record a line is, `input` reads them on a thread of its own, `report` tells
//! what became of them.

mod input;
mod lines;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use client::records::{Codec, Compression};
use client::{Acks, Delivery, DeliveryError, Producer, ProducerConfig};
use tokio::sync::{Notify, mpsc};
use types::{PartitionIndex, TopicName};

use crate::connect::Connect;
use crate::escape::{Separator, separator, unescape};
use crate::print::Output;
use crate::stop::Stop;
use crate::{Failure, topic};

use input::Input;
use lines::Lines;
use report::Report;

const EXAMPLES: &str = "Examples:
  echo 'ada:hello' | klamm produce messages -K:
  klamm produce events -z zstd events.jsonl
  klamm produce profiles -K '\\t' -Z < changes.tsv     a line `key<TAB>` is a tombstone
  klamm produce messages -H source=shell -p 3 -o json < lines.txt

A record with a key goes to the partition that Java's producer chooses, too. Every record is
acknowledged by all replicas in sync and written once; when one is not, the exit code is 1 and
standard error says which line it was.

With -o json each record gets a line, in the order of the answers:
  {\"line\":1,\"partition\":3,\"offset\":42}
  {\"line\":2,\"error\":\"…\"}";

/// What `klamm produce` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The topic
    #[arg(value_parser = topic::name)]
    topic: TopicName,
    /// Files of lines; `-` is standard input [default: -]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What stands between key and value in a line, such as `:` or `\t`; a line without it has no
    /// key
    #[arg(short = 'K', long, value_name = "SEP", value_parser = separator)]
    key_separator: Option<Separator>,
    /// The key of all records
    #[arg(short, long, conflicts_with = "key_separator", value_parser = unescape_text)]
    key: Option<Separator>,
    /// What ends a record in the input
    #[arg(short = 'D', long, value_name = "SEP", default_value = "\\n", value_parser = separator)]
    delimiter: Separator,
    /// A header of all records; may be given several times; without `=` its value is null
    #[arg(short = 'H', long, value_name = "NAME=VALUE")]
    header: Vec<String>,
    /// The partition of all records
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// How batches are compressed
    #[arg(short = 'z', long, value_enum, default_value_t = CodecName::None)]
    compression: CodecName,
    /// An empty value or key is null
    #[arg(short = 'Z', long)]
    null: bool,
    /// Whom to wait for; with `1` a record may be lost or written twice when a broker fails
    #[arg(long, value_enum, default_value_t = AcksName::All)]
    acks: AcksName,
    /// For how many milliseconds a record waits for others to share a batch
    #[arg(long, value_name = "MS", default_value_t = 5)]
    linger: u64,
    /// For how many seconds a record may stay unacknowledged
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CodecName {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AcksName {
    All,
    #[value(name = "1")]
    Leader,
}

/// How many records may wait between the reader of the input and the producer.
const RECORDS_MAX: usize = 1_024;

/// Sends what the input holds.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let lines = arguments.lines();
    let input = Input::open(&arguments.files, arguments.delimiter.0.clone())?;
    let client = arguments.connect.client().await?;
    let config = arguments.config();
    let mut stop = Stop::listen()?;
    let producer = Producer::new(client, arguments.topic, config).await?;

    let (records, from_input) = mpsc::channel(RECORDS_MAX);
    let is_typed = input.is_typed();
    let reading = input.read(lines, records);
    let mut report = Report::new(arguments.output, is_typed);
    let enough = Notify::new();
    let until = async {
        tokio::select! {
            () = stop.requested() => {}
            () = enough.notified() => {}
        }
    };
    let tell = |delivery: Delivery| {
        if delivery.outcome.as_ref().is_err_and(ends_it_all) {
            enough.notify_one();
        }
        report.tell(&delivery);
    };
    producer.run(from_input, until, tell).await;
    report.close(reading.ended(), is_typed)
}

/// Whether there is no sense in sending more: what failed is not about this one record.
fn ends_it_all(error: &DeliveryError) -> bool {
    match error {
        DeliveryError::Refused(error) => !report::is_about_the_record(error),
        DeliveryError::Unknown(_) | DeliveryError::NoProducerId(_) => true,
        DeliveryError::Invalid(_) | DeliveryError::NoPartition(_) => false,
    }
}

impl Arguments {
    fn lines(&self) -> Lines {
        let header = |text: &String| match text.split_once('=') {
            Some((name, value)) => (name.to_owned().into(), Some(value.to_owned().into())),
            None => (text.clone().into(), None),
        };
        Lines {
            key_separator: self.key_separator.clone().map(|it| it.0),
            key: self.key.clone().map(|it| it.0.into()),
            empty_is_null: self.null,
            headers: self.header.iter().map(header).collect(),
            partition: self.partition.map(PartitionIndex),
        }
    }

    fn config(&self) -> ProducerConfig {
        let codec = match self.compression {
            CodecName::None => Codec::None,
            CodecName::Gzip => Codec::Gzip,
            CodecName::Snappy => Codec::Snappy,
            CodecName::Lz4 => Codec::Lz4,
            CodecName::Zstd => Codec::Zstd,
        };
        let acks = match self.acks {
            AcksName::All => Acks::All,
            AcksName::Leader => Acks::Leader,
        };
        ProducerConfig {
            idempotent: acks == Acks::All,
            acks,
            compression: Compression::new(codec),
            linger: Duration::from_millis(self.linger),
            delivery_deadline: Duration::from_secs(self.timeout),
            ..ProducerConfig::default()
        }
    }
}

/// A text with escapes, which may be empty.
fn unescape_text(text: &str) -> Result<Separator, String> {
    unescape(text).map(Separator)
}
