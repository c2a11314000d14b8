//! Blocks of producer ids are handed out to brokers.

use types::{BrokerEpoch, BrokerId, ProducerId};

use super::{BrokerEpochError, Decision, check_broker_epoch};
use crate::{image::Image, records::ProducerIdsRecord};

/// Producer ids that one broker may give to producers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerIdBlock {
    /// The first.
    pub first: ProducerId,
    /// How many.
    pub count: i32,
}

impl ProducerIdBlock {
    /// How many ids a block has, as in Kafka.
    pub const COUNT: i32 = 1000;
}

/// Why no block is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AllocateError {
    /// The broker is not the one that is registered.
    #[error(transparent)]
    Broker(#[from] BrokerEpochError),
    /// There are no more 64-bit numbers.
    #[error(
        "Exhausted all producerIds as the next block's end producerId has exceeded the int64 type \
         limit"
    )]
    Exhausted,
}

/// Hands the next block to a broker.
///
/// # Errors
/// When the broker is not the one that is registered, or all ids are given away.
pub fn allocate_producer_ids(
    image: &Image,
    broker: BrokerId,
    epoch: BrokerEpoch,
) -> Result<Decision<ProducerIdBlock>, AllocateError> {
    check_broker_epoch(image, broker, epoch)?;
    let first = image.next_producer_id.unwrap_or(ProducerId(0));
    let count = ProducerIdBlock::COUNT;
    let next = first.0.checked_add(i64::from(count)).ok_or(AllocateError::Exhausted)?;
    let record =
        ProducerIdsRecord { broker_id: broker.0, broker_epoch: epoch.0, next_producer_id: next };
    Ok(Decision { records: vec![record.into()], answer: ProducerIdBlock { first, count } })
}
