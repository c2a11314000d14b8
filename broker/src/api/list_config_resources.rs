//! ListConfigResources: the resources whose configuration can be asked for.

use std::sync::Arc;

use node::metadata::{Image, image::ResourceKind};
use protocol::{
    ErrorCode,
    messages::{
        ListConfigResourcesRequest, ListConfigResourcesResponse,
        list_config_resources::ConfigResource,
    },
};

use super::{call::Call, config_resource::BROKER_LOGGER};
use crate::{network::Order, shell::Shell};

/// The first version that names types; before, subscriptions to clients' metrics are meant.
const NAMES_TYPES: i16 = 1;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: ListConfigResourcesRequest) -> Order {
    let [topics, brokers] = [ResourceKind::Topic, ResourceKind::Broker].map(ResourceKind::number);
    let metrics = ResourceKind::ClientMetrics.number();
    let all = [ResourceKind::Group.number(), metrics, BROKER_LOGGER, brokers, topics];
    let wanted = match &request.resource_types[..] {
        _ if call.version < NAMES_TYPES => vec![metrics],
        [] => all.to_vec(),
        types => all.into_iter().filter(|number| types.contains(number)).collect(),
    };
    let is_unknown = request.resource_types.iter().any(|number| !all.contains(number));
    let response = if is_unknown {
        ListConfigResourcesResponse {
            error_code: ErrorCode::UnsupportedVersion as i16,
            ..ListConfigResourcesResponse::default()
        }
    } else {
        let image = shell.node.image();
        let resources = wanted.into_iter().flat_map(|number| of_type(&image, number));
        ListConfigResourcesResponse {
            config_resources: resources.collect(),
            ..ListConfigResourcesResponse::default()
        }
    };
    call.answer::<ListConfigResourcesRequest>(&shell.desk, &response);
    Order::Alone
}

/// All topics and brokers have a configuration; of groups and subscriptions those that set
/// something.
fn of_type(image: &Image, number: i8) -> Vec<ConfigResource> {
    let names: Vec<String> = match ResourceKind::from_number(number) {
        Some(ResourceKind::Topic) => image.topics.iter().map(|it| it.name.to_string()).collect(),
        Some(kind @ (ResourceKind::Group | ResourceKind::ClientMetrics)) => {
            let resources = image.configs.resources().filter(|resource| resource.kind == kind);
            resources.map(|resource| resource.name.to_string()).collect()
        }
        // A broker is named for its keys and for its loggers.
        Some(ResourceKind::Broker) | None => {
            let serving = image.brokers.iter().filter(|broker| !broker.fenced);
            serving.map(|broker| broker.id.0.to_string()).collect()
        }
    };
    let resource =
        |name: String| ConfigResource { resource_name: name.into(), resource_type: number };
    names.into_iter().map(resource).collect()
}
