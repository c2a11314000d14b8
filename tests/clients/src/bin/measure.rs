//! Measures a broker from outside: start, memory, and processor time for each gigabyte.
//!
//! One librdkafka producer and one consumer with 1 KiB records; Klamm, and with `--kafka` Apache
//! Kafka in turns with it, on the same machine with the same client. Figures are the least, the
//! middle and the most of the rounds.

#![expect(clippy::print_stdout, reason = "the figures are for a person to read")]

use anyhow::{Context, Result, bail};
use client_tests::client::{Client, librdkafka::Librdkafka};
use client_tests::server::Server;
use client_tests::wait;
use client_tests::{probe, process};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::time::Duration;

const TOPIC: &str = "measured";
const PARTITIONS: i32 = 10;
const RECORD_BYTES: usize = 1024;
const RECORDS: u32 = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(120);
const ROUNDS: usize = 3;

/// What is measured in a round, with the unit in the name.
const FIGURES: [&str; 9] = [
    "start to first acknowledgement, ms",
    "restart after SIGKILL to the same, ms",
    "memory idle, MiB",
    "processor idle, % of a core",
    "memory at most under load, MiB",
    "produced, MB/s",
    "produced, processor s/GB",
    "consumed, MB/s",
    "consumed, processor s/GB",
];

type Round = [f64; FIGURES.len()];

fn main() -> Result<()> {
    let with_kafka = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--kafka") => true,
        Some(other) => bail!("`--kafka` is the one argument, not `{other}`"),
    };
    let (mut klamm, mut kafka) = (Vec::new(), Vec::new());
    for number in 1..=ROUNDS {
        println!("round {number} of {ROUNDS}");
        klamm.push(round(Server::klamm()?)?);
        if with_kafka {
            kafka.push(round(Server::kafka()?)?);
        }
    }
    print("Klamm", &klamm);
    if with_kafka {
        print("Apache Kafka", &kafka);
    }
    Ok(())
}

fn round(mut server: Server) -> Result<Round> {
    let mut client = Librdkafka::impatient(server.bootstrap())?;
    client.create(TOPIC, PARTITIONS)?;
    acknowledge(&server)?;
    let start = server.started().elapsed();
    let (idle_memory, idle_processor) = idle(&server)?;
    let produced = moved(&server, || produce(server.bootstrap()))?;
    let consumed = moved(&server, || consume(server.bootstrap()))?;
    let memory_max = process::resident_bytes_max(server.broker()?)?;
    server.crash()?;
    acknowledge(&server)?;
    let restart = server.started().elapsed();
    Ok([
        start.as_secs_f64() * 1e3,
        restart.as_secs_f64() * 1e3,
        mebibytes(idle_memory),
        idle_processor * 100.0,
        mebibytes(memory_max),
        produced.rate,
        produced.processor,
        consumed.rate,
        consumed.processor,
    ])
}

/// Has a record acknowledged.
fn acknowledge(server: &Server) -> Result<()> {
    wait::until(PATIENCE, "a record is acknowledged", || {
        Ok(probe::produce(server.bootstrap(), TOPIC).ok())
    })
}

/// Memory, and processor time as a share of a core, of a broker that nobody asks anything.
fn idle(server: &Server) -> Result<(u64, f64)> {
    let watch = Duration::from_secs(10);
    let before = process::cpu_seconds(server.broker()?)?;
    wait::pause(watch);
    let used = process::cpu_seconds(server.broker()?)? - before;
    Ok((process::resident_bytes(server.broker()?)?, used / watch.as_secs_f64()))
}

/// Megabytes a second, and the broker's processor seconds for each gigabyte.
struct Moved {
    rate: f64,
    processor: f64,
}

fn moved(server: &Server, work: impl FnOnce() -> Result<Duration>) -> Result<Moved> {
    let before = process::cpu_seconds(server.broker()?)?;
    let took = work()?;
    let used = process::cpu_seconds(server.broker()?)? - before;
    let bytes = f64::from(RECORDS) * f64::from(u32::try_from(RECORD_BYTES)?);
    Ok(Moved { rate: bytes / 1e6 / took.as_secs_f64(), processor: used / (bytes / 1e9) })
}

/// Sends all records; answers with the time from the first to the last acknowledgement.
fn produce(bootstrap: &str) -> Result<Duration> {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("acks", "all").create()?;
    let payload = [b'x'; RECORD_BYTES];
    let start = wait::now();
    for index in 0..RECORDS {
        let partition = i32::try_from(index)? % PARTITIONS;
        let mut record = BaseRecord::<(), [u8]>::to(TOPIC).partition(partition).payload(&payload);
        while let Err((error, refused)) = producer.send(record) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(error).context("failed to queue a record");
            }
            producer.poll(Duration::from_millis(1));
            record = refused;
        }
    }
    producer.flush(PATIENCE)?;
    Ok(start.elapsed())
}

/// Reads all records; answers with the time from the first to the last.
fn consume(bootstrap: &str) -> Result<Duration> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "assigned-only")
        .set("enable.auto.commit", "false")
        .create()?;
    let mut assignment = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        assignment.add_partition_offset(TOPIC, partition, Offset::Beginning)?;
    }
    consumer.assign(&assignment)?;
    let mut left = RECORDS;
    let mut start = wait::now();
    while left > 0 {
        let message = consumer.poll(PATIENCE).context("records are missing")??;
        if left == RECORDS {
            start = wait::now();
        }
        // The records that were acknowledged for the start's sake have no value.
        left -= u32::from(message.payload_len() > 0);
    }
    Ok(start.elapsed())
}

fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1024.0
}

fn print(name: &str, rounds: &[Round]) {
    println!("\n{name}, {} rounds: least / middle / most", rounds.len());
    for (figure, name) in FIGURES.iter().enumerate() {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[figure]).collect();
        values.sort_by(f64::total_cmp);
        let (least, most) = (values[0], values[values.len() - 1]);
        println!("  {name:<40} {least:>9.2} / {:>9.2} / {most:>9.2}", values[values.len() / 2]);
    }
}
