//! ApiVersions: what this broker can do.

use std::sync::Arc;

use node::metadata::image::Features;
use protocol::{
    ErrorCode, Request, Versions,
    messages::{
        AlterConfigsRequest, ApiVersionsRequest, ApiVersionsResponse, CreatePartitionsRequest,
        CreateTopicsRequest, DeleteGroupsRequest, DeleteRecordsRequest, DeleteTopicsRequest,
        DescribeClusterRequest, DescribeConfigsRequest, DescribeGroupsRequest,
        DescribeLogDirsRequest, DescribeProducersRequest, DescribeQuorumRequest,
        DescribeTopicPartitionsRequest, FetchRequest, FindCoordinatorRequest, HeartbeatRequest,
        IncrementalAlterConfigsRequest, InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest,
        ListConfigResourcesRequest, ListGroupsRequest, ListOffsetsRequest, MetadataRequest,
        OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, OffsetForLeaderEpochRequest,
        ProduceRequest, SyncGroupRequest, UpdateFeaturesRequest,
        api_versions::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey},
    },
};

use super::call::Call;
use crate::{network::Order, shell::Shell};

/// Whether requests of this version can be read.
pub(super) fn knows(version: i16) -> bool {
    ApiVersionsRequest::ADVERTISED.contains(version)
}

/// Answers a version that does not exist here yet: in version 0, which everybody understands, with
/// the versions to try instead (KIP-511).
pub(super) fn refuse(shell: &Shell, call: Call) -> Order {
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion as i16,
        api_keys: vec![served::<ApiVersionsRequest>()],
        ..ApiVersionsResponse::default()
    };
    call.answer_in_version::<ApiVersionsRequest>(&shell.desk, 0, &response, &[]);
    Order::Alone
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: ApiVersionsRequest) -> Order {
    let is_named = is_software_name(&request.client_software_name)
        && is_software_name(&request.client_software_version);
    let response = if call.version >= 3 && !is_named {
        ApiVersionsResponse {
            error_code: ErrorCode::InvalidRequest as i16,
            ..ApiVersionsResponse::default()
        }
    } else {
        describe(shell, call.version)
    };
    call.answer::<ApiVersionsRequest>(&shell.desk, &response);
    Order::Alone
}

fn describe(shell: &Shell, version: i16) -> ApiVersionsResponse {
    let image = shell.node.image();
    let own = image.brokers.get(shell.node.config().broker);
    let supported = own.into_iter().flat_map(|broker| &broker.features);
    // Clients before version 4 cannot read a feature whose least level is 0 (KAFKA-17011).
    let supported = supported.filter(|(_, levels)| version >= 4 || levels.min > 0);
    let kraft = (Features::KRAFT_VERSION, shell.node.kraft_version());
    let finalized = image.features.iter().chain([kraft]);
    ApiVersionsResponse {
        api_keys: served_apis(),
        supported_features: supported
            .map(|(name, levels)| SupportedFeatureKey {
                name: name.as_str().into(),
                min_version: levels.min,
                max_version: levels.max,
            })
            .collect(),
        finalized_features_epoch: shell.node.image_offset().0,
        finalized_features: finalized
            .map(|(name, level)| FinalizedFeatureKey {
                name: name.into(),
                max_version_level: level,
                min_version_level: level,
            })
            .collect(),
        ..ApiVersionsResponse::default()
    }
}

/// The APIs with their versions, in the order of their numbers.
fn served_apis() -> Vec<ApiVersion> {
    vec![
        served::<ProduceRequest>(),
        served::<FetchRequest>(),
        served::<ListOffsetsRequest>(),
        served::<MetadataRequest>(),
        served::<OffsetCommitRequest>(),
        served::<OffsetFetchRequest>(),
        served::<FindCoordinatorRequest>(),
        served::<JoinGroupRequest>(),
        served::<HeartbeatRequest>(),
        served::<LeaveGroupRequest>(),
        served::<SyncGroupRequest>(),
        served::<DescribeGroupsRequest>(),
        served::<ListGroupsRequest>(),
        served::<ApiVersionsRequest>(),
        served::<CreateTopicsRequest>(),
        served::<DeleteTopicsRequest>(),
        served::<DeleteRecordsRequest>(),
        served::<InitProducerIdRequest>(),
        served::<OffsetForLeaderEpochRequest>(),
        served::<DescribeConfigsRequest>(),
        served::<AlterConfigsRequest>(),
        served::<DescribeLogDirsRequest>(),
        served::<CreatePartitionsRequest>(),
        served::<DeleteGroupsRequest>(),
        served::<IncrementalAlterConfigsRequest>(),
        served::<OffsetDeleteRequest>(),
        served::<DescribeQuorumRequest>(),
        served::<UpdateFeaturesRequest>(),
        served::<DescribeClusterRequest>(),
        served::<DescribeProducersRequest>(),
        served::<ListConfigResourcesRequest>(),
        served::<DescribeTopicPartitionsRequest>(),
    ]
}

fn served<R: Request>() -> ApiVersion {
    let (min_version, max_version) = ends(R::ADVERTISED);
    ApiVersion { api_key: R::KEY.code(), min_version, max_version }
}

fn ends(versions: Versions) -> (i16, i16) {
    let mut all = versions.iter();
    let first = all.next().expect("a served API has a version");
    (first, all.next_back().unwrap_or(first))
}

/// Letters and digits, with dots and hyphens between them.
fn is_software_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric();
    name.bytes().all(|byte| is_plain(byte) || byte == b'.' || byte == b'-')
        && name.bytes().next().is_some_and(is_plain)
        && name.bytes().next_back().is_some_and(is_plain)
}

#[cfg(test)]
mod tests {
    use protocol::ApiKey;

    use super::*;
    use crate::api::SERVED;

    #[test]
    fn exactly_the_served_apis_are_advertised_in_order() {
        let advertised: Vec<i16> = served_apis().iter().map(|api| api.api_key).collect();
        assert_eq!(advertised, SERVED.map(ApiKey::code));
        assert!(advertised.is_sorted());
    }

    #[test]
    fn produce_is_advertised_from_zero_and_init_producer_id_without_its_unstable_version() {
        let of = |key: ApiKey| {
            let api = served_apis().into_iter().find(|api| api.api_key == key.code()).unwrap();
            (api.min_version, api.max_version)
        };
        assert_eq!(of(ApiKey::Produce), (0, 13));
        assert_eq!(of(ApiKey::Fetch), (4, 18));
        assert_eq!(of(ApiKey::ApiVersions), (0, 4));
        assert_eq!(of(ApiKey::InitProducerId), (0, 5));
    }

    #[test]
    fn software_names_are_letters_and_digits() {
        assert!(is_software_name("apache-kafka-java"));
        assert!(is_software_name("2.12.1"));
        assert!(!is_software_name(""));
        assert!(!is_software_name("-x"));
        assert!(!is_software_name("a b"));
    }
}
