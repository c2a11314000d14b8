//! A steady load of numbered records from one idempotent producer, and the account of what the
//! broker acknowledged.

use crate::wait;
use anyhow::{Context, Result, bail};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::{ClientConfig, ClientContext};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The partitions that the records go to in turns, where nothing else is wanted.
pub const PARTITIONS: i32 = 3;

/// How much is sent.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The partitions that the records go to in turns.
    pub partitions: i32,
    /// Records for each that are sent before the producer rests.
    pub burst: u64,
    /// How long it rests.
    pub rest: Duration,
}

/// Thousands of records a second.
const FAST: Pace = Pace { partitions: PARTITIONS, burst: 5, rest: Duration::from_millis(1) };

const PATIENCE: Duration = Duration::from_secs(120);

/// A producer at work; it goes on through any number of broken connections.
pub struct Load {
    stop: Arc<AtomicBool>,
    worker: JoinHandle<Result<Account>>,
}

/// The offset at which each record of each partition was acknowledged, by the record's number.
pub type Account = Vec<Vec<i64>>;

impl Load {
    /// Starts to send `0`, `1`, `2`, … to every partition of a topic.
    pub fn start(bootstrap: &str, topic: &str) -> Result<Load> {
        Load::at(FAST, bootstrap, topic)
    }

    /// The same at a pace of one's choice.
    pub fn at(pace: Pace, bootstrap: &str, topic: &str) -> Result<Load> {
        let producer: BaseProducer<Acknowledged> = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", "0")
            .set("reconnect.backoff.ms", "10")
            .set("reconnect.backoff.max.ms", "50")
            .set("retry.backoff.ms", "10")
            .set("linger.ms", "1")
            .set("log_level", "2")
            .create_with_context(Acknowledged::default())?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, topic) = (Arc::clone(&stop), topic.to_owned());
        let worker = thread::spawn(move || work(&producer, &topic, pace, &stopped));
        Ok(Load { stop, worker })
    }

    /// Sends no more, waits until everything is acknowledged, and gives account.
    pub fn finish(self) -> Result<Account> {
        self.stop.store(true, Ordering::Relaxed);
        self.worker.join().map_err(|_| anyhow::anyhow!("the producer's thread panicked"))?
    }
}

fn work(
    producer: &BaseProducer<Acknowledged>,
    topic: &str,
    pace: Pace,
    stop: &AtomicBool,
) -> Result<Account> {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..pace.burst {
            for partition in 0..pace.partitions {
                send(producer, topic, partition, number)?;
            }
            number += 1;
        }
        producer.poll(Duration::ZERO);
        wait::pause(pace.rest);
    }
    producer.flush(PATIENCE).context("failed to have the last records acknowledged")?;
    producer.context().account(pace.partitions, number)
}

fn send(
    producer: &BaseProducer<Acknowledged>,
    topic: &str,
    partition: i32,
    number: u64,
) -> Result<()> {
    let payload = number.to_string();
    let mut record =
        BaseRecord::<[u8], str, usize>::with_opaque_to(topic, usize::try_from(number)?)
            .partition(partition)
            .payload(&payload);
    while let Err((error, refused)) = producer.send(record) {
        if error.rdkafka_error_code() != Some(rdkafka::types::RDKafkaErrorCode::QueueFull) {
            return Err(error).context("failed to queue a record");
        }
        producer.poll(Duration::from_millis(10));
        record = refused;
    }
    Ok(())
}

/// What was acknowledged, and the first record that was given up.
#[derive(Default)]
struct Acknowledged(Mutex<Deliveries>);

#[derive(Default)]
struct Deliveries {
    offsets: BTreeMap<i32, Vec<(usize, i64)>>,
    failure: Option<String>,
}

impl Acknowledged {
    fn account(&self, partitions: i32, numbers: u64) -> Result<Account> {
        let mut deliveries = self.0.lock().expect("no delivery panics");
        if let Some(failure) = deliveries.failure.take() {
            bail!("the producer gave up on a record: {failure}");
        }
        let mut account = Account::new();
        for partition in 0..partitions {
            let offsets = deliveries.offsets.entry(partition).or_default();
            if u64::try_from(offsets.len())? != numbers {
                bail!("{} of {numbers} records were answered", offsets.len());
            }
            offsets.sort_unstable();
            account.push(offsets.iter().map(|(_, offset)| *offset).collect());
        }
        Ok(account)
    }
}

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let mut deliveries = self.0.lock().expect("no delivery panics");
        match result {
            Ok(message) => {
                let place = (number, message.offset());
                deliveries.offsets.entry(message.partition()).or_default().push(place);
            }
            Err((error, _)) => deliveries.failure = Some(error.to_string()),
        }
    }
}
