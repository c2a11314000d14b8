//! What the controller's decisions have to know of configuration, out of the table of keys.

use std::collections::BTreeMap;

use configuration::{
    Invalid, Keys, Kind, Layers, Texts,
    dynamic::{self, Scope},
    keys, together,
};
use metadata::{
    Image,
    controller::{Settings, Unfit},
    image::{ConfigResource, ResourceKind},
};
use types::BrokerId;

use crate::effective::layers;

/// The defaults for topics whose creator does not say, and what they are checked against.
#[derive(Debug, Clone)]
pub(crate) struct Defaults {
    pub(crate) broker: BrokerId,
    pub(crate) file: Layers,
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

    fn check(&self, resource: &ConfigResource, key: &str, value: &str) -> Result<(), Unfit> {
        let accept = |keys: &Keys| -> Result<(), Unfit> {
            let accepted = keys.get(key).and_then(|key| key.accept(value));
            accepted.map(drop).map_err(|invalid| Unfit::Config(invalid.to_string()))
        };
        match resource.kind {
            ResourceKind::Topic => accept(keys::topic()),
            ResourceKind::Group => accept(keys::group()),
            ResourceKind::ClientMetrics if keys::client_metrics().find(key).is_none() => {
                Err(Unfit::Request(format!("Unknown client metrics configuration: {key}")))
            }
            ResourceKind::ClientMetrics => accept(keys::client_metrics()),
            ResourceKind::Broker => {
                let scope =
                    if resource.name.is_empty() { Scope::AllBrokers } else { Scope::OneBroker };
                dynamic::check(scope, key, value).map(drop).map_err(|unfit| match unfit {
                    dynamic::Unfit::Config(Invalid(text)) => Unfit::Config(text),
                    dynamic::Unfit::Request(text) => Unfit::Request(text),
                })
            }
        }
    }

    fn check_together(
        &self,
        image: &Image,
        resource: &ConfigResource,
        configs: &BTreeMap<&str, &str>,
    ) -> Result<(), Unfit> {
        match resource.kind {
            ResourceKind::Topic => {
                let layers = layers(&self.file, self.broker, image);
                together::check_topic(&layers, &texts(pairs(configs)))
                    .map_err(|invalid| Unfit::Config(invalid.to_string()))
            }
            ResourceKind::Broker => {
                let after = self.layers_with(image, resource, configs);
                together::check_broker(&after.merged())
                    .map_err(|invalid| Unfit::Request(invalid.to_string()))
            }
            ResourceKind::ClientMetrics | ResourceKind::Group => Ok(()),
        }
    }

    fn list_default(&self, kind: ResourceKind, key: &str) -> Option<String> {
        let keys = match kind {
            ResourceKind::Topic => keys::topic(),
            ResourceKind::Broker => keys::broker(),
            ResourceKind::ClientMetrics => keys::client_metrics(),
            ResourceKind::Group => keys::group(),
        };
        let key = keys.find(key).filter(|key| key.shape.kind == Kind::List)?;
        Some(key.default_text().unwrap_or_default().to_owned())
    }
}

impl Defaults {
    /// The layers as they would be with what one of the dynamic resources is to have.
    fn layers_with(
        &self,
        image: &Image,
        changed: &ConfigResource,
        configs: &BTreeMap<&str, &str>,
    ) -> Layers {
        let set = |resource: &ConfigResource| {
            if resource == changed {
                texts(pairs(configs))
            } else {
                texts(image.configs.of(resource))
            }
        };
        let own = set(&ConfigResource::broker(self.broker));
        let all = set(&ConfigResource::all_brokers());
        self.file.with_dynamic(borrowed(&own), borrowed(&all))
    }
}

fn pairs<'a>(configs: &BTreeMap<&'a str, &'a str>) -> impl Iterator<Item = (&'a str, &'a str)> {
    configs.iter().map(|(key, value)| (*key, *value))
}

fn borrowed(set: &Texts) -> impl Iterator<Item = (&str, &str)> {
    set.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}

fn texts<'a>(set: impl Iterator<Item = (&'a str, &'a str)>) -> Texts {
    set.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
