//! AlterConfigs: the configuration of resources, replaced as a whole.

use std::sync::Arc;

use node::{
    Node,
    metadata::controller::{Alteration, Wanted},
};
use protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse,
    alter_configs::{AlterConfigsResource, AlterConfigsResourceResponse},
};

use super::{
    call::Call,
    config_alterations::{Asked, Resource, ask},
    config_resource::{Refused, changed},
    desk::Desk,
};
use crate::{network::Order, shell::Shell};

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: AlterConfigsRequest) -> Order {
    let asked = request.resources.iter().map(|resource| {
        let without = resource.configs.iter().filter(|one| one.value.is_none());
        let (kind, name) = (resource.resource_type, &resource.resource_name);
        Asked::of(kind, name, without.map(|one| &*one.name), || wanted(&shell.node, resource))
    });
    ask(shell, call, asked.collect(), request.validate_only, respond);
    Order::Alone
}

fn wanted(node: &Node, resource: &AlterConfigsResource) -> Result<Alteration, Refused> {
    let values = resource.configs.iter().map(|one| {
        let value = one.value.as_ref().map(ToString::to_string).unwrap_or_default();
        (one.name.to_string(), value)
    });
    Ok(Alteration {
        resource: changed(node, resource.resource_type, &resource.resource_name)?,
        wanted: Wanted::Exactly(values.collect()),
    })
}

fn respond(desk: &Desk, call: Call, resources: Vec<Resource>) {
    let responses = resources.into_iter().map(|resource| AlterConfigsResourceResponse {
        error_code: resource.code,
        error_message: resource.message.map(Into::into),
        resource_type: resource.kind,
        resource_name: resource.name.into(),
    });
    let response =
        AlterConfigsResponse { responses: responses.collect(), ..AlterConfigsResponse::default() };
    call.answer::<AlterConfigsRequest>(desk, &response);
}
