//! DescribeGroups.

use crate::case::Case;
use crate::fixture::GROUP;
use protocol::messages::describe_groups::DescribeGroupsRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| DescribeGroupsRequest::default()),
        Case::one("a group without members", |_| of(&[GROUP])),
        Case::one("an unknown group", |talk| of(&[&talk.name("none")])),
        Case::one("an empty name", |_| of(&[""])),
        Case::one("a group twice", |_| of(&[GROUP, GROUP])),
        Case::one("with what one may do", |_| DescribeGroupsRequest {
            include_authorized_operations: true,
            ..of(&[GROUP])
        }),
    ]
}

fn of(groups: &[&str]) -> DescribeGroupsRequest {
    let groups = groups.iter().map(|name| (*name).into()).collect();
    DescribeGroupsRequest { groups, ..Default::default() }
}
