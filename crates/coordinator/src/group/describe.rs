//! What others may know of a group.

use bytes::Bytes;
use bytestring::ByteString;
use types::Timestamp;

use super::{Membership, Phase, member::Member, subscriptions::Topics};
use crate::{
    GroupId, MemberId,
    answer::{Described, DescribedMember, Listed, State},
};

/// From when on the retention of a group's offsets counts, for topics that no member reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// From each offset's commit.
    SinceCommit,
    /// For all since the group has become empty.
    SinceEmpty(Timestamp),
    /// They are kept.
    Kept,
}

impl Membership {
    /// Where the group stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.phase.state()
    }

    /// How many members it has.
    #[must_use]
    pub fn member_count(&self) -> usize {
        self.roster.len()
    }

    /// "consumer" and the like; empty for a group that never had members.
    #[must_use]
    pub fn protocol_type(&self) -> &ByteString {
        &self.protocol_type
    }

    /// Whether a member reads the topic. Consumers that do not say what they read may read
    /// anything.
    #[must_use]
    pub fn is_subscribed(&self, topic: &str) -> bool {
        match &self.topics {
            Topics::Known(topics) => topics.contains(topic),
            Topics::Unknown => self.is_of_consumers(),
        }
    }

    /// From when on the retention of offsets counts.
    #[must_use]
    pub fn retention(&self) -> Retention {
        if self.protocol_type.is_empty() {
            return Retention::SinceCommit;
        }
        match (&self.phase, &self.topics) {
            (Phase::Empty, _) => {
                self.phase_since.map_or(Retention::SinceCommit, Retention::SinceEmpty)
            }
            (Phase::Stable, Topics::Known(_)) => Retention::SinceCommit,
            (Phase::Stable | Phase::Preparing { .. } | Phase::Completing { .. }, _) => {
                Retention::Kept
            }
        }
    }

    /// The group with its members.
    #[must_use]
    pub fn describe(&self, group: &GroupId) -> Described {
        let protocol = match self.phase {
            Phase::Stable => self.protocol.clone(),
            Phase::Empty | Phase::Preparing { .. } | Phase::Completing { .. } => None,
        };
        let member = |(id, member): (&MemberId, &Member)| DescribedMember {
            member: id.clone(),
            instance: member.instance.clone(),
            client_id: member.client.id.clone(),
            client_host: member.client.host.clone(),
            metadata: metadata(member, protocol.as_ref()),
            assignment: member.assignment.clone(),
        };
        Described {
            group: group.clone(),
            state: self.state(),
            protocol_type: self.protocol_type.clone(),
            members: self.roster.iter().map(member).collect(),
            protocol: protocol.clone().unwrap_or_default(),
        }
    }

    /// The group in a list.
    #[must_use]
    pub fn list(&self, group: &GroupId) -> Listed {
        Listed {
            group: group.clone(),
            protocol_type: self.protocol_type.clone(),
            state: self.state(),
        }
    }
}

fn metadata(member: &Member, protocol: Option<&ByteString>) -> Bytes {
    protocol.and_then(|protocol| member.metadata(protocol)).cloned().unwrap_or_default()
}
