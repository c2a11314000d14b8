//! What is configured in the cluster changes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{Decision, Settings};
use crate::image::{ConfigResource, Image, ResourceKind, config_record};

/// A change of one key of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigChange {
    /// The key.
    pub key: String,
    /// What becomes of it.
    pub operation: ConfigOperation,
}

/// What becomes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigOperation {
    /// It has this value.
    Set(String),
    /// It has its default again.
    Delete,
    /// These values, separated by commas, are added to its list.
    Append(String),
    /// These values, separated by commas, are taken off its list.
    Subtract(String),
}

/// Why nothing of a resource is changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlterConfigError {
    /// There is no such topic.
    #[error("The topic '{0}' does not exist.")]
    UnknownTopic(String),
    /// The resource is neither empty, for all brokers, nor a broker's id.
    #[error("'{0}' is no broker id.")]
    BrokerId(String),
    /// The key is named more than once.
    #[error("Error due to duplicate config keys")]
    RepeatedKey,
    /// The key's value is no list.
    #[error("Can't {operation} to key {key} because its type is not LIST.")]
    NoList {
        /// The key.
        key: String,
        /// `append` or `subtract`, as Kafka writes it.
        operation: &'static str,
    },
    /// A key does not exist or cannot have its value.
    #[error("{0}")]
    Invalid(String),
}

/// Changes the configuration of one resource: all of it or nothing.
///
/// With `validate_only` nothing is written.
///
/// # Errors
/// When the resource or a key does not exist, or a value is not allowed.
pub fn alter_configs(
    image: &Image,
    settings: &dyn Settings,
    resource: &ConfigResource,
    changes: &[ConfigChange],
    validate_only: bool,
) -> Result<Decision<()>, AlterConfigError> {
    check_resource(image, resource)?;
    let (mut records, mut seen) = (Vec::new(), BTreeSet::new());
    let mut together: BTreeMap<&str, Cow<'_, str>> =
        image.configs.of(resource).map(|(key, value)| (key, Cow::Borrowed(value))).collect();
    for change in changes {
        if !seen.insert(&change.key) {
            return Err(AlterConfigError::RepeatedKey);
        }
        let before = image.configs.value(resource, &change.key);
        let after = value_after(settings, resource.kind, before, change)?;
        if let Some(value) = &after {
            settings.check(resource.kind, &change.key, value).map_err(AlterConfigError::Invalid)?;
        }
        if after.as_deref() != before {
            records.push(config_record(resource, &change.key, after.as_deref()).into());
        }
        match after {
            Some(value) => drop(together.insert(&change.key, Cow::Owned(value))),
            None => drop(together.remove(change.key.as_str())),
        }
    }
    let together = together.iter().map(|(key, value)| (*key, &**value)).collect();
    settings.check_together(resource.kind, &together).map_err(AlterConfigError::Invalid)?;
    let records = if validate_only { Vec::new() } else { records };
    Ok(Decision { records, answer: () })
}

/// Checks a key and its value, which also has to fit into a record.
pub(super) fn check(
    settings: &dyn Settings,
    kind: ResourceKind,
    key: &str,
    value: &str,
) -> Result<(), String> {
    let (size, limit) = (key.len().max(value.len()), i16::MAX.unsigned_abs().into());
    if size > limit {
        return Err(format!("A configuration of {size} bytes exceeds the limit of {limit}."));
    }
    settings.check(kind, key, value)
}

fn check_resource(image: &Image, resource: &ConfigResource) -> Result<(), AlterConfigError> {
    let name = &*resource.name;
    match resource.kind {
        ResourceKind::Topic if image.topics.named(name).is_none() => {
            Err(AlterConfigError::UnknownTopic(name.to_owned()))
        }
        ResourceKind::Broker if !name.is_empty() && !name.parse().is_ok_and(|id: i32| id >= 0) => {
            Err(AlterConfigError::BrokerId(name.to_owned()))
        }
        ResourceKind::Topic
        | ResourceKind::Broker
        | ResourceKind::ClientMetrics
        | ResourceKind::Group => Ok(()),
    }
}

/// The value that a change gives a key; `None` when the default is to hold.
fn value_after(
    settings: &dyn Settings,
    kind: ResourceKind,
    before: Option<&str>,
    change: &ConfigChange,
) -> Result<Option<String>, AlterConfigError> {
    let key = &change.key;
    let list = |operation| match settings.list_default(kind, key) {
        Some(default) => Ok(before.map_or(default, str::to_owned)),
        None => Err(AlterConfigError::NoList { key: key.clone(), operation }),
    };
    Ok(match &change.operation {
        ConfigOperation::Set(value) => Some(value.clone()),
        ConfigOperation::Delete => None,
        ConfigOperation::Append(values) => Some(append(&list("append")?, values)),
        ConfigOperation::Subtract(values) => Some(subtract(&list("subtract")?, values)),
    })
}

/// Adds what the list does not hold yet.
fn append(list: &str, values: &str) -> String {
    let mut seen = BTreeSet::new();
    let all = items(list).into_iter().chain(items(values));
    all.filter(|item| seen.insert(*item)).collect::<Vec<_>>().join(",")
}

fn subtract(list: &str, values: &str) -> String {
    let gone: BTreeSet<_> = items(values).into_iter().collect();
    let mut items = items(list);
    items.retain(|item| !gone.contains(item));
    items.join(",")
}

fn items(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
}
