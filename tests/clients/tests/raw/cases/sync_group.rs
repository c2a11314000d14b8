//! SyncGroup.

use crate::case::Case;
use crate::fixture::GROUP;
use protocol::messages::sync_group::SyncGroupRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("an unknown group", |talk| of(&talk.name("none"), 1, "x")),
        Case::one("an unknown member", |_| of(GROUP, 1, "x")),
        Case::one("an empty group", |_| of("", 1, "x")),
        Case::one("an empty member", |_| of(GROUP, 1, "")),
        Case::one("no protocol", |_| SyncGroupRequest {
            protocol_type: None,
            protocol_name: None,
            ..of(GROUP, 1, "x")
        }),
        Case::one("an unknown instance", |_| SyncGroupRequest {
            group_instance_id: Some("nobody".into()),
            ..of(GROUP, 1, "x")
        }),
    ]
}

fn of(group: &str, generation_id: i32, member: &str) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: group.into(),
        generation_id,
        member_id: member.into(),
        protocol_type: Some("consumer".into()),
        protocol_name: Some("range".into()),
        ..SyncGroupRequest::default()
    }
}
