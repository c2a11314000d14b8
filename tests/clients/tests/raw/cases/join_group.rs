//! JoinGroup.

use crate::case::Case;
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("an empty group", |_| of("")),
        Case::one("an unknown member", |talk| JoinGroupRequest {
            member_id: "x".into(),
            ..of(&talk.name("group"))
        }),
        Case::one("a session that is too short", |talk| JoinGroupRequest {
            session_timeout_ms: 1,
            ..of(&talk.name("group"))
        }),
        Case::one("a session that is too long", |talk| JoinGroupRequest {
            session_timeout_ms: i32::MAX,
            ..of(&talk.name("group"))
        }),
        Case::one("no protocols", |talk| JoinGroupRequest {
            protocols: Vec::new(),
            ..of(&talk.name("group"))
        }),
        Case::one("no type", |talk| JoinGroupRequest {
            protocol_type: "".into(),
            ..of(&talk.name("group"))
        }),
        Case::story::<JoinGroupRequest>("the first member", |talk| {
            let group = talk.name("group");
            let Some(answer) = talk.ask(&of(&group))? else { return Ok(()) };
            if answer.error_code != 0 {
                talk.ask(&JoinGroupRequest { member_id: answer.member_id, ..of(&group) })?;
            }
            Ok(())
        }),
        Case::one("a static member", |talk| JoinGroupRequest {
            group_instance_id: Some("instance".into()),
            ..of(&talk.name("group"))
        }),
        Case::one("an empty instance", |talk| JoinGroupRequest {
            group_instance_id: Some("".into()),
            ..of(&talk.name("group"))
        }),
    ]
}

pub(crate) fn of(group: &str) -> JoinGroupRequest {
    let metadata = b"metadata".to_vec().into();
    JoinGroupRequest {
        group_id: group.into(),
        session_timeout_ms: 6000,
        rebalance_timeout_ms: 6000,
        protocol_type: "raw".into(),
        protocols: vec![JoinGroupRequestProtocol { name: "range".into(), metadata }],
        ..JoinGroupRequest::default()
    }
}
