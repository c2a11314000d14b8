//! A resource that carries configuration, as a request names it.

use node::{
    Node,
    metadata::image::{ConfigResource, ResourceKind},
};
use protocol::ErrorCode;
use types::InvalidTopicName;

/// Kafka's number for the loggers of a broker, which no record speaks of.
pub(super) const BROKER_LOGGER: i8 = 8;

/// Why a resource is neither described nor changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: ErrorCode,
    pub(super) message: Option<String>,
}

impl Refused {
    pub(super) fn request(text: &str) -> Refused {
        Refused { code: ErrorCode::InvalidRequest, message: Some(text.to_owned()) }
    }

    /// Keys were to be set, but to nothing.
    pub(super) fn without_value(keys: &[&str]) -> Refused {
        Refused::request(&format!("Null value not supported for : {}", keys.join(", ")))
    }

    pub(super) fn topic_name(error: &InvalidTopicName) -> Refused {
        let message = Some(format!("Topic name is invalid: {error}"));
        Refused { code: ErrorCode::InvalidTopicException, message }
    }
}

/// Checks that a name is this broker's id; `noun` and `or` are what Kafka's sentences differ in.
pub(super) fn own_broker(node: &Node, name: &str, noun: &str, or: &str) -> Result<(), Refused> {
    let own = node.config().broker.0;
    let text = match name.parse::<i32>() {
        Ok(id) if id == own => return Ok(()),
        Ok(_) => format!("Unexpected broker id, expected {own}{or} but received {name}"),
        Err(_) => format!("{noun} id must be an integer, but it is: {name}"),
    };
    Err(Refused::request(&text))
}

/// The resource that a change names. Of brokers only this one and all of them can be named: it is
/// the broker itself that knows which values it can take.
pub(super) fn changed(node: &Node, kind: i8, name: &str) -> Result<ConfigResource, Refused> {
    let Some(kind) = ResourceKind::from_number(kind) else {
        return Err(Refused::request(&format!("Unknown resource type {kind}")));
    };
    if kind == ResourceKind::Broker && !name.is_empty() {
        own_broker(node, name, "Node", ",")?;
        // The id may have been written in another way.
        return Ok(ConfigResource::broker(node.config().broker));
    }
    Ok(ConfigResource { kind, name: name.into() })
}
