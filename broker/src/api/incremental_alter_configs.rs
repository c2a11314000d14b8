//! IncrementalAlterConfigs: single keys of resources, set, unset, or changed in what they list.

use std::sync::Arc;

use node::{
    Node,
    metadata::controller::{AlterConfigError, Alteration, ConfigChange, ConfigOperation, Wanted},
};
use protocol::messages::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
    incremental_alter_configs::{
        AlterConfigsResource, AlterConfigsResourceResponse, AlterableConfig,
    },
};

use super::{
    call::Call,
    config_alterations::{Asked, Resource, ask},
    config_resource::{BROKER_LOGGER, Refused, changed, own_broker},
    desk::Desk,
};
use crate::{network::Order, shell::Shell};

/// Kafka's numbers for what becomes of a key.
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

pub(super) fn call(
    shell: &Arc<Shell>,
    call: Call,
    request: IncrementalAlterConfigsRequest,
) -> Order {
    let asked = request.resources.iter().map(|resource| {
        let needs_value = |one: &&AlterableConfig| one.config_operation != DELETE;
        let without = resource.configs.iter().filter(needs_value).filter(|one| one.value.is_none());
        let (kind, name) = (resource.resource_type, &resource.resource_name);
        Asked::of(kind, name, without.map(|one| &*one.name), || wanted(&shell.node, resource))
    });
    ask(shell, call, asked.collect(), request.validate_only, respond);
    Order::Alone
}

fn wanted(node: &Node, resource: &AlterConfigsResource) -> Result<Alteration, Refused> {
    if resource.resource_type == BROKER_LOGGER {
        return Err(no_logger(node, resource));
    }
    let named = changed(node, resource.resource_type, &resource.resource_name)?;
    let changes = resource.configs.iter().map(change).collect::<Result<_, _>>()?;
    Ok(Alteration { resource: named, wanted: Wanted::Changes(changes) })
}

fn change(config: &AlterableConfig) -> Result<ConfigChange, Refused> {
    let value = || config.value.as_ref().map(ToString::to_string).unwrap_or_default();
    let operation = match config.config_operation {
        SET => ConfigOperation::Set(value()),
        DELETE => ConfigOperation::Delete,
        APPEND => ConfigOperation::Append(value()),
        SUBTRACT => ConfigOperation::Subtract(value()),
        other => return Err(Refused::request(&format!("Unknown operations type {other}"))),
    };
    Ok(ConfigChange { key: config.name.to_string(), operation })
}

/// No logger has a level of its own.
fn no_logger(node: &Node, resource: &AlterConfigsResource) -> Refused {
    if let Err(refused) = own_broker(node, &resource.resource_name, "Node", ",") {
        return refused;
    }
    let logger = resource.configs.first().map(|one| one.name.to_string()).unwrap_or_default();
    AlterConfigError::Invalid(format!("Logger {logger} does not exist!")).into()
}

fn respond(desk: &Desk, call: Call, resources: Vec<Resource>) {
    let responses = resources.into_iter().map(|resource| AlterConfigsResourceResponse {
        error_code: resource.code,
        error_message: resource.message.map(Into::into),
        resource_type: resource.kind,
        resource_name: resource.name.into(),
    });
    let response = IncrementalAlterConfigsResponse {
        responses: responses.collect(),
        ..IncrementalAlterConfigsResponse::default()
    };
    call.answer::<IncrementalAlterConfigsRequest>(desk, &response);
}
