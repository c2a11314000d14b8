//! DescribeGroups: groups with their members.

use std::{collections::BTreeSet, sync::Arc};

use bytestring::ByteString;
use node::coordinator::{
    GroupError, GroupId,
    answer::{Described, DescribedMember, State},
};
use protocol::messages::{
    DescribeGroupsRequest, DescribeGroupsResponse,
    describe_groups::{DescribedGroup, DescribedGroupMember},
};

use super::{call::Call, error_codes::Coded, operations};
use crate::{network::Order, shell::Shell};

/// The first version that tells a group that is not there from one that is dead.
const SAYS_NOT_FOUND: i16 = 6;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DescribeGroupsRequest) -> Order {
    let operations = operations::when(request.include_authorized_operations, operations::GROUP);
    let mut seen = BTreeSet::new();
    // Each once, so that an answer is no larger than what there is to tell.
    let names = request.groups.into_iter().filter(|name| seen.insert(name.clone()));
    let groups = names.map(|name| {
        let described = shell.node.describe_group(&GroupId(name.clone()));
        group(name, described, call.version, operations)
    });
    let response = DescribeGroupsResponse { groups: groups.collect(), ..Default::default() };
    call.answer::<DescribeGroupsRequest>(&shell.desk, &response);
    Order::Alone
}

fn group(
    group_id: ByteString,
    described: Result<Described, GroupError>,
    version: i16,
    authorized_operations: i32,
) -> DescribedGroup {
    match described {
        Ok(described) => DescribedGroup {
            group_id,
            group_state: described.state.to_string().into(),
            protocol_type: described.protocol_type,
            protocol_data: described.protocol,
            members: described.members.into_iter().map(member).collect(),
            authorized_operations,
            ..DescribedGroup::default()
        },
        Err(GroupError::GroupNotFound) => {
            let dead = DescribedGroup {
                group_state: State::Dead.to_string().into(),
                ..DescribedGroup::default()
            };
            if version < SAYS_NOT_FOUND {
                return DescribedGroup { group_id, authorized_operations, ..dead };
            }
            DescribedGroup {
                error_code: GroupError::GroupNotFound.number(),
                error_message: Some(format!("Group {group_id} not found.").into()),
                group_id,
                ..dead
            }
        }
        Err(error) => {
            DescribedGroup { group_id, error_code: error.number(), ..DescribedGroup::default() }
        }
    }
}

fn member(member: DescribedMember) -> DescribedGroupMember {
    DescribedGroupMember {
        member_id: member.member.0,
        group_instance_id: member.instance.map(|instance| instance.0),
        client_id: member.client_id,
        client_host: member.client_host,
        member_metadata: member.metadata,
        member_assignment: member.assignment,
    }
}

#[cfg(test)]
mod tests {
    use protocol::Message;

    use super::*;

    fn told(described: Result<Described, GroupError>, version: i16) -> DescribedGroup {
        group("readers".into(), described, version, operations::GROUP)
    }

    #[test]
    fn a_group_that_is_not_there_is_dead_in_old_versions_and_not_found_in_new_ones() {
        let old = told(Err(GroupError::GroupNotFound), 5);
        assert_eq!((old.error_code, &*old.group_state), (0, "Dead"));
        let new = told(Err(GroupError::GroupNotFound), 6);
        assert_eq!((new.error_code, &*new.group_state), (69, "Dead"));
        assert_eq!(new.error_message.as_deref(), Some("Group readers not found."));
        assert_eq!(new.authorized_operations, operations::NOT_ASKED_FOR);
    }

    #[test]
    fn every_version_can_tell_of_a_group_and_of_a_refusal() {
        let member = DescribedMember {
            member: node::coordinator::MemberId("me".into()),
            instance: Some(node::coordinator::InstanceId("first".into())),
            client_id: "c".into(),
            client_host: "/127.0.0.1".into(),
            metadata: bytes::Bytes::new(),
            assignment: bytes::Bytes::new(),
        };
        let described = Described {
            group: GroupId("readers".into()),
            state: State::Stable,
            protocol_type: "consumer".into(),
            protocol: "range".into(),
            members: vec![member],
        };
        for version in 0..=6 {
            let operations = operations::when(version >= 3, operations::GROUP);
            let groups = [
                group("a".into(), Ok(described.clone()), version, operations),
                group("b".into(), Err(GroupError::GroupNotFound), version, operations),
                group("c".into(), Err(GroupError::Loading), version, operations),
            ];
            assert_eq!(groups[0].group_state, "Stable");
            let response = DescribeGroupsResponse { groups: groups.to_vec(), ..Default::default() };
            assert!(response.to_bytes(version).is_ok(), "{response:?} in {version}");
        }
    }
}
