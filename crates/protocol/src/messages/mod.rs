//! The requests and responses, one module per API.

#![expect(missing_docs, reason = "what a field means is Kafka's, whose schemas say it")]

pub mod init_producer_id;

pub use init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
