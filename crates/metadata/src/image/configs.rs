//! What is configured in the cluster: overrides of topics, brokers, groups.

use std::sync::Arc;

use imbl::OrdMap;
use types::BrokerId;

/// The configured keys of each resource; one without any is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configs {
    by_resource: OrdMap<ConfigResource, OrdMap<Arc<str>, Arc<str>>>,
}

/// What a configuration belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigResource {
    /// What kind of thing it is.
    pub kind: ResourceKind,
    /// Its name; for a broker its id as text, or empty for all brokers.
    pub name: Arc<str>,
}

/// The kinds of resources that carry configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceKind {
    /// A topic.
    Topic,
    /// A broker, or all of them.
    Broker,
    /// A subscription of client metrics.
    ClientMetrics,
    /// A group.
    Group,
}

impl ResourceKind {
    /// Kafka's number.
    #[must_use]
    pub fn number(self) -> i8 {
        match self {
            ResourceKind::Topic => 2,
            ResourceKind::Broker => 4,
            ResourceKind::ClientMetrics => 16,
            ResourceKind::Group => 32,
        }
    }

    /// The kind with Kafka's number.
    #[must_use]
    pub fn from_number(number: i8) -> Option<ResourceKind> {
        match number {
            2 => Some(ResourceKind::Topic),
            4 => Some(ResourceKind::Broker),
            16 => Some(ResourceKind::ClientMetrics),
            32 => Some(ResourceKind::Group),
            _ => None,
        }
    }
}

impl ConfigResource {
    /// A topic.
    #[must_use]
    pub fn topic(name: &str) -> ConfigResource {
        ConfigResource { kind: ResourceKind::Topic, name: name.into() }
    }

    /// One broker.
    #[must_use]
    pub fn broker(id: BrokerId) -> ConfigResource {
        ConfigResource { kind: ResourceKind::Broker, name: id.0.to_string().into() }
    }

    /// What all brokers share.
    #[must_use]
    pub fn all_brokers() -> ConfigResource {
        ConfigResource { kind: ResourceKind::Broker, name: "".into() }
    }
}

impl Configs {
    /// The value configured for one key.
    #[must_use]
    pub fn value(&self, resource: &ConfigResource, key: &str) -> Option<&str> {
        self.by_resource.get(resource)?.get(key).map(|value| &**value)
    }

    /// All that is configured for one resource, by key.
    pub fn of(&self, resource: &ConfigResource) -> impl Iterator<Item = (&str, &str)> {
        self.by_resource.get(resource).into_iter().flatten().map(|(key, value)| (&**key, &**value))
    }

    /// The resources that have something configured.
    pub fn resources(&self) -> impl Iterator<Item = &ConfigResource> {
        self.by_resource.keys()
    }

    pub(super) fn set(&mut self, resource: ConfigResource, key: &str, value: &str) {
        self.by_resource.entry(resource).or_default().insert(key.into(), value.into());
    }

    pub(super) fn unset(&mut self, resource: &ConfigResource, key: &str) {
        let Some(keys) = self.by_resource.get_mut(resource) else { return };
        keys.remove(key);
        if keys.is_empty() {
            self.by_resource.remove(resource);
        }
    }

    /// Forgets all of one resource and says whether there was anything.
    pub(super) fn remove(&mut self, resource: &ConfigResource) -> bool {
        self.by_resource.remove(resource).is_some()
    }
}
