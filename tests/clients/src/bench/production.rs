//! Records that are produced as fast as it goes, by librdkafka with its own defaults.

use crate::wait;
use anyhow::{Context, Result, anyhow, ensure};
use floor::receive::Shape;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, ClientContext};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
/// How many records are sent before the producer looks after what was acknowledged.
const LOOK: u64 = 256;

/// What is produced, and by how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Production {
    /// 1 KiB by one producer.
    LargeByOne,
    /// 1 KiB by 50 producers.
    LargeByMany,
    /// 100 bytes by one producer.
    SmallByOne,
    /// 100 bytes by 50 producers.
    SmallByMany,
    /// 1 KiB by one producer, in batches as small as the Java client's.
    InSmallBatches,
}

impl Production {
    /// What a person calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Production::LargeByOne => "1 KiB, 1 producer",
            Production::LargeByMany => "1 KiB, 50 producers",
            Production::SmallByOne => "100 B, 1 producer",
            Production::SmallByMany => "100 B, 50 producers",
            Production::InSmallBatches => "1 KiB in batches of 16 KiB",
        }
    }

    /// The value of each record.
    #[must_use]
    pub fn value_bytes(self) -> usize {
        match self {
            Production::LargeByOne | Production::LargeByMany | Production::InSmallBatches => 1024,
            Production::SmallByOne | Production::SmallByMany => 100,
        }
    }

    /// What the floor gets instead.
    #[must_use]
    pub fn shape(self) -> Shape {
        match self {
            Production::LargeByOne | Production::SmallByOne => {
                Shape { connections: 1, block_bytes: 256 << 10 }
            }
            Production::LargeByMany | Production::SmallByMany => {
                Shape { connections: 50, block_bytes: 256 << 10 }
            }
            Production::InSmallBatches => Shape { connections: 1, block_bytes: 16 << 10 },
        }
    }

    /// Megabytes in a second that a machine of two cores does at least.
    pub(super) fn expected_rate(self) -> f64 {
        match self {
            Production::LargeByOne => 250.0,
            Production::LargeByMany => 180.0,
            Production::SmallByOne => 150.0,
            Production::SmallByMany => 100.0,
            Production::InSmallBatches => 110.0,
        }
    }

    /// Sends about so many bytes of values; says how long it took until all were acknowledged.
    pub fn run(self, bootstrap: &str, topic: &str, bytes: f64) -> Result<Duration> {
        let producers = self.shape().connections;
        let each = records(bytes, self.value_bytes()) / producers as u64;
        let clients = (0..producers).map(|_| self.client(bootstrap));
        let clients = clients.collect::<Result<Vec<_>>>()?;
        let start = wait::now();
        thread::scope(|scope| {
            let send = |client| scope.spawn(move || send(client, topic, self.value_bytes(), each));
            let threads: Vec<_> = clients.iter().map(send).collect();
            for thread in threads {
                thread.join().map_err(|_| anyhow!("a producer's thread panicked"))??;
            }
            anyhow::Ok(())
        })?;
        Ok(start.elapsed())
    }

    fn client(self, bootstrap: &str) -> Result<BaseProducer<Acknowledged>> {
        let mut settings = ClientConfig::new();
        settings.set("bootstrap.servers", bootstrap).set("acks", "all");
        // What 50 producers may queue by default is more memory than there is.
        settings.set("queue.buffering.max.kbytes", "16384");
        if self == Production::InSmallBatches {
            settings.set("batch.size", "16384");
        }
        Ok(settings.create_with_context(Acknowledged::default())?)
    }
}

/// Fills a topic with records of 1 KiB, evenly and in batches of the same size whatever the broker.
pub fn fill(bootstrap: &str, topic: &str, partitions: i32, bytes: f64) -> Result<()> {
    let mut settings = ClientConfig::new();
    settings.set("bootstrap.servers", bootstrap).set("acks", "all");
    settings.set("batch.size", "262144").set("linger.ms", "100");
    let producer: BaseProducer<Acknowledged> =
        settings.create_with_context(Acknowledged::default())?;
    let value = vec![b'x'; Production::LargeByOne.value_bytes()];
    let each = records(bytes, value.len()) / u64::try_from(partitions)?;
    for _ in 0..each {
        for partition in 0..partitions {
            queue(&producer, BaseRecord::to(topic).partition(partition).payload(&value))?;
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(PATIENCE)?;
    producer.context().ensure(each * u64::try_from(partitions)?)
}

/// How many records that makes.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a small count")]
pub fn records(bytes: f64, value_bytes: usize) -> u64 {
    (bytes / value_bytes as f64) as u64
}

fn send(
    producer: &BaseProducer<Acknowledged>,
    topic: &str,
    value_bytes: usize,
    records: u64,
) -> Result<()> {
    let value = vec![b'x'; value_bytes];
    for record in 0..records {
        queue(producer, BaseRecord::to(topic).payload(&value))?;
        if record % LOOK == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(PATIENCE)?;
    producer.context().ensure(records)
}

fn queue(
    producer: &BaseProducer<Acknowledged>,
    mut record: BaseRecord<'_, (), Vec<u8>>,
) -> Result<()> {
    let mut start = None;
    while let Err((error, refused)) = producer.send(record) {
        let since = start.get_or_insert_with(wait::now);
        ensure!(since.elapsed() < PATIENCE, "the broker acknowledges nothing any more");
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
            return Err(error).context("failed to queue a record");
        }
        producer.poll(Duration::from_millis(1));
        record = refused;
    }
    Ok(())
}

/// Counts what was acknowledged.
#[derive(Default)]
struct Acknowledged(AtomicU64);

impl Acknowledged {
    fn ensure(&self, wanted: u64) -> Result<()> {
        let count = self.0.load(Ordering::Relaxed);
        ensure!(count == wanted, "{count} of {wanted} records were acknowledged");
        Ok(())
    }
}

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_ok() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}
