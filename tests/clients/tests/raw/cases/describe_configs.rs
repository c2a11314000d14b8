//! DescribeConfigs.

use crate::case::Case;
use crate::fixture::TOPIC;
use protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};

const TOPIC_TYPE: i8 = 2;
const BROKER: i8 = 4;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| DescribeConfigsRequest::default()),
        Case::one("an unknown topic", |talk| of(TOPIC_TYPE, &talk.name("none"), None)),
        Case::one("an empty name", |_| of(TOPIC_TYPE, "", None)),
        Case::one("a type that does not exist", |_| of(77, "x", None)),
        Case::one("a broker that does not exist", |_| of(BROKER, "4711", None)),
        Case::one("a broker that is no number", |_| of(BROKER, "one", None)),
        Case::one("some keys of a topic", |_| {
            of(TOPIC_TYPE, TOPIC, Some(&["retention.ms", "cleanup.policy"]))
        }),
        Case::one("no keys of a topic", |_| of(TOPIC_TYPE, TOPIC, Some(&[]))),
        Case::one("a key that does not exist", |_| {
            of(TOPIC_TYPE, TOPIC, Some(&["retention.years"]))
        }),
        Case::one("all keys of a topic, with synonyms", |_| DescribeConfigsRequest {
            include_synonyms: true,
            ..of(TOPIC_TYPE, TOPIC, None)
        }),
        Case::one("what all brokers share", |_| of(BROKER, "", None)),
    ]
}

fn of(resource_type: i8, name: &str, keys: Option<&[&str]>) -> DescribeConfigsRequest {
    let configuration_keys = keys.map(|keys| keys.iter().map(|key| (*key).into()).collect());
    let resource =
        DescribeConfigsResource { resource_type, resource_name: name.into(), configuration_keys };
    DescribeConfigsRequest { resources: vec![resource], ..Default::default() }
}
