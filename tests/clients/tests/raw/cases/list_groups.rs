//! ListGroups: with filters through which only what the cases know comes.

use crate::case::Case;
use protocol::Versions;
use protocol::messages::list_groups::ListGroupsRequest;

pub(crate) fn cases() -> Vec<Case> {
    let old = Case::one("all groups", |_| ListGroupsRequest::default());
    vec![
        old.in_versions(Versions::between(0, 5)),
        Case::one("a state that nobody is in", |_| of(&["Dead"], &[])),
        Case::one("a state that does not exist", |_| of(&["Cheerful"], &[])),
        Case::one("a type that nobody is of", |_| of(&[], &["share"])),
        Case::one("a type that does not exist", |_| of(&[], &["cheerful"])),
    ]
}

fn of(states: &[&str], types: &[&str]) -> ListGroupsRequest {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).into()).collect();
    ListGroupsRequest { states_filter: texts(states), types_filter: texts(types) }
}
