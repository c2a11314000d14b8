//! LeaveGroup.

use crate::case::Case;
use crate::fixture::GROUP;
use protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("an unknown group", |talk| of(talk.version, &talk.name("none"), "x", None)),
        Case::one("an unknown member", |talk| of(talk.version, GROUP, "x", None)),
        Case::one("an empty group", |talk| of(talk.version, "", "x", None)),
        Case::one("an empty member", |talk| of(talk.version, GROUP, "", None)),
        Case::one("an unknown instance", |talk| of(talk.version, GROUP, "", Some("nobody"))),
        Case::one("nobody", |_| LeaveGroupRequest { group_id: GROUP.into(), ..Default::default() }),
    ]
}

fn of(version: i16, group: &str, member: &str, instance: Option<&str>) -> LeaveGroupRequest {
    let mut request = LeaveGroupRequest { group_id: group.into(), ..Default::default() };
    if version < 3 {
        request.member_id = member.into();
    } else {
        let group_instance_id = instance.map(Into::into);
        let member_id = member.into();
        request.members = vec![MemberIdentity { member_id, group_instance_id, reason: None }];
    }
    request
}
