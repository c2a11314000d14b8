//! FindCoordinator.

use crate::case::Case;
use crate::fixture::GROUP;
use protocol::messages::find_coordinator::FindCoordinatorRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("a group", |talk| of(talk.version, 0, &[GROUP])),
        Case::one("an empty name", |talk| of(talk.version, 0, &[""])),
        Case::one("a type that does not exist", |talk| of(talk.version, 9, &[GROUP])),
        Case::one("several groups", |talk| of(talk.version, 0, &[GROUP, "raw-other"])),
        Case::one("a share group's key that is none", |talk| of(talk.version, 2, &["x"])),
        Case::one("no keys", |talk| of(talk.version, 0, &[])),
    ]
}

fn of(version: i16, key_type: i8, keys: &[&str]) -> FindCoordinatorRequest {
    let mut request = FindCoordinatorRequest { key_type, ..Default::default() };
    if version < 4 {
        request.key = keys.first().copied().unwrap_or_default().into();
    } else {
        request.coordinator_keys = keys.iter().map(|key| (*key).into()).collect();
    }
    request
}
