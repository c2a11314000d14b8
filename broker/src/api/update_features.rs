//! UpdateFeatures: levels of the cluster's features, decided by the controller.

use std::sync::Arc;

use bytestring::ByteString;
use node::{
    control::{Outcome, Request},
    metadata::controller::{FeatureUpdate, UpgradeType},
};
use protocol::{
    ErrorCode,
    messages::{
        UpdateFeaturesRequest, UpdateFeaturesResponse,
        update_features::{FeatureUpdateKey, UpdatableFeatureResult},
    },
};

use super::{
    call::Call,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::{network::Order, shell::Shell};

/// The last version whose answer has a line for each feature.
const RESULTS: i16 = 1;

/// The features in the request, for the answer's lines.
pub(super) struct Shape {
    features: Vec<ByteString>,
}

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: UpdateFeaturesRequest) -> Order {
    let updates = request.feature_updates.iter().map(|update| wanted(update, call.version));
    let (updates, validate_only) = (updates.collect(), request.validate_only);
    let (timeout_ms, now) = (request.timeout_ms, call.now);
    let features = request.feature_updates.into_iter().map(|update| update.feature).collect();
    let ticket = shell.desk.park(call, Then::UpdateFeatures(Shape { features }));
    let request = Request::UpdateFeatures { updates, validate_only };
    shell.ask_controller(now, ticket, Some(timeout_ms), request);
    Order::Alone
}

fn wanted(update: &FeatureUpdateKey, version: i16) -> FeatureUpdate {
    let upgrade = match update.upgrade_type {
        _ if version == 0 && update.allow_downgrade => UpgradeType::SafeDowngrade,
        1 => UpgradeType::Upgrade,
        2 => UpgradeType::SafeDowngrade,
        3 => UpgradeType::UnsafeDowngrade,
        _ => UpgradeType::Unknown,
    };
    let feature = update.feature.to_string();
    FeatureUpdate { feature, level: update.max_version_level, upgrade }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the controller answers what it was asked")]
pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcome: Outcome) {
    let response = match outcome {
        Outcome::UpdateFeatures(Ok(())) => updated(shape, call.version),
        Outcome::UpdateFeatures(Err(error)) => refused(
            error.code(),
            format!(
                "The update failed for all features since the following feature had an error: \
                 {error}"
            ),
        ),
        Outcome::Refused(refusal) => refused(refusal.code(), refusal.to_string()),
        other => unreachable!("the controller answered another question: {other:?}"),
    };
    call.answer::<UpdateFeaturesRequest>(desk, &response);
}

fn updated(shape: Shape, version: i16) -> UpdateFeaturesResponse {
    let lines = if version <= RESULTS { shape.features } else { Vec::new() };
    let line = |feature| UpdatableFeatureResult { feature, error_code: 0, error_message: None };
    UpdateFeaturesResponse {
        error_message: None,
        results: lines.into_iter().map(line).collect(),
        ..UpdateFeaturesResponse::default()
    }
}

fn refused(error: ErrorCode, message: String) -> UpdateFeaturesResponse {
    UpdateFeaturesResponse {
        error_code: error as i16,
        error_message: Some(message.into()),
        ..UpdateFeaturesResponse::default()
    }
}
