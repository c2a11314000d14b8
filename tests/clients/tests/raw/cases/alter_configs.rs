//! AlterConfigs.

use crate::case::Case;
use crate::fixture::create;
use protocol::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource, AlterableConfig,
};

const TOPIC: i8 = 2;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| AlterConfigsRequest::default()),
        Case::one("an unknown topic", |talk| {
            alter(TOPIC, &talk.name("none"), "retention.ms", Some("1000"))
        }),
        Case::one("a type that does not exist", |_| alter(77, "x", "retention.ms", Some("1000"))),
        Case::one("a broker that does not exist", |_| {
            alter(4, "4711", "log.retention.ms", Some("1"))
        }),
        changed("a key", "retention.ms", Some("1000")),
        changed("a key that does not exist", "retention.years", Some("1")),
        changed("a value that is no number", "retention.ms", Some("long")),
        changed("a value out of range", "retention.ms", Some("-2")),
        changed("no value", "retention.ms", None),
        changed("a codec that does not exist", "compression.type", Some("rar")),
    ]
}

fn changed(name: &'static str, key: &'static str, value: Option<&'static str>) -> Case {
    Case::story::<AlterConfigsRequest>(name, move |talk| {
        let topic = talk.name("topic");
        create(talk, &topic, 1)?;
        talk.ask(&alter(TOPIC, &topic, key, value)).map(drop)
    })
}

fn alter(resource_type: i8, name: &str, key: &str, value: Option<&str>) -> AlterConfigsRequest {
    let configs = vec![AlterableConfig { name: key.into(), value: value.map(Into::into) }];
    let resource = AlterConfigsResource { resource_type, resource_name: name.into(), configs };
    AlterConfigsRequest { resources: vec![resource], validate_only: false }
}
