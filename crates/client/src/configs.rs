//! The configuration of topics and of the whole cluster: read, and changed key by key.

use std::collections::BTreeMap;

use protocol::{
    ApiKey, ErrorCode,
    messages::{
        describe_configs::{
            DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
            DescribeConfigsResponse,
        },
        incremental_alter_configs::{
            AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
        },
    },
};
use types::TopicName;

use crate::{CallError, Client, Outcomes, Refusal};

/// Something that has a configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigResource {
    /// A topic.
    Topic(TopicName),
    /// All brokers of the cluster, as far as none of them says something else.
    AllBrokers,
}

/// The value of a key that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigValue {
    /// The value; none when the key has none, or is kept secret.
    pub value: Option<String>,
    /// Who set it.
    pub source: ConfigSource,
}

/// Who set a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigSource {
    /// The topic, for itself.
    Topic,
    /// The cluster, for one broker.
    Broker,
    /// The cluster, for all brokers.
    AllBrokers,
    /// The broker's file.
    File,
    /// Nobody.
    Default,
    /// Somebody this client does not know.
    Other(i8),
}

/// By key what to set it to; nothing for its default.
pub type ConfigChanges = BTreeMap<String, Option<String>>;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const SET: i8 = 0;
const DELETE: i8 = 1;

impl Client {
    /// Reads the configuration of a resource: every key with its value. Of all brokers together
    /// only what was set for them.
    ///
    /// # Errors
    /// There is no response, or it is a refusal.
    pub async fn describe_configs(
        &self,
        resource: &ConfigResource,
    ) -> Result<BTreeMap<String, ConfigValue>, CallError> {
        let api = ApiKey::DescribeConfigs;
        let response = self.ask_for_configs(vec![asked(resource)]).await?;
        let result = response.results.first().ok_or_else(|| nothing_said(api))?;
        Refusal::check(result.error_code, result.error_message.as_deref())
            .map_err(|refusal| CallError::Refused { api, refusal })?;
        Ok(result.configs.iter().map(value).collect())
    }

    /// Reads the configuration of many topics: every key with its value.
    ///
    /// # Errors
    /// There is no response.
    pub async fn describe_topic_configs(
        &self,
        topics: &[TopicName],
    ) -> Result<Outcomes<BTreeMap<String, ConfigValue>>, CallError> {
        let topics = topics.iter().cloned().map(ConfigResource::Topic);
        let response = self.ask_for_configs(topics.map(|topic| asked(&topic)).collect()).await?;
        let outcomes = response.results.iter().filter_map(|result| {
            let checked = Refusal::check(result.error_code, result.error_message.as_deref());
            let configs = checked.map(|()| result.configs.iter().map(value).collect());
            Some((TopicName::parse(&result.resource_name).ok()?, configs))
        });
        Ok(outcomes.collect())
    }

    async fn ask_for_configs(
        &self,
        resources: Vec<DescribeConfigsResource>,
    ) -> Result<DescribeConfigsResponse, CallError> {
        self.call(&DescribeConfigsRequest { resources, ..Default::default() }).await
    }

    /// Changes keys of a resource: all of them, or none when one is refused.
    ///
    /// # Errors
    /// There is no response, or it is a refusal.
    pub async fn alter_configs(
        &self,
        resource: &ConfigResource,
        changes: &ConfigChanges,
    ) -> Result<(), CallError> {
        self.send_changes(resource, changes, false).await
    }

    /// Says whether keys of a resource could be changed.
    ///
    /// # Errors
    /// There is no response, or it is a refusal.
    pub async fn validate_configs(
        &self,
        resource: &ConfigResource,
        changes: &ConfigChanges,
    ) -> Result<(), CallError> {
        self.send_changes(resource, changes, true).await
    }

    async fn send_changes(
        &self,
        resource: &ConfigResource,
        changes: &ConfigChanges,
        validate_only: bool,
    ) -> Result<(), CallError> {
        let api = ApiKey::IncrementalAlterConfigs;
        let (resource_type, resource_name) = resource.words();
        let altered = AlterConfigsResource {
            resource_type,
            resource_name: resource_name.into(),
            configs: changes.iter().map(alterable).collect(),
        };
        let request = IncrementalAlterConfigsRequest { resources: vec![altered], validate_only };
        let response = self.call(&request).await?;
        let result = response.responses.first().ok_or_else(|| nothing_said(api))?;
        Refusal::check(result.error_code, result.error_message.as_deref())
            .map_err(|refusal| CallError::Refused { api, refusal })
    }
}

impl ConfigResource {
    /// Kafka's number of its kind, and its name.
    fn words(&self) -> (i8, &str) {
        match self {
            ConfigResource::Topic(name) => (TOPIC, name.as_str()),
            ConfigResource::AllBrokers => (BROKER, ""),
        }
    }
}

impl ConfigSource {
    fn from_code(code: i8) -> ConfigSource {
        match code {
            1 => ConfigSource::Topic,
            2 => ConfigSource::Broker,
            3 => ConfigSource::AllBrokers,
            4 => ConfigSource::File,
            5 => ConfigSource::Default,
            other => ConfigSource::Other(other),
        }
    }
}

/// All keys of a resource.
fn asked(resource: &ConfigResource) -> DescribeConfigsResource {
    let (resource_type, resource_name) = resource.words();
    DescribeConfigsResource {
        resource_type,
        resource_name: resource_name.into(),
        configuration_keys: None,
    }
}

fn value(result: &DescribeConfigsResourceResult) -> (String, ConfigValue) {
    let value = result.value.as_ref().map(ToString::to_string);
    let source = ConfigSource::from_code(result.config_source);
    (result.name.to_string(), ConfigValue { value, source })
}

fn alterable((name, value): (&String, &Option<String>)) -> AlterableConfig {
    AlterableConfig {
        name: name.as_str().into(),
        config_operation: if value.is_some() { SET } else { DELETE },
        value: value.as_deref().map(Into::into),
    }
}

/// A broker that leaves out what it was asked about.
fn nothing_said(api: ApiKey) -> CallError {
    let message = Some("the answer does not mention what was asked about".to_owned());
    CallError::Refused { api, refusal: Refusal { code: ErrorCode::UnknownServerError, message } }
}
