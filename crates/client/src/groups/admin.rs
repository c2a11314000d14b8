//! Groups from outside: listed, described, deleted.

use std::collections::BTreeSet;

use protocol::{
    ApiKey, ErrorCode,
    messages::{
        DeleteGroupsRequest, DescribeGroupsRequest, ListGroupsRequest,
        describe_groups::{DescribedGroup, DescribedGroupMember},
    },
};
use types::{BrokerId, TopicPartition};

use super::subscription;
use crate::{CallError, Client, Refusal, Wanted};

/// A group in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGroup {
    /// Its id.
    pub id: String,
    /// Its state; empty from brokers that do not tell.
    pub state: String,
    /// `Classic`, `Consumer` and the like; empty from brokers that do not tell.
    pub kind: String,
    /// `consumer`, `connect` and the like; empty when it only has offsets.
    pub protocol_type: String,
}

/// A group and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDescription {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: String,
    /// What it is a group of.
    pub protocol_type: String,
    /// The assignor that its members agreed on.
    pub assignor: String,
    /// The broker that looks after it.
    pub coordinator: BrokerId,
    /// Its members.
    pub members: Vec<MemberDescription>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDescription {
    /// Its id.
    pub id: String,
    /// Its name, when it is a static member.
    pub instance: Option<String>,
    /// What its client calls itself.
    pub client_id: String,
    /// Where it is.
    pub host: String,
    /// What it reads.
    pub assigned: BTreeSet<TopicPartition>,
}

const ANY_VERSION: i16 = i16::MAX;

impl Client {
    /// All groups, as all brokers tell them; with `states` only those in one of them.
    ///
    /// # Errors
    /// A broker did not answer, or refused.
    pub async fn list_groups(&self, states: &[String]) -> Result<Vec<ListedGroup>, CallError> {
        let cluster = self.cluster(Wanted::Brokers).await?;
        let request = ListGroupsRequest {
            states_filter: states.iter().map(|state| state.as_str().into()).collect(),
            types_filter: Vec::new(),
        };
        let mut groups = Vec::new();
        for broker in cluster.brokers.keys() {
            let response = self.call_broker(*broker, &request).await?;
            Refusal::check(response.error_code, None)
                .map_err(|refusal| CallError::Refused { api: ApiKey::ListGroups, refusal })?;
            groups.extend(response.groups.iter().map(|group| ListedGroup {
                id: group.group_id.to_string(),
                state: group.group_state.to_string(),
                kind: group.group_type.to_string(),
                protocol_type: group.protocol_type.to_string(),
            }));
        }
        groups.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(groups)
    }

    /// A group and its members; none when there is no such group.
    ///
    /// # Errors
    /// The coordinator did not answer, or refused.
    pub async fn describe_group(&self, id: &str) -> Result<Option<GroupDescription>, CallError> {
        let api = ApiKey::DescribeGroups;
        let request = DescribeGroupsRequest { groups: vec![id.into()], ..Default::default() };
        let code = |response: &protocol::messages::DescribeGroupsResponse| {
            response.groups.first().map_or(0, |group| group.error_code)
        };
        let response = self.ask_any_coordinator(id, &request, ANY_VERSION, code).await?;
        let Some(group) = response.groups.first() else { return Ok(None) };
        let checked = Refusal::check(group.error_code, group.error_message.as_deref());
        match checked {
            Err(refusal) if refusal.code == ErrorCode::GroupIdNotFound => Ok(None),
            Err(refusal) => Err(CallError::Refused { api, refusal }),
            // What brokers said before there was an error for it.
            Ok(()) if group.group_state == "Dead" => Ok(None),
            Ok(()) => {
                let coordinator = self.coordinator(id).await?;
                described(group, coordinator)
                    .map(Some)
                    .map_err(|error| CallError::Decode { api, error })
            }
        }
    }

    /// Deletes a group, with its offsets.
    ///
    /// # Errors
    /// The coordinator did not answer, or refused: the group has members, or is not there.
    pub async fn delete_group(&self, id: &str) -> Result<(), CallError> {
        let request = DeleteGroupsRequest { groups_names: vec![id.into()] };
        let code = |response: &protocol::messages::DeleteGroupsResponse| {
            response.results.first().map_or(0, |group| group.error_code)
        };
        let response = self.ask_any_coordinator(id, &request, ANY_VERSION, code).await?;
        Refusal::check(code(&response), None)
            .map_err(|refusal| CallError::Refused { api: ApiKey::DeleteGroups, refusal })
    }
}

fn described(
    group: &DescribedGroup,
    coordinator: BrokerId,
) -> Result<GroupDescription, protocol::DecodeError> {
    let is_of_consumers = group.protocol_type == "consumer";
    let members = group.members.iter().map(|member| described_member(member, is_of_consumers));
    Ok(GroupDescription {
        id: group.group_id.to_string(),
        state: group.group_state.to_string(),
        protocol_type: group.protocol_type.to_string(),
        assignor: group.protocol_data.to_string(),
        coordinator,
        members: members.collect::<Result<_, _>>()?,
    })
}

/// Only consumers' assignments are in words that we know.
fn described_member(
    member: &DescribedGroupMember,
    is_consumer: bool,
) -> Result<MemberDescription, protocol::DecodeError> {
    let assignment = member.member_assignment.clone();
    let assigned =
        if is_consumer { subscription::read_assignment(assignment)? } else { BTreeSet::new() };
    Ok(MemberDescription {
        id: member.member_id.to_string(),
        instance: member.group_instance_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        host: member.client_host.to_string(),
        assigned,
    })
}
