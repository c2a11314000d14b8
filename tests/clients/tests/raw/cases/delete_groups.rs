//! DeleteGroups.

use crate::case::Case;
use crate::fixture::commit;
use protocol::messages::delete_groups::DeleteGroupsRequest;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| request(&[])),
        Case::one("an unknown group", |talk| request(&[&talk.name("none")])),
        Case::one("an empty name", |_| request(&[""])),
        Case::one("a group twice", |talk| request(&[&talk.name("none"), &talk.name("none")])),
        Case::story::<DeleteGroupsRequest>("a group without members", |talk| {
            let group = talk.name("group");
            talk.prepare(&commit(&group, talk.fixture.topic_id, 1))?;
            talk.ask(&request(&[&group]))?;
            talk.ask(&request(&[&group])).map(drop)
        }),
    ]
}

fn request(groups: &[&str]) -> DeleteGroupsRequest {
    DeleteGroupsRequest { groups_names: groups.iter().map(|name| (*name).into()).collect() }
}
