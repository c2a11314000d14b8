//! Takes records, sends batches when they are due, and tells what came of them.

use std::{sync::Arc, time::Duration};

use protocol::{ApiKey, messages::InitProducerIdRequest};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use types::{Offset, PartitionIndex, ProducerEpoch, ProducerId, TopicName};

use super::{
    Delivered, Delivery, DeliveryError, NewRecord, ProducerConfig, Stamp,
    delivery::{self, Outcome},
    lanes::{Batch, Lanes, Ticketed},
    partitioner::Partitioner,
};
use crate::{CallError, Client, PartitionError, Refusal, Wanted, place::Place};

/// Sends records to one topic.
#[derive(Debug)]
pub struct Producer {
    client: Arc<Client>,
    topic: TopicName,
    config: ProducerConfig,
    lanes: Lanes,
    partitioner: Partitioner,
    partitions: u32,
    refresh_at: Instant,
    on_their_way: JoinSet<Sent>,
}

/// A batch and what came of it.
#[derive(Debug)]
struct Sent {
    partition: PartitionIndex,
    batch: Batch,
    stamp: Option<Stamp>,
    outcome: Outcome,
}

/// How often it is asked whether the topic has grown; Java's `metadata.max.age.ms`.
const REFRESH_INTERVAL: Duration = Duration::from_secs(300);

/// How long to leave alone a broker that has no producer id to give yet.
const PRODUCER_ID_PAUSE: Duration = Duration::from_millis(100);

impl Producer {
    /// A producer for a topic that is there.
    ///
    /// # Errors
    /// There is no such topic, or no producer id where one is needed.
    pub async fn new(
        client: Arc<Client>,
        topic: TopicName,
        config: ProducerConfig,
    ) -> Result<Producer, PartitionError> {
        let mut lanes = Lanes::new(config.linger, config.batch_bytes);
        let partitions = count_partitions(&client, &topic).await?;
        if config.idempotent {
            let (id, epoch) = producer_id(&client, config.delivery_deadline).await?;
            lanes.begin_as(id, epoch);
        }
        Ok(Producer {
            partitioner: Partitioner::new(config.batch_bytes),
            client,
            topic,
            config,
            lanes,
            partitions,
            refresh_at: Instant::now() + REFRESH_INTERVAL,
            on_their_way: JoinSet::new(),
        })
    }

    /// Sends what comes, each record with a number of the sender's choice, until the other end is
    /// dropped, or `until` is there and no more is taken; and until the fate of each record has been
    /// told.
    pub async fn run(
        mut self,
        mut records: mpsc::Receiver<(u64, NewRecord)>,
        until: impl Future<Output = ()>,
        mut tell: impl FnMut(Delivery),
    ) {
        let (mut is_open, mut is_awaited) = (true, true);
        let mut until = std::pin::pin!(until);
        loop {
            self.send_due(!is_open);
            if !is_open && self.on_their_way.is_empty() {
                return;
            }
            let has_room = self.lanes.bytes() < self.config.buffer_bytes;
            let deadline = self.lanes.deadline();
            tokio::select! {
                biased;
                Some(sent) = self.on_their_way.join_next() => {
                    self.settle(sent.expect("a delivery neither panics nor is aborted"), &mut tell)
                        .await;
                }
                taken = records.recv(), if is_open && has_room => match taken {
                    Some((ticket, record)) => self.take(ticket, record, &mut tell),
                    None => is_open = false,
                },
                () = &mut until, if is_awaited => {
                    is_awaited = false;
                    records.close();
                }
                () = sleep_until(deadline.unwrap_or(self.refresh_at)), if deadline.is_some() => {}
                () = sleep_until(self.refresh_at) => self.refresh().await,
            }
        }
    }

    fn take(&mut self, ticket: u64, record: NewRecord, tell: &mut impl FnMut(Delivery)) {
        let partition = match record.partition {
            Some(partition) => partition,
            None => self.partitioner.choose(record.key.as_deref(), record.size(), self.partitions),
        };
        if u32::try_from(partition.0).is_ok_and(|number| number < self.partitions) {
            self.lanes.push(partition, Ticketed { ticket, record }, Instant::now());
        } else {
            tell(Delivery { ticket, outcome: Err(DeliveryError::NoPartition(partition)) });
        }
    }

    fn send_due(&mut self, all: bool) {
        while let Some((partition, batch, stamp)) = self.lanes.take(Instant::now(), all) {
            let (client, topic) = (Arc::clone(&self.client), self.topic.clone());
            let ProducerConfig { compression, acks, delivery_deadline, .. } = self.config;
            self.on_their_way.spawn(async move {
                let bytes = delivery::encode(&batch, stamp, compression);
                let place = Place {
                    client: &client,
                    topic: &topic,
                    partition,
                    start: Instant::now(),
                    deadline: delivery_deadline,
                };
                let outcome = delivery::deliver(&place, &bytes, acks, stamp.is_some()).await;
                Sent { partition, batch, stamp, outcome }
            });
        }
    }

    async fn settle(&mut self, sent: Sent, tell: &mut impl FnMut(Delivery)) {
        let Sent { partition, batch, stamp, outcome } = sent;
        match outcome {
            Outcome::Appended(first) => {
                self.lanes.settle(partition, &batch, stamp);
                tell_appended(&batch, partition, first, tell);
            }
            Outcome::Refused(error) => {
                self.lanes.settle(partition, &batch, None);
                tell_all(batch.records, &error.into(), tell);
            }
            Outcome::TooLarge(error) => {
                if let Err(single) = self.lanes.split(partition, batch) {
                    self.lanes.settle(partition, &single, None);
                    tell_all(single.records, &error.into(), tell);
                }
            }
            Outcome::Faulty(error, faults)
                if !faults.iter().any(|(at, _)| *at < batch.records.len()) =>
            {
                self.lanes.settle(partition, &batch, None);
                tell_all(batch.records, &error.into(), tell);
            }
            Outcome::Faulty(_, faults) => {
                let sentence =
                    |place| faults.iter().find(|(at, _)| *at == place).map(|(_, why)| why.clone());
                let faulty =
                    self.lanes.leave_out(partition, batch, |place| sentence(place).is_some());
                for (place, Ticketed { ticket, .. }) in faulty {
                    let why = sentence(place).expect("only these are left out");
                    tell(Delivery { ticket, outcome: Err(DeliveryError::Invalid(why)) });
                }
            }
            Outcome::OutOfSequence(error) => {
                if let Err(batch) = self.lanes.put_back(partition, batch) {
                    self.lanes.settle(partition, &batch, None);
                    tell_all(batch.records, &error.into(), tell);
                }
                self.begin_anew(tell).await;
            }
            Outcome::Unknown(error) => {
                self.lanes.settle(partition, &batch, None);
                tell_all(batch.records, &DeliveryError::Unknown(error), tell);
                self.begin_anew(tell).await;
            }
        }
    }

    /// Which sequence the broker expects next is not known: as another producer it is 0.
    async fn begin_anew(&mut self, tell: &mut impl FnMut(Delivery)) {
        if !self.config.idempotent {
            return;
        }
        match producer_id(&self.client, self.config.delivery_deadline).await {
            Ok((id, epoch)) => self.lanes.begin_as(id, epoch),
            Err(error) => {
                let records = self.lanes.drain();
                tell_all(records, &DeliveryError::NoProducerId(error), tell);
            }
        }
    }

    async fn refresh(&mut self) {
        self.refresh_at = Instant::now() + REFRESH_INTERVAL;
        // When nobody answers now, what is known goes on to hold.
        if let Ok(count) = count_partitions(&self.client, &self.topic).await {
            self.partitions = count;
        }
    }
}

async fn count_partitions(client: &Client, topic: &TopicName) -> Result<u32, PartitionError> {
    let cluster = client.cluster(Wanted::Topics(std::slice::from_ref(topic))).await?;
    let partition = PartitionIndex(0);
    match cluster.topics.get(topic) {
        Some(Ok(found)) if !found.partitions.is_empty() => {
            Ok(u32::try_from(found.partitions.len()).expect("partitions are counted by an i32"))
        }
        Some(Err(refusal)) => Err(PartitionError::Refused {
            topic: topic.clone(),
            partition,
            refusal: refusal.clone(),
        }),
        Some(Ok(_)) | None => Err(PartitionError::NoLeader { topic: topic.clone(), partition }),
    }
}

/// A producer id that nobody else has.
async fn producer_id(
    client: &Client,
    deadline: Duration,
) -> Result<(ProducerId, ProducerEpoch), CallError> {
    let give_up = Instant::now() + deadline;
    let request = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        ..Default::default()
    };
    loop {
        let error = match client.call(&request).await {
            Ok(response) => match Refusal::check(response.error_code, None) {
                Ok(()) => {
                    let id = ProducerId(response.producer_id);
                    return Ok((id, ProducerEpoch(response.producer_epoch)));
                }
                Err(refusal) => CallError::Refused { api: ApiKey::InitProducerId, refusal },
            },
            Err(error) => error,
        };
        let may_go_away = match &error {
            CallError::Refused { refusal, .. } => refusal.code.is_retriable(),
            CallError::Connect(_) | CallError::Broken { .. } => true,
            CallError::NoAddress
            | CallError::UnknownBroker(_)
            | CallError::TimedOut { .. }
            | CallError::Unsupported { .. }
            | CallError::Encode { .. }
            | CallError::Decode { .. } => false,
        };
        if !may_go_away || Instant::now() + PRODUCER_ID_PAUSE > give_up {
            return Err(error);
        }
        sleep(PRODUCER_ID_PAUSE).await;
    }
}

fn tell_appended(
    batch: &Batch,
    partition: PartitionIndex,
    first: Option<Offset>,
    tell: &mut impl FnMut(Delivery),
) {
    for (count, ticketed) in (0..).zip(&batch.records) {
        let offset = first.map(|first| first.plus(count));
        let outcome = Ok(Delivered { partition, offset });
        tell(Delivery { ticket: ticketed.ticket, outcome });
    }
}

fn tell_all(records: Vec<Ticketed>, error: &DeliveryError, tell: &mut impl FnMut(Delivery)) {
    for Ticketed { ticket, .. } in records {
        tell(Delivery { ticket, outcome: Err(error.clone()) });
    }
}
