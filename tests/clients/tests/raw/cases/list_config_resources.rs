//! ListConfigResources.

use crate::case::Case;
use protocol::messages::list_config_resources::ListConfigResourcesRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("clients' metrics", |talk| of(talk.version, &[16])),
        Case::one("groups", |talk| of(talk.version, &[32])),
        Case::one("brokers", |talk| of(talk.version, &[4])),
        Case::one("a type that does not exist", |talk| of(talk.version, &[77])),
        Case::one("a type that is negative", |talk| of(talk.version, &[-1])),
    ]
}

fn of(version: i16, types: &[i8]) -> ListConfigResourcesRequest {
    let resource_types = if version == 0 { Vec::new() } else { types.to_vec() };
    ListConfigResourcesRequest { resource_types }
}
