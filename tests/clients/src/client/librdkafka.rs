//! librdkafka, through the crate `rdkafka`.

mod reading;
mod ruling;

pub use reading::Reader;

use super::{Acks, Client, Codec, Consumed, Offsets, Place, Way};
use crate::record::Record;
use crate::wait;
use anyhow::{Context, Result, bail};
use rdkafka::admin::{
    AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication, TopicResult,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::Runtime;

const PATIENCE: Duration = Duration::from_secs(60);

/// As large as nothing that is sent, so that it is the broker who refuses.
const LARGEST: &str = "4000000";

/// How long the producer of a trickle waits for an answer, and rests between two records.
const HASTE_MS: &str = "2000";
const REST: Duration = Duration::from_millis(20);

/// The client, as a program in Rust would use it.
pub struct Librdkafka {
    settings: ClientConfig,
    admin: AdminClient<DefaultClientContext>,
    runtime: Runtime,
    patience: Duration,
}

impl Librdkafka {
    /// A client of this broker, with the settings that librdkafka comes with.
    pub fn start(bootstrap: &str) -> Result<Librdkafka> {
        let mut settings = ClientConfig::new();
        settings.set("bootstrap.servers", bootstrap);
        Librdkafka::with(settings, PATIENCE)
    }

    /// A client that tries again at once where a connection is refused.
    pub fn impatient(bootstrap: &str) -> Result<Librdkafka> {
        let mut settings = ClientConfig::new();
        settings.set("bootstrap.servers", bootstrap);
        settings.set("reconnect.backoff.ms", "1").set("reconnect.backoff.max.ms", "2");
        settings.set("retry.backoff.ms", "1").set("linger.ms", "0").set("log_level", "2");
        Librdkafka::with(settings, Duration::from_secs(1))
    }

    fn with(settings: ClientConfig, patience: Duration) -> Result<Librdkafka> {
        let admin = settings.create()?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(Librdkafka { settings, admin, runtime, patience })
    }

    /// The offsets that a group has committed, -1 where there is none.
    pub fn committed(&self, group: &str, topic: &str, partitions: i32) -> Result<Vec<i64>> {
        let mut settings = self.settings.clone();
        let consumer: BaseConsumer = settings.set("group.id", group).create()?;
        let mut wanted = TopicPartitionList::new();
        for partition in 0..partitions {
            wanted.add_partition(topic, partition);
        }
        let found = consumer.committed_offsets(wanted, PATIENCE)?;
        let offset = |offset| if let Offset::Offset(offset) = offset { offset } else { -1 };
        Ok(found.elements().iter().map(|found| offset(found.offset())).collect())
    }

    fn consumer(&self) -> Result<BaseConsumer> {
        self.consumer_of("assigned-only")
    }

    fn consumer_of(&self, group: &str) -> Result<BaseConsumer> {
        let mut settings = self.settings.clone();
        settings.set("group.id", group).set("enable.auto.commit", "false");
        settings.set("auto.offset.reset", "earliest");
        Ok(settings.set("check.crcs", "true").create()?)
    }
}

impl Client for Librdkafka {
    fn create(&mut self, topic: &str, partitions: i32) -> Result<String> {
        let wanted = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        let created = self.admin.create_topics([&wanted], &AdminOptions::new());
        outcome(&self.runtime.block_on(created)?)
    }

    fn grow(&mut self, topic: &str, partitions: i32) -> Result<String> {
        let wanted = NewPartitions::new(topic, usize::try_from(partitions)?);
        let created = self.admin.create_partitions([&wanted], &AdminOptions::new());
        outcome(&self.runtime.block_on(created)?)
    }

    fn delete(&mut self, topic: &str) -> Result<String> {
        let deleted = self.admin.delete_topics(&[topic], &AdminOptions::new());
        outcome(&self.runtime.block_on(deleted)?)
    }

    fn partitions(&mut self, topic: &str) -> Result<usize> {
        let metadata = self.admin.inner().fetch_metadata(None, self.patience)?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        Ok(found.map_or(0, |found| found.partitions().len()))
    }

    fn produce_in(
        &mut self,
        way: Way,
        topic: &str,
        codec: Codec,
        acks: Acks,
        records: &[Record],
    ) -> Result<Vec<Place>> {
        let mut settings = self.settings.clone();
        settings.set("compression.type", codec.name()).set("acks", acks.name());
        settings.set("enable.idempotence", (acks == Acks::All).to_string());
        settings.set("message.max.bytes", LARGEST);
        if way == Way::Trickle {
            settings.set("request.timeout.ms", HASTE_MS).set("socket.timeout.ms", HASTE_MS);
        }
        let producer: BaseProducer<Deliveries> =
            settings.create_with_context(Deliveries::default())?;
        for (index, record) in records.iter().enumerate() {
            send(&producer, topic, index, record)?;
            match way {
                Way::Many => {}
                Way::One => producer.flush(PATIENCE)?,
                Way::Trickle => wait::pause(REST),
            }
        }
        producer.flush(PATIENCE)?;
        producer.context().places(records.len())
    }

    fn consume(&mut self, topic: &str) -> Result<Vec<Consumed>> {
        let consumer = self.consumer()?;
        let mut left = 0;
        let mut assignment = TopicPartitionList::new();
        for partition in partitions_of(&consumer, topic)? {
            let (start, end) = consumer.fetch_watermarks(topic, partition, PATIENCE)?;
            left += end - start;
            assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
        }
        consumer.assign(&assignment)?;
        let mut consumed = Vec::new();
        for _ in 0..left {
            let message = consumer.poll(PATIENCE).context("records are missing")??;
            consumed.push(Consumed { offset: message.offset(), record: record(&message)? });
        }
        Ok(consumed)
    }

    fn offsets(&mut self, topic: &str, timestamp: i64) -> Result<Vec<Offsets>> {
        let consumer = self.consumer()?;
        let mut answers = Vec::new();
        for partition in partitions_of(&consumer, topic)? {
            let (start, end) = consumer.fetch_watermarks(topic, partition, PATIENCE)?;
            let mut wanted = TopicPartitionList::new();
            wanted.add_partition_offset(topic, partition, Offset::Offset(timestamp))?;
            let found = consumer.offsets_for_times(wanted, PATIENCE)?;
            let at = match found.elements().first().map(|found| found.offset()) {
                Some(Offset::Offset(offset)) => offset,
                _ => -1,
            };
            answers.push(Offsets { partition, start, end, at });
        }
        Ok(answers)
    }
}

/// What became of each record, by its index.
#[derive(Default)]
struct Deliveries(Mutex<BTreeMap<usize, Result<Place, KafkaError>>>);

impl Deliveries {
    fn places(&self, count: usize) -> Result<Vec<Place>> {
        let deliveries = self.0.lock().expect("no delivery panics");
        if deliveries.len() != count {
            bail!("{} of {count} records were answered", deliveries.len());
        }
        deliveries.values().map(|place| Ok(place.clone()?)).collect()
    }
}

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, index: usize) {
        let place = match result {
            Ok(message) => {
                Ok(Place { partition: message.partition(), offset: message.offset().max(-1) })
            }
            Err((error, _)) => Err(error.clone()),
        };
        self.0.lock().expect("no delivery panics").insert(index, place);
    }
}

fn send(
    producer: &BaseProducer<Deliveries>,
    topic: &str,
    index: usize,
    record: &Record,
) -> Result<()> {
    let mut headers = OwnedHeaders::new();
    for (key, value) in &record.headers {
        headers = headers.insert(Header { key, value: value.as_ref() });
    }
    let mut message = BaseRecord::<[u8], [u8], usize>::with_opaque_to(topic, index)
        .partition(record.partition)
        .timestamp(record.timestamp)
        .headers(headers);
    message.key = record.key.as_deref();
    message.payload = record.value.as_deref();
    producer.send(message).map_err(|(error, _)| error)?;
    producer.poll(Duration::ZERO);
    Ok(())
}

fn partitions_of(consumer: &BaseConsumer, topic: &str) -> Result<Vec<i32>> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let found = metadata.topics().first().context("metadata names the topic")?;
    let mut partitions: Vec<_> = found.partitions().iter().map(|found| found.id()).collect();
    partitions.sort_unstable();
    Ok(partitions)
}

fn record(message: &BorrowedMessage<'_>) -> Result<Record> {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        let owned =
            |header: Header<'_, &[u8]>| (header.key.to_owned(), header.value.map(<[u8]>::to_vec));
        headers.iter().map(owned).collect()
    });
    Ok(Record {
        partition: message.partition(),
        timestamp: message.timestamp().to_millis().context("records have timestamps")?,
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers,
    })
}

/// Kafka's name of what became of the one topic or group that was asked about.
fn outcome(results: &[TopicResult]) -> Result<String> {
    match results.first().context("each topic is answered")? {
        Ok(_) => Ok("NONE".to_owned()),
        Err((_, code)) => Ok(kafka_name(*code)),
    }
}

/// Kafka's name of an error, where the broker said it.
#[must_use]
pub fn name_of(error: &KafkaError) -> Option<String> {
    error.rdkafka_error_code().map(kafka_name)
}

/// `TopicAlreadyExists` as Kafka writes it, `TOPIC_ALREADY_EXISTS`.
fn kafka_name(code: RDKafkaErrorCode) -> String {
    if code == RDKafkaErrorCode::InvalidTopic {
        return "INVALID_TOPIC_EXCEPTION".to_owned();
    }
    if code == RDKafkaErrorCode::MessageSizeTooLarge {
        return "MESSAGE_TOO_LARGE".to_owned();
    }
    let mut words = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(letter.to_ascii_uppercase());
    }
    words
}
