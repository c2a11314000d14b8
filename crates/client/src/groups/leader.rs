//! What the leader of a group works out for all its members.

use std::collections::BTreeMap;

use protocol::{
    ApiKey, ErrorCode,
    messages::{JoinGroupResponse, sync_group::SyncGroupRequestAssignment},
};

use super::{
    Assignor,
    assignor::{Members, PartitionCounts},
    subscription,
};
use crate::{CallError, Refusal};

/// What the members say.
pub(super) fn members(joined: &JoinGroupResponse) -> Result<Members, CallError> {
    let members = joined.members.iter().map(|member| {
        let instance = member.group_instance_id.as_ref().map(ToString::to_string);
        let said = subscription::read(member.metadata.clone(), instance)?;
        Ok((member.member_id.to_string(), said))
    });
    let members: Result<Members, _> = members.collect();
    members.map_err(|error| CallError::Decode { api: ApiKey::JoinGroup, error })
}

/// What each member shall read. A leader that comes back with the name it had is told that all stays
/// as it was, and says nothing (KIP-814).
pub(super) fn shares(
    joined: &JoinGroupResponse,
    members: &Members,
    counts: &PartitionCounts,
) -> Result<Vec<SyncGroupRequestAssignment>, CallError> {
    let name = joined.protocol_name.as_deref().unwrap_or_default();
    let Some(assignor) = Assignor::of_name(name) else {
        let message = Some(format!("the group agreed on {name}, which nobody here knows"));
        let refusal = Refusal { code: ErrorCode::InconsistentGroupProtocol, message };
        return Err(CallError::Refused { api: ApiKey::JoinGroup, refusal });
    };
    let assigned = match joined.skip_assignment {
        true => BTreeMap::new(),
        false => assignor.assign(members, counts),
    };
    let shares = assigned.into_iter().map(|(member, share)| SyncGroupRequestAssignment {
        member_id: member.into(),
        assignment: subscription::write_assignment(&share),
    });
    Ok(shares.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use protocol::messages::join_group::JoinGroupResponseMember;
    use types::TopicName;

    use super::*;

    fn joined(protocol: &str) -> JoinGroupResponse {
        let topics = BTreeSet::from([TopicName::parse("chat").unwrap()]);
        let member = |id: &str| JoinGroupResponseMember {
            member_id: id.into(),
            metadata: subscription::write(&topics, &BTreeSet::new(), -1),
            ..Default::default()
        };
        JoinGroupResponse {
            protocol_name: Some(protocol.into()),
            members: vec![member("a"), member("b")],
            ..Default::default()
        }
    }

    fn shared(joined: &JoinGroupResponse) -> Result<Vec<usize>, CallError> {
        let counts = [(TopicName::parse("chat").unwrap(), 3)].into();
        let shares = shares(joined, &members(joined)?, &counts)?;
        let size = |share: SyncGroupRequestAssignment| {
            subscription::read_assignment(share.assignment).unwrap().len()
        };
        Ok(shares.into_iter().map(size).collect())
    }

    #[test]
    fn every_member_gets_its_share_by_the_assignor_that_the_group_agreed_on() {
        assert_eq!(shared(&joined("range")).unwrap(), [2, 1]);
    }

    #[test]
    fn a_leader_that_comes_back_with_its_name_leaves_all_as_it_is() {
        let joined = JoinGroupResponse { skip_assignment: true, ..joined("range") };
        assert_eq!(shared(&joined).unwrap(), [0_usize; 0]);
    }

    #[test]
    fn an_assignor_that_nobody_knows_is_named() {
        let error = shared(&joined("rack-aware")).unwrap_err();
        assert!(error.to_string().ends_with("rack-aware, which nobody here knows"), "{error}");
    }
}
