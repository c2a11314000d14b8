//! UpdateFeatures: what is refused, or only looked at.

use crate::case::Case;
use protocol::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| UpdateFeaturesRequest::default()),
        Case::one("a feature that does not exist", |_| of("cheerful.version", 1)),
        Case::one("an empty name", |_| of("", 1)),
        Case::one("a level that does not exist", |_| of("metadata.version", 9999)),
        Case::one("a negative level", |_| of("metadata.version", -1)),
    ]
}

fn of(feature: &str, max_version_level: i16) -> UpdateFeaturesRequest {
    let update =
        FeatureUpdateKey { feature: feature.into(), max_version_level, ..Default::default() };
    UpdateFeaturesRequest { feature_updates: vec![update], ..Default::default() }
}
