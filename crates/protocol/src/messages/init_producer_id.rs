//! InitProducerId: an id for an idempotent or transactional producer.

use bytestring::ByteString;

use crate::{ApiKey, Message, Request, Versions};

/// Asks for a producer id and epoch.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = request, key = 22, versions = 0..=6, flexible = 2.., unstable)]
pub struct InitProducerIdRequest {
    #[field(nullable = 0..)]
    pub transactional_id: Option<ByteString>,
    pub transaction_timeout_ms: i32,
    #[field(versions = 3.., default = -1)]
    pub producer_id: i64,
    #[field(versions = 3.., default = -1)]
    pub producer_epoch: i16,
    #[field(versions = 6.., default = false)]
    pub enable_2_pc: bool,
    #[field(versions = 6.., default = false)]
    pub keep_prepared_txn: bool,
}

/// The producer's id and epoch.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[message(kind = response, key = 22, versions = 0..=6, flexible = 2..)]
pub struct InitProducerIdResponse {
    #[field(ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[field(default = -1)]
    pub producer_id: i64,
    pub producer_epoch: i16,
    #[field(versions = 6.., default = -1)]
    pub ongoing_txn_producer_id: i64,
    #[field(versions = 6.., default = -1)]
    pub ongoing_txn_producer_epoch: i16,
}

impl Request for InitProducerIdRequest {
    const KEY: ApiKey = ApiKey::InitProducerId;
    type Response = InitProducerIdResponse;
    /// Version 6 is for two-phase commits, which no release of Kafka serves.
    const ADVERTISED: Versions = Versions::between(0, 5);
}
