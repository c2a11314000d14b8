//! ListGroups: the groups that this broker looks after.

use std::sync::Arc;

use node::coordinator::{GroupError, answer::Listed};
use protocol::messages::{ListGroupsRequest, ListGroupsResponse, list_groups::ListedGroup};

use super::{call::Call, error_codes::Coded};
use crate::{network::Order, shell::Shell};

/// What the groups here are called, other than those whose broker assigns (KIP-848).
const CLASSIC: &str = "classic";

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: ListGroupsRequest) -> Order {
    let response = response(shell.node.list_groups(), &request);
    call.answer::<ListGroupsRequest>(&shell.desk, &response);
    Order::Alone
}

fn response(
    listed: Result<Vec<Listed>, GroupError>,
    request: &ListGroupsRequest,
) -> ListGroupsResponse {
    let groups = match listed {
        Ok(groups) => groups,
        Err(error) => {
            let error_code = error.number();
            return ListGroupsResponse { error_code, ..ListGroupsResponse::default() };
        }
    };
    let groups = groups.into_iter().map(group);
    let passes = |group: &ListedGroup| {
        // Kafka forgives blanks around states, not around types.
        passes(request.states_filter.iter().map(|state| state.trim()), &group.group_state)
            && passes(request.types_filter.iter().map(|kind| &**kind), &group.group_type)
    };
    ListGroupsResponse { groups: groups.filter(passes).collect(), ..ListGroupsResponse::default() }
}

fn group(listed: Listed) -> ListedGroup {
    ListedGroup {
        group_id: listed.group.0,
        protocol_type: listed.protocol_type,
        group_state: listed.state.to_string().into(),
        group_type: CLASSIC.into(),
    }
}

/// An empty filter lets all pass; a word that means nothing lets nothing pass.
fn passes<'a>(mut filter: impl ExactSizeIterator<Item = &'a str>, word: &str) -> bool {
    filter.len() == 0 || filter.any(|one| one.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use bytestring::ByteString;
    use node::coordinator::{GroupId, answer::State};
    use protocol::Message;

    use super::*;

    fn groups() -> Result<Vec<Listed>, GroupError> {
        let listed = |group: &str, state| Listed {
            group: GroupId(group.into()),
            protocol_type: "consumer".into(),
            state,
        };
        Ok(vec![listed("a", State::Stable), listed("b", State::Empty)])
    }

    fn names(states: &[&str], types: &[&str]) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| ByteString::from(*word)).collect();
        let request =
            ListGroupsRequest { states_filter: words(states), types_filter: words(types) };
        let groups = response(groups(), &request).groups;
        groups.iter().map(|group| group.group_id.to_string()).collect()
    }

    #[test]
    fn an_empty_filter_lets_all_groups_pass() {
        assert_eq!(names(&[], &[]), ["a", "b"]);
    }

    #[test]
    fn groups_pass_by_state_and_type_in_whatever_case() {
        assert_eq!(names(&["stable"], &[]), ["a"]);
        assert_eq!(names(&[" EMPTY ", "Dead"], &["Classic"]), ["b"]);
        assert_eq!(names(&[], &[" classic "]), [""; 0]);
        assert_eq!(names(&[], &["consumer"]), [""; 0]);
    }

    #[test]
    fn a_state_that_there_is_not_lets_nothing_pass() {
        assert_eq!(names(&["Sleeping"], &[]), [""; 0]);
    }

    #[test]
    fn every_version_can_tell_of_groups_and_of_a_refusal() {
        let request = ListGroupsRequest::default();
        for response in [response(groups(), &request), response(Err(GroupError::Loading), &request)]
        {
            for version in 0..=5 {
                assert!(response.to_bytes(version).is_ok(), "{response:?} in {version}");
            }
        }
    }
}
