//! Heartbeat.

use crate::case::Case;
use crate::fixture::GROUP;
use protocol::messages::heartbeat::HeartbeatRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("an unknown group", |talk| of(&talk.name("none"), 1, "x")),
        Case::one("an unknown member", |_| of(GROUP, 1, "x")),
        Case::one("an empty group", |_| of("", 1, "x")),
        Case::one("an empty member", |_| of(GROUP, 1, "")),
        Case::one("a negative generation", |_| of(GROUP, -1, "x")),
        Case::one("an unknown instance", |_| HeartbeatRequest {
            group_instance_id: Some("nobody".into()),
            ..of(GROUP, 1, "x")
        }),
    ]
}

fn of(group: &str, generation_id: i32, member: &str) -> HeartbeatRequest {
    let (group_id, member_id) = (group.into(), member.into());
    HeartbeatRequest { group_id, generation_id, member_id, group_instance_id: None }
}
