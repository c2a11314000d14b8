//! The APIs of Kafka, by number.

use std::fmt;

use crate::Versions;

/// An API; the names are Kafka's, up to Kafka 4.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
#[expect(missing_docs, reason = "the names are Kafka's own and say what they mean")]
pub enum ApiKey {
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    LeaderAndIsr = 4,
    StopReplica = 5,
    UpdateMetadata = 6,
    ControlledShutdown = 7,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    JoinGroup = 11,
    Heartbeat = 12,
    LeaveGroup = 13,
    SyncGroup = 14,
    DescribeGroups = 15,
    ListGroups = 16,
    SaslHandshake = 17,
    ApiVersions = 18,
    CreateTopics = 19,
    DeleteTopics = 20,
    DeleteRecords = 21,
    InitProducerId = 22,
    OffsetForLeaderEpoch = 23,
    AddPartitionsToTxn = 24,
    AddOffsetsToTxn = 25,
    EndTxn = 26,
    WriteTxnMarkers = 27,
    TxnOffsetCommit = 28,
    DescribeAcls = 29,
    CreateAcls = 30,
    DeleteAcls = 31,
    DescribeConfigs = 32,
    AlterConfigs = 33,
    AlterReplicaLogDirs = 34,
    DescribeLogDirs = 35,
    SaslAuthenticate = 36,
    CreatePartitions = 37,
    CreateDelegationToken = 38,
    RenewDelegationToken = 39,
    ExpireDelegationToken = 40,
    DescribeDelegationToken = 41,
    DeleteGroups = 42,
    ElectLeaders = 43,
    IncrementalAlterConfigs = 44,
    AlterPartitionReassignments = 45,
    ListPartitionReassignments = 46,
    OffsetDelete = 47,
    DescribeClientQuotas = 48,
    AlterClientQuotas = 49,
    DescribeUserScramCredentials = 50,
    AlterUserScramCredentials = 51,
    Vote = 52,
    BeginQuorumEpoch = 53,
    EndQuorumEpoch = 54,
    DescribeQuorum = 55,
    AlterPartition = 56,
    UpdateFeatures = 57,
    Envelope = 58,
    FetchSnapshot = 59,
    DescribeCluster = 60,
    DescribeProducers = 61,
    BrokerRegistration = 62,
    BrokerHeartbeat = 63,
    UnregisterBroker = 64,
    DescribeTransactions = 65,
    ListTransactions = 66,
    AllocateProducerIds = 67,
    ConsumerGroupHeartbeat = 68,
    ConsumerGroupDescribe = 69,
    ControllerRegistration = 70,
    GetTelemetrySubscriptions = 71,
    PushTelemetry = 72,
    AssignReplicasToDirs = 73,
    ListConfigResources = 74,
    DescribeTopicPartitions = 75,
    ShareGroupHeartbeat = 76,
    ShareGroupDescribe = 77,
    ShareFetch = 78,
    ShareAcknowledge = 79,
    AddRaftVoter = 80,
    RemoveRaftVoter = 81,
    UpdateRaftVoter = 82,
    InitializeShareGroupState = 83,
    ReadShareGroupState = 84,
    WriteShareGroupState = 85,
    DeleteShareGroupState = 86,
    ReadShareGroupStateSummary = 87,
    StreamsGroupHeartbeat = 88,
    StreamsGroupDescribe = 89,
    DescribeShareGroupOffsets = 90,
    AlterShareGroupOffsets = 91,
    DeleteShareGroupOffsets = 92,
    StreamsGroupTopologyDescriptionUpdate = 93,
    UnregisterController = 94,
}

impl ApiKey {
    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The API with this number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<ApiKey> {
        ALL.get(usize::try_from(code).ok()?).map(|(key, _)| *key)
    }

    /// The versions with compact lengths and tagged fields, those that are yet to come included.
    ///
    /// Known for every API, also those that nobody serves, since it decides how the header ends.
    #[must_use]
    pub fn flexible_versions(self) -> Versions {
        let index = usize::try_from(self.code()).expect("codes begin with 0");
        ALL[index].1
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// Every API, from 0 on without a gap, and its flexible versions.
const ALL: [(ApiKey, Versions); 95] = [
    (ApiKey::Produce, Versions::from(9)),
    (ApiKey::Fetch, Versions::from(12)),
    (ApiKey::ListOffsets, Versions::from(6)),
    (ApiKey::Metadata, Versions::from(9)),
    (ApiKey::LeaderAndIsr, Versions::from(4)),
    (ApiKey::StopReplica, Versions::from(2)),
    (ApiKey::UpdateMetadata, Versions::from(6)),
    (ApiKey::ControlledShutdown, Versions::from(3)),
    (ApiKey::OffsetCommit, Versions::from(8)),
    (ApiKey::OffsetFetch, Versions::from(6)),
    (ApiKey::FindCoordinator, Versions::from(3)),
    (ApiKey::JoinGroup, Versions::from(6)),
    (ApiKey::Heartbeat, Versions::from(4)),
    (ApiKey::LeaveGroup, Versions::from(4)),
    (ApiKey::SyncGroup, Versions::from(4)),
    (ApiKey::DescribeGroups, Versions::from(5)),
    (ApiKey::ListGroups, Versions::from(3)),
    (ApiKey::SaslHandshake, Versions::NONE),
    (ApiKey::ApiVersions, Versions::from(3)),
    (ApiKey::CreateTopics, Versions::from(5)),
    (ApiKey::DeleteTopics, Versions::from(4)),
    (ApiKey::DeleteRecords, Versions::from(2)),
    (ApiKey::InitProducerId, Versions::from(2)),
    (ApiKey::OffsetForLeaderEpoch, Versions::from(4)),
    (ApiKey::AddPartitionsToTxn, Versions::from(3)),
    (ApiKey::AddOffsetsToTxn, Versions::from(3)),
    (ApiKey::EndTxn, Versions::from(3)),
    (ApiKey::WriteTxnMarkers, Versions::from(1)),
    (ApiKey::TxnOffsetCommit, Versions::from(3)),
    (ApiKey::DescribeAcls, Versions::from(2)),
    (ApiKey::CreateAcls, Versions::from(2)),
    (ApiKey::DeleteAcls, Versions::from(2)),
    (ApiKey::DescribeConfigs, Versions::from(4)),
    (ApiKey::AlterConfigs, Versions::from(2)),
    (ApiKey::AlterReplicaLogDirs, Versions::from(2)),
    (ApiKey::DescribeLogDirs, Versions::from(2)),
    (ApiKey::SaslAuthenticate, Versions::from(2)),
    (ApiKey::CreatePartitions, Versions::from(2)),
    (ApiKey::CreateDelegationToken, Versions::from(2)),
    (ApiKey::RenewDelegationToken, Versions::from(2)),
    (ApiKey::ExpireDelegationToken, Versions::from(2)),
    (ApiKey::DescribeDelegationToken, Versions::from(2)),
    (ApiKey::DeleteGroups, Versions::from(2)),
    (ApiKey::ElectLeaders, Versions::from(2)),
    (ApiKey::IncrementalAlterConfigs, Versions::from(1)),
    (ApiKey::AlterPartitionReassignments, Versions::from(0)),
    (ApiKey::ListPartitionReassignments, Versions::from(0)),
    (ApiKey::OffsetDelete, Versions::NONE),
    (ApiKey::DescribeClientQuotas, Versions::from(1)),
    (ApiKey::AlterClientQuotas, Versions::from(1)),
    (ApiKey::DescribeUserScramCredentials, Versions::from(0)),
    (ApiKey::AlterUserScramCredentials, Versions::from(0)),
    (ApiKey::Vote, Versions::from(0)),
    (ApiKey::BeginQuorumEpoch, Versions::from(1)),
    (ApiKey::EndQuorumEpoch, Versions::from(1)),
    (ApiKey::DescribeQuorum, Versions::from(0)),
    (ApiKey::AlterPartition, Versions::from(0)),
    (ApiKey::UpdateFeatures, Versions::from(0)),
    (ApiKey::Envelope, Versions::from(0)),
    (ApiKey::FetchSnapshot, Versions::from(0)),
    (ApiKey::DescribeCluster, Versions::from(0)),
    (ApiKey::DescribeProducers, Versions::from(0)),
    (ApiKey::BrokerRegistration, Versions::from(0)),
    (ApiKey::BrokerHeartbeat, Versions::from(0)),
    (ApiKey::UnregisterBroker, Versions::from(0)),
    (ApiKey::DescribeTransactions, Versions::from(0)),
    (ApiKey::ListTransactions, Versions::from(0)),
    (ApiKey::AllocateProducerIds, Versions::from(0)),
    (ApiKey::ConsumerGroupHeartbeat, Versions::from(0)),
    (ApiKey::ConsumerGroupDescribe, Versions::from(0)),
    (ApiKey::ControllerRegistration, Versions::from(0)),
    (ApiKey::GetTelemetrySubscriptions, Versions::from(0)),
    (ApiKey::PushTelemetry, Versions::from(0)),
    (ApiKey::AssignReplicasToDirs, Versions::from(0)),
    (ApiKey::ListConfigResources, Versions::from(0)),
    (ApiKey::DescribeTopicPartitions, Versions::from(0)),
    (ApiKey::ShareGroupHeartbeat, Versions::from(0)),
    (ApiKey::ShareGroupDescribe, Versions::from(0)),
    (ApiKey::ShareFetch, Versions::from(0)),
    (ApiKey::ShareAcknowledge, Versions::from(0)),
    (ApiKey::AddRaftVoter, Versions::from(0)),
    (ApiKey::RemoveRaftVoter, Versions::from(0)),
    (ApiKey::UpdateRaftVoter, Versions::from(0)),
    (ApiKey::InitializeShareGroupState, Versions::from(0)),
    (ApiKey::ReadShareGroupState, Versions::from(0)),
    (ApiKey::WriteShareGroupState, Versions::from(0)),
    (ApiKey::DeleteShareGroupState, Versions::from(0)),
    (ApiKey::ReadShareGroupStateSummary, Versions::from(0)),
    (ApiKey::StreamsGroupHeartbeat, Versions::from(0)),
    (ApiKey::StreamsGroupDescribe, Versions::from(0)),
    (ApiKey::DescribeShareGroupOffsets, Versions::from(0)),
    (ApiKey::AlterShareGroupOffsets, Versions::from(0)),
    (ApiKey::DeleteShareGroupOffsets, Versions::from(0)),
    (ApiKey::StreamsGroupTopologyDescriptionUpdate, Versions::from(0)),
    (ApiKey::UnregisterController, Versions::from(0)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_is_found_by_its_number() {
        for code in 0..=94 {
            assert_eq!(ApiKey::from_code(code).map(ApiKey::code), Some(code));
        }
        assert_eq!(ApiKey::from_code(-1), None);
        assert_eq!(ApiKey::from_code(95), None);
    }
}
