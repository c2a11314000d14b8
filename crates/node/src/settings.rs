//! What the controller's decisions have to know of configuration.

use std::collections::BTreeMap;

use metadata::{Image, controller::Settings, image::ResourceKind};

use crate::topic_config::TopicConfig;

/// The defaults for topics whose creator does not say.
#[derive(Debug, Clone)]
pub(crate) struct Defaults {
    pub(crate) topics: TopicConfig,
    pub(crate) partitions: i32,
    pub(crate) replicas: i16,
}

impl Settings for Defaults {
    fn default_partitions(&self, _image: &Image) -> i32 {
        self.partitions
    }

    fn default_replicas(&self, _image: &Image) -> i16 {
        self.replicas
    }

    fn elects_uncleanly(&self, _image: &Image, _topic: &str) -> bool {
        false
    }

    fn check(&self, kind: ResourceKind, key: &str, value: &str) -> Result<(), String> {
        match kind {
            ResourceKind::Topic => TopicConfig::default().set(key, value),
            ResourceKind::Broker | ResourceKind::ClientMetrics | ResourceKind::Group => {
                Err(format!("{key} cannot be configured: only topics can in this version"))
            }
        }
    }

    fn check_together(
        &self,
        kind: ResourceKind,
        configs: &BTreeMap<&str, &str>,
    ) -> Result<(), String> {
        match kind {
            ResourceKind::Topic => {
                let configs = configs.iter().map(|(key, value)| (*key, *value));
                self.topics.with(configs).check_together()
            }
            ResourceKind::Broker | ResourceKind::ClientMetrics | ResourceKind::Group => Ok(()),
        }
    }

    fn list_default(&self, _kind: ResourceKind, _key: &str) -> Option<String> {
        None
    }
}
