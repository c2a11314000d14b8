//! A group's members as a record says them.

use std::time::Duration;

use types::Timestamp;

use super::{GroupMetadataValue, MemberMetadata};
use crate::{
    Generation, InstanceId, MemberId,
    group::{PersistedGroup, PersistedMember},
};

/// "Not said", in the numbers of a record.
const NONE: i32 = -1;

impl From<GroupMetadataValue> for PersistedGroup {
    fn from(value: GroupMetadataValue) -> PersistedGroup {
        let since = Timestamp(value.current_state_timestamp);
        PersistedGroup {
            protocol_type: value.protocol_type,
            generation: Generation(value.generation),
            protocol: value.protocol,
            leader: value.leader.map(MemberId),
            state_since: (since != Timestamp::NONE).then_some(since),
            members: value.members.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<MemberMetadata> for PersistedMember {
    fn from(value: MemberMetadata) -> PersistedMember {
        let rebalance_timeout = match value.rebalance_timeout {
            NONE => value.session_timeout,
            said => said,
        };
        PersistedMember {
            member: MemberId(value.member_id),
            instance: value.group_instance_id.map(InstanceId),
            client_id: value.client_id,
            client_host: value.client_host,
            rebalance_timeout: milliseconds(rebalance_timeout),
            session_timeout: milliseconds(value.session_timeout),
            subscription: value.subscription,
            assignment: value.assignment,
        }
    }
}

impl From<PersistedGroup> for GroupMetadataValue {
    fn from(group: PersistedGroup) -> GroupMetadataValue {
        GroupMetadataValue {
            protocol_type: group.protocol_type,
            generation: group.generation.0,
            protocol: group.protocol,
            leader: group.leader.map(|leader| leader.0),
            current_state_timestamp: group.state_since.unwrap_or(Timestamp::NONE).0,
            members: group.members.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<PersistedMember> for MemberMetadata {
    fn from(member: PersistedMember) -> MemberMetadata {
        MemberMetadata {
            member_id: member.member.0,
            group_instance_id: member.instance.map(|instance| instance.0),
            client_id: member.client_id,
            client_host: member.client_host,
            rebalance_timeout: in_milliseconds(member.rebalance_timeout),
            session_timeout: in_milliseconds(member.session_timeout),
            subscription: member.subscription,
            assignment: member.assignment,
        }
    }
}

/// A negative time, which nobody writes, is none.
fn milliseconds(number: i32) -> Duration {
    Duration::from_millis(u64::try_from(number).unwrap_or(0))
}

fn in_milliseconds(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX)
}
