//! What is configured in the cluster changes.

use std::collections::{BTreeMap, BTreeSet};

use types::{InvalidTopicName, TopicName};

use super::{
    Decision, RECORDS_MAX, Settings, TooManyRecords, Unfit, create_topics::TEXT_BYTES_MAX,
};
use crate::{
    image::{ConfigResource, Image, ResourceKind, config_record},
    records::MetadataRecord,
};

/// What is to become of the configuration of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alteration {
    /// The resource.
    pub resource: ConfigResource,
    /// What it is to have.
    pub wanted: Wanted,
}

/// What a resource is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// What it has, but for these keys.
    Changes(Vec<ConfigChange>),
    /// These keys with these values, and nothing else.
    Exactly(Vec<(String, String)>),
}

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
    /// No topic can have the name.
    #[error("Topic name is invalid: {0}")]
    TopicName(#[from] InvalidTopicName),
    /// No resource of this kind can have the name, or the request is wrong in itself.
    #[error("{0}")]
    Request(String),
    /// The key is named more than once.
    #[error("Error due to duplicate config keys")]
    RepeatedKey,
    /// A key does not exist or cannot have its value.
    #[error("{0}")]
    Invalid(String),
}

impl From<Unfit> for AlterConfigError {
    fn from(unfit: Unfit) -> AlterConfigError {
        match unfit {
            Unfit::Config(text) => AlterConfigError::Invalid(text),
            Unfit::Request(text) => AlterConfigError::Request(text),
        }
    }
}

impl Wanted {
    /// How many keys are looked at, at least one for the resource itself.
    fn keys(&self) -> usize {
        let keys = match self {
            Wanted::Changes(changes) => changes.len(),
            Wanted::Exactly(values) => values.len(),
        };
        keys.max(1)
    }
}

/// Changes the configuration of resources, each for itself: one that is refused does not hold up
/// the others. Of one resource all is changed or nothing.
///
/// With `validate_only` nothing is written, and the answer is what it would have been.
///
/// # Errors
/// When all together name more than [`RECORDS_MAX`] keys or make more records; nothing is changed
/// then.
pub fn alter_configs(
    image: &Image,
    settings: &dyn Settings,
    alterations: &[Alteration],
    validate_only: bool,
) -> Result<Decision<Vec<Result<(), AlterConfigError>>>, TooManyRecords> {
    if alterations.iter().map(|one| one.wanted.keys()).sum::<usize>() > RECORDS_MAX {
        return Err(TooManyRecords);
    }
    let (mut records, mut bytes) = (Vec::new(), 0);
    let mut answer = Vec::with_capacity(alterations.len());
    for Alteration { resource, wanted } in alterations {
        let decided = match wanted {
            Wanted::Changes(changes) => change_keys(image, settings, resource, changes),
            Wanted::Exactly(values) => replace_keys(image, settings, resource, values),
        };
        let outcome = decided.map(|decided| {
            bytes += text_bytes(wanted);
            records.extend(decided);
        });
        answer.push(outcome);
        if records.len() > RECORDS_MAX || bytes > TEXT_BYTES_MAX {
            return Err(TooManyRecords);
        }
    }
    let records = if validate_only { Vec::new() } else { records };
    Ok(Decision { records, answer })
}

/// Changes keys of one resource: all of them or none.
fn change_keys(
    image: &Image,
    settings: &dyn Settings,
    resource: &ConfigResource,
    changes: &[ConfigChange],
) -> Result<Vec<MetadataRecord>, AlterConfigError> {
    check_name(resource)?;
    check_repeats(changes.iter().map(|change| change.key.as_str()))?;
    let mut after = configured(image, resource);
    for change in changes {
        let before = image.configs.value(resource, &change.key);
        match value_after(settings, resource.kind, before, change)? {
            Some(value) => drop(after.insert(change.key.clone(), value)),
            None => drop(after.remove(&change.key)),
        }
    }
    let changed: Vec<_> = changes.iter().map(|change| change.key.as_str()).collect();
    check_all(image, settings, resource, &after, &changed)?;
    Ok(difference(image, resource, &after))
}

/// Gives a resource exactly these values: all of them or none.
fn replace_keys(
    image: &Image,
    settings: &dyn Settings,
    resource: &ConfigResource,
    values: &[(String, String)],
) -> Result<Vec<MetadataRecord>, AlterConfigError> {
    check_name(resource)?;
    check_repeats(values.iter().map(|(key, _)| key.as_str()))?;
    let after: BTreeMap<_, _> = values.iter().cloned().collect();
    let changed: Vec<_> = after.keys().map(String::as_str).collect();
    check_all(image, settings, resource, &after, &changed)?;
    Ok(difference(image, resource, &after))
}

/// Checks a key and its value, which also has to fit into a record.
pub(super) fn check(
    settings: &dyn Settings,
    resource: &ConfigResource,
    key: &str,
    value: &str,
) -> Result<(), Unfit> {
    check_size(key.len().max(value.len()))?;
    settings.check(resource, key, value)
}

fn check_size(size: usize) -> Result<(), Unfit> {
    let limit: usize = i16::MAX.unsigned_abs().into();
    if size <= limit {
        return Ok(());
    }
    Err(Unfit::Config(format!("A configuration of {size} bytes exceeds the limit of {limit}.")))
}

/// Checks what was changed, then all of it together, and only then whether there is such a topic:
/// in this order Kafka names what is wrong.
fn check_all(
    image: &Image,
    settings: &dyn Settings,
    resource: &ConfigResource,
    after: &BTreeMap<String, String>,
    changed: &[&str],
) -> Result<(), AlterConfigError> {
    for key in changed {
        if let Some(value) = after.get(*key) {
            check(settings, resource, key, value)?;
        }
    }
    let together = after.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    settings.check_together(image, resource, &together)?;
    let name = &*resource.name;
    if resource.kind == ResourceKind::Topic && image.topics.named(name).is_none() {
        return Err(AlterConfigError::UnknownTopic(name.to_owned()));
    }
    Ok(())
}

fn check_name(resource: &ConfigResource) -> Result<(), AlterConfigError> {
    let name = &*resource.name;
    let refusal = match resource.kind {
        ResourceKind::Topic if name.is_empty() => "Default topic resources are not allowed.",
        ResourceKind::Topic => {
            TopicName::parse(name)?;
            return Ok(());
        }
        ResourceKind::Broker if name.is_empty() => return Ok(()),
        ResourceKind::Broker => match name.parse::<i32>() {
            Ok(id) if id >= 0 => return Ok(()),
            Ok(_) => "Invalid negative broker ID.",
            Err(_) => "Unable to parse broker name as a base 10 number.",
        },
        ResourceKind::Group if name.is_empty() => "Default group resources are not allowed.",
        ResourceKind::ClientMetrics if name.is_empty() => "Subscription name can't be empty",
        ResourceKind::Group | ResourceKind::ClientMetrics => return Ok(()),
    };
    Err(AlterConfigError::Request(refusal.to_owned()))
}

fn check_repeats<'a>(mut keys: impl Iterator<Item = &'a str>) -> Result<(), AlterConfigError> {
    let mut seen = BTreeSet::new();
    if keys.all(|key| seen.insert(key)) { Ok(()) } else { Err(AlterConfigError::RepeatedKey) }
}

fn configured(image: &Image, resource: &ConfigResource) -> BTreeMap<String, String> {
    let all = image.configs.of(resource);
    all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The records that lead from what is configured to `after`.
fn difference(
    image: &Image,
    resource: &ConfigResource,
    after: &BTreeMap<String, String>,
) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    for (key, value) in after {
        if image.configs.value(resource, key) != Some(value) {
            records.push(config_record(resource, key, Some(value)).into());
        }
    }
    for (key, _) in image.configs.of(resource) {
        if !after.contains_key(key) {
            records.push(config_record(resource, key, None).into());
        }
    }
    records
}

fn text_bytes(wanted: &Wanted) -> usize {
    match wanted {
        Wanted::Exactly(values) => values.iter().map(|(key, value)| key.len() + value.len()).sum(),
        Wanted::Changes(changes) => {
            changes.iter().map(|one| one.key.len() + one.operation.text().len()).sum()
        }
    }
}

impl ConfigOperation {
    /// The value or values that come with it.
    fn text(&self) -> &str {
        match self {
            ConfigOperation::Delete => "",
            ConfigOperation::Set(text)
            | ConfigOperation::Append(text)
            | ConfigOperation::Subtract(text) => text,
        }
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
    check_size(change.operation.text().len())?;
    let list = |operation| match settings.list_default(kind, key) {
        Some(default) => Ok(before.map_or(default, str::to_owned)),
        None => Err(AlterConfigError::Invalid(no_list(kind, key, operation))),
    };
    Ok(match &change.operation {
        ConfigOperation::Set(value) => Some(value.clone()),
        ConfigOperation::Delete => None,
        ConfigOperation::Append(values) => Some(append(&list("append")?, values)),
        ConfigOperation::Subtract(values) => Some(subtract(&list("subtract")?, values)),
    })
}

/// Kafka has two sentences for it, since the broker checks its own keys before the controller.
fn no_list(kind: ResourceKind, key: &str, operation: &str) -> String {
    match kind {
        ResourceKind::Broker => {
            format!("Config value {operation} is not allowed for config key: {key}")
        }
        ResourceKind::Topic | ResourceKind::ClientMetrics | ResourceKind::Group => {
            let operation = operation.to_uppercase();
            format!("Can't {operation} to key {key} because its type is not LIST.")
        }
    }
}

/// Adds what the list does not hold yet, letter for letter as Kafka does.
fn append(list: &str, values: &str) -> String {
    let mut items = items(list);
    for value in values.split(',') {
        if !items.contains(&value) {
            items.push(value);
        }
    }
    items.join(",")
}

/// Takes each value off the list once.
fn subtract(list: &str, values: &str) -> String {
    let mut items = items(list);
    for value in values.split(',') {
        if let Some(index) = items.iter().position(|item| *item == value) {
            items.remove(index);
        }
    }
    items.join(",")
}

fn items(list: &str) -> Vec<&str> {
    list.split(',').filter(|item| !item.is_empty()).collect()
}
