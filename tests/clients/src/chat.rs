//! The messaging case with librdkafka: 100 producers and a group of 5 consumers in one process.
//!
//! Times run from the moment a record is handed to librdkafka to its delivery report, and to the
//! moment a consumer's thread has it.

use crate::wait;
use anyhow::{Context, Result, anyhow, ensure};
use floor::case::{
    self, Beat, CONSUMERS, PARTITIONS, PRODUCERS, Plan, Sample, Samples, VALUE_BYTES,
};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig, ClientContext};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
/// How often a consumer's thread looks whether it is to end.
const LOOK: Duration = Duration::from_millis(500);

/// All clients at work.
pub struct Load {
    beat: Beat,
    producers: JoinHandle<Result<Vec<Sample>>>,
    consumers: Vec<JoinHandle<Result<Vec<Sample>>>>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Starts all clients of a topic that is empty: the case begins when the consumers share its
    /// partitions.
    pub fn start(bootstrap: &str, topic: &str, plan: Plan) -> Result<Load> {
        let group = group(bootstrap, topic)?;
        let beat = Beat::start(plan);
        let stop = Arc::new(AtomicBool::new(false));
        let consumer = |consumer: BaseConsumer| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || receive(&consumer, beat, &stop))
        };
        let consumers = group.into_iter().map(consumer).collect();
        let producers = Producers::start(bootstrap, topic, beat)?;
        let producers = thread::spawn(move || producers.send_all());
        Ok(Load { beat, producers, consumers, stop })
    }

    /// The beat that all go by.
    #[must_use]
    pub fn beat(&self) -> Beat {
        self.beat
    }

    /// Waits until all records were sent, acknowledged and received.
    pub fn finish(self) -> Result<Samples> {
        let produced = self.producers.join();
        // What was acknowledged last is on its way to the consumers.
        wait::pause(LOOK);
        self.stop.store(true, Ordering::Relaxed);
        let produced = produced.map_err(|_| anyhow!("the sender panicked"))??;
        let mut received = Vec::new();
        for consumer in self.consumers {
            received.extend(consumer.join().map_err(|_| anyhow!("a consumer panicked"))??);
        }
        let wanted = self.beat.records();
        ensure!(produced.len() == wanted, "{} of {wanted} were acknowledged", produced.len());
        ensure!(received.len() == wanted, "{} of {wanted} were received", received.len());
        Ok(Samples { produced, received })
    }
}

struct Producers {
    topic: String,
    beat: Beat,
    producers: Vec<ThreadedProducer<Deliveries>>,
    delivered: Arc<Mutex<Vec<Sample>>>,
}

impl Producers {
    fn start(bootstrap: &str, topic: &str, beat: Beat) -> Result<Producers> {
        let delivered = Arc::<Mutex<Vec<Sample>>>::default();
        let mut settings = ClientConfig::new();
        settings.set("bootstrap.servers", bootstrap).set("acks", "all").set("linger.ms", "0");
        let producer = |_| settings.create_with_context(Deliveries(beat, Arc::clone(&delivered)));
        let producers = (0..PRODUCERS).map(producer).collect::<Result<_, _>>()?;
        Ok(Producers { topic: topic.to_owned(), beat, producers, delivered })
    }

    fn send_all(self) -> Result<Vec<Sample>> {
        let mut value = [b'x'; VALUE_BYTES];
        for record in 0..self.beat.records() {
            let key = format!("conversation-{}", case::conversation(record));
            let sent = self.beat.wait_for(record);
            let stamp = usize::try_from(sent.as_nanos())?;
            value[..size_of::<usize>()].copy_from_slice(&stamp.to_be_bytes());
            let record_of = BaseRecord::with_opaque_to(&self.topic, stamp);
            let sending = record_of.key(&key).payload(&value);
            let sending = self.producers[record % PRODUCERS].send(sending);
            sending.map_err(|(error, _)| error).context("failed to queue a record")?;
        }
        for producer in &self.producers {
            producer.flush(PATIENCE)?;
        }
        // The threads of the producers end with them, and have told all by then.
        drop(self.producers);
        Ok(std::mem::take(&mut *self.delivered.lock().expect("no delivery panics")))
    }
}

/// Notes when each record was acknowledged, by the nanoseconds at which it was sent.
struct Deliveries(Beat, Arc<Mutex<Vec<Sample>>>);

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, stamp: usize) {
        // A record that was refused is missed at the end.
        if result.is_ok() {
            let sample = self.0.sample(Duration::from_nanos(stamp as u64));
            self.1.lock().expect("no delivery panics").push(sample);
        }
    }
}

/// Consumers that have shared the topic's partitions evenly.
fn group(bootstrap: &str, topic: &str) -> Result<Vec<BaseConsumer>> {
    let mut settings = ClientConfig::new();
    settings.set("bootstrap.servers", bootstrap).set("group.id", format!("readers of {topic}"));
    settings.set("auto.offset.reset", "earliest");
    let consumer = |_| -> Result<BaseConsumer> {
        let consumer: BaseConsumer = settings.create()?;
        consumer.subscribe(&[topic])?;
        Ok(consumer)
    };
    let consumers = (0..CONSUMERS).map(consumer).collect::<Result<Vec<_>>>()?;
    let has_share = |consumer: &BaseConsumer| {
        // Rebalances take place while a consumer is asked for records, of which there are none.
        if let Some(event) = consumer.poll(Duration::from_millis(10)) {
            event?;
        }
        anyhow::Ok(consumer.assignment()?.count() == PARTITIONS / CONSUMERS)
    };
    wait::until(PATIENCE, "the group shares the partitions", || {
        let shares: Vec<bool> = consumers.iter().map(has_share).collect::<Result<_>>()?;
        Ok(shares.iter().all(|it| *it).then_some(()))
    })?;
    Ok(consumers)
}

fn receive(consumer: &BaseConsumer, beat: Beat, stop: &AtomicBool) -> Result<Vec<Sample>> {
    let mut received = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let Some(message) = consumer.poll(LOOK) else { continue };
        let message = message?;
        let stamp = message.payload().and_then(|value| value.first_chunk().copied());
        let stamp = u64::from_be_bytes(stamp.context("each value begins with its time")?);
        received.push(beat.sample(Duration::from_nanos(stamp)));
    }
    Ok(received)
}
