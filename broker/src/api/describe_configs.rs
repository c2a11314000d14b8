//! DescribeConfigs: every key of a resource, with its value and where the value comes from.

use std::{collections::BTreeSet, sync::Arc};

use bytestring::ByteString;
use configuration::{
    Texts,
    describe::{self, Entry},
};
use node::metadata::{
    Image,
    image::{ConfigResource, ResourceKind},
};
use protocol::{
    ErrorCode,
    messages::{
        DescribeConfigsRequest, DescribeConfigsResponse,
        describe_configs::{
            DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResult,
            DescribeConfigsSynonym,
        },
    },
};
use types::TopicName;

use super::{
    call::Call,
    config_entries::{kind_number, source_number},
    config_resource::{BROKER_LOGGER, Refused, own_broker},
};
use crate::{network::Order, shell::Shell};

/// How many keys are looked at for one answer: enough for all of 15,000 topics. A few bytes ask for
/// hundreds.
const ENTRIES_MAX: usize = 500_000;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DescribeConfigsRequest) -> Order {
    let mut entries_left = ENTRIES_MAX;
    let image = shell.node.image();
    let results = request.resources.iter().map(|resource| {
        if entries_left == 0 {
            let refused = Refused::request("Too many keys are asked for at once.");
            return result(resource, Err(refused));
        }
        let described = describe_resource(shell, &image, resource);
        let described = described.map(|(kind, mut entries)| {
            entries_left = entries_left.saturating_sub(entries.len());
            retain_asked(resource, &mut entries);
            entries.into_iter().map(|entry| shown(&request, kind, entry)).collect()
        });
        result(resource, described)
    });
    let response = DescribeConfigsResponse {
        results: results.collect(),
        ..DescribeConfigsResponse::default()
    };
    call.answer::<DescribeConfigsRequest>(&shell.desk, &response);
    Order::Alone
}

/// Keeps the keys that are asked for; all when none is named.
fn retain_asked(resource: &DescribeConfigsResource, entries: &mut Vec<Entry>) {
    let keys: BTreeSet<&str> =
        resource.configuration_keys.iter().flatten().map(|key| &**key).collect();
    if !keys.is_empty() {
        entries.retain(|entry| keys.contains(entry.key.name));
    }
}

/// All keys of a resource, and its kind.
fn describe_resource(
    shell: &Shell,
    image: &Image,
    resource: &DescribeConfigsResource,
) -> Result<(ResourceKind, Vec<Entry>), Refused> {
    let effective = shell.node.effective();
    let layers = effective.layers();
    let name: &str = &resource.resource_name;
    if resource.resource_type == BROKER_LOGGER {
        // Klamm's log has one level, set by the environment: no logger has a level of its own.
        if name.is_empty() {
            return Err(Refused::request("Broker id must not be empty"));
        }
        own_broker(&shell.node, name, "Broker", "")?;
        return Ok((ResourceKind::Broker, Vec::new()));
    }
    let Some(kind) = ResourceKind::from_number(resource.resource_type) else {
        let text = format!("Unexpected resource type {} for {name}", resource.resource_type);
        return Err(Refused::request(&text));
    };
    let set = || set_for(image, kind, name);
    let entries = match kind {
        ResourceKind::Topic => {
            let topic = TopicName::parse(name).map_err(|error| Refused::topic_name(&error))?;
            if image.topics.named(topic.as_str()).is_none() {
                let message = Some(String::new());
                return Err(Refused { code: ErrorCode::UnknownTopicOrPartition, message });
            }
            describe::topic(layers, &set())
        }
        ResourceKind::Broker if name.is_empty() => describe::all_brokers(layers),
        ResourceKind::Broker => {
            own_broker(&shell.node, name, "Broker", " or empty string,")?;
            describe::broker(layers)
        }
        ResourceKind::Group if name.is_empty() => {
            return Err(Refused::request("Group name must not be empty"));
        }
        ResourceKind::Group => describe::group(layers, &set()),
        ResourceKind::ClientMetrics if name.is_empty() => {
            let text = "Client metrics subscription name must not be empty";
            return Err(Refused::request(text));
        }
        ResourceKind::ClientMetrics => describe::client_metrics(&set()),
    };
    Ok((kind, entries))
}

/// What is set for the resource itself.
fn set_for(image: &Image, kind: ResourceKind, name: &str) -> Texts {
    let resource = ConfigResource { kind, name: name.into() };
    let set = image.configs.of(&resource);
    set.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn shown(
    request: &DescribeConfigsRequest,
    kind: ResourceKind,
    entry: Entry,
) -> DescribeConfigsResourceResult {
    let synonyms = if request.include_synonyms { entry.synonyms } else { Vec::new() };
    let synonyms = synonyms.into_iter().map(|synonym| DescribeConfigsSynonym {
        name: synonym.name.into(),
        value: synonym.value.map(Into::into),
        source: source_number(synonym.source, kind),
    });
    DescribeConfigsResourceResult {
        name: entry.key.name.into(),
        value: entry.value.map(Into::into),
        read_only: entry.is_read_only,
        config_source: source_number(entry.source, kind),
        is_sensitive: entry.key.is_sensitive(),
        synonyms: synonyms.collect(),
        config_type: kind_number(entry.key.shape.kind),
        documentation: request
            .include_documentation
            .then(|| ByteString::from_static(entry.key.doc)),
    }
}

fn result(
    resource: &DescribeConfigsResource,
    described: Result<Vec<DescribeConfigsResourceResult>, Refused>,
) -> DescribeConfigsResult {
    let refused = described.as_ref().err();
    DescribeConfigsResult {
        error_code: refused.map_or(0, |refused| refused.code as i16),
        error_message: match refused {
            None => Some(ByteString::new()),
            Some(refused) => refused.message.clone().map(Into::into),
        },
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        configs: described.unwrap_or_default(),
    }
}
