//! IncrementalAlterConfigs.

use crate::case::Case;
use crate::fixture::create;
use protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};

const TOPIC: i8 = 2;
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| IncrementalAlterConfigsRequest::default()),
        Case::one("an unknown topic", |talk| {
            alter(TOPIC, &talk.name("none"), "retention.ms", SET, Some("1000"))
        }),
        Case::one("a type that does not exist", |_| alter(77, "x", "retention.ms", SET, Some("1"))),
        changed("a key is set", "retention.ms", SET, Some("1000")),
        changed("a key is deleted that is not set", "retention.ms", DELETE, None),
        changed("a list is appended to", "cleanup.policy", APPEND, Some("compact")),
        changed("a list is subtracted from", "cleanup.policy", SUBTRACT, Some("delete")),
        changed("a number is appended to", "retention.ms", APPEND, Some("1")),
        changed("an operation that does not exist", "retention.ms", 9, Some("1")),
        changed("a key that does not exist", "retention.years", SET, Some("1")),
        changed("a value that is no number", "retention.ms", SET, Some("long")),
        changed("no value", "retention.ms", SET, None),
    ]
}

fn changed(name: &'static str, key: &'static str, how: i8, value: Option<&'static str>) -> Case {
    Case::story::<IncrementalAlterConfigsRequest>(name, move |talk| {
        let topic = talk.name("topic");
        create(talk, &topic, 1)?;
        talk.ask(&alter(TOPIC, &topic, key, how, value)).map(drop)
    })
}

fn alter(
    resource_type: i8,
    name: &str,
    key: &str,
    config_operation: i8,
    value: Option<&str>,
) -> IncrementalAlterConfigsRequest {
    let value = value.map(Into::into);
    let configs = vec![AlterableConfig { name: key.into(), config_operation, value }];
    let resource = AlterConfigsResource { resource_type, resource_name: name.into(), configs };
    IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false }
}
