//! DeleteGroups: groups without members to be forgotten, with their offsets.

use std::{collections::BTreeSet, sync::Arc};

use bytestring::ByteString;
use node::coordinator::{GroupError, GroupId, request::Request};
use protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, delete_groups::DeletableGroupResult,
};

use super::{call::Call, desk::Desk, gathering::Gathering, groups::number};
use crate::{network::Order, shell::Shell};

/// The groups, each once, in the order in which their coordinators were asked.
pub(super) struct Shape(Vec<ByteString>);

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DeleteGroupsRequest) -> Order {
    let groups = distinct(request.groups_names);
    if groups.is_empty() {
        answer(&shell.desk, call, Shape(groups), Vec::new());
        return Order::Alone;
    }
    let now = call.now;
    let gathering = Arc::new(Gathering::new(call, Shape(groups.clone()), groups.len()));
    for (index, group) in groups.into_iter().enumerate() {
        let ticket = shell.desk.gather(&gathering, index);
        let mut effects = Vec::new();
        let request = Request::DeleteGroup(GroupId(group));
        shell.node.coordinate(now, ticket, request, &mut effects);
        shell.perform(effects);
    }
    Order::Alone
}

fn distinct(names: Vec<ByteString>) -> Vec<ByteString> {
    let mut seen = BTreeSet::new();
    names.into_iter().filter(|name| seen.insert(name.clone())).collect()
}

pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcomes: Vec<Result<(), GroupError>>) {
    let results = shape.0.into_iter().zip(&outcomes);
    let results = results
        .map(|(group_id, outcome)| DeletableGroupResult { group_id, error_code: number(outcome) });
    let response =
        DeleteGroupsResponse { results: results.collect(), ..DeleteGroupsResponse::default() };
    call.answer::<DeleteGroupsRequest>(desk, &response);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_is_named_twice_is_deleted_once() {
        let names = ["b", "a", "b"].map(ByteString::from).to_vec();
        assert_eq!(distinct(names), ["b", "a"]);
    }
}
