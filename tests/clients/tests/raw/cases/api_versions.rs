//! ApiVersions, and what no version has.

use crate::case::Case;
use protocol::Versions;
use protocol::messages::api_versions::ApiVersionsRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("a named client", |_| named("raw", "1.0")),
        Case::one("a client without a name", |_| named("", "")),
        Case::one("a name with blanks", |_| named("raw client", "1.0")),
        bytes("a key that does not exist", 999, 0),
        bytes("a version that does not exist", 3, 99),
        bytes("a version that is negative", 3, -1),
        bytes("a version that was removed", 1, 3),
        bytes("a request that only followers send", 4, 7),
    ]
}

fn named(name: &str, version: &str) -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: name.into(),
        client_software_version: version.into(),
    }
}

/// Any bytes, once.
fn bytes(name: &'static str, key: i16, version: i16) -> Case {
    let case =
        Case::story::<ApiVersionsRequest>(name, move |talk| talk.ask_bytes(key, version, &[0; 8]));
    case.in_versions(Versions::between(0, 0))
}
