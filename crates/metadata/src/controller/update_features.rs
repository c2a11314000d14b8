//! The levels of the cluster's features are raised or lowered.

use std::collections::BTreeMap;

use super::Decision;
use crate::image::{Features, Image, LevelRange, feature_level};

/// A level that one feature shall get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureUpdate {
    /// The feature.
    pub feature: String,
    /// Its new level.
    pub level: i16,
    /// In which direction the level may go.
    pub upgrade: UpgradeType,
}

/// In which direction a level may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeType {
    /// Up only.
    Upgrade,
    /// Down, when nothing is lost by it.
    SafeDowngrade,
    /// Down, whatever is lost by it.
    UnsafeDowngrade,
    /// A number that Kafka does not know.
    Unknown,
}

/// What a controller knows of itself when it decides on levels.
#[derive(Debug, Clone, Copy)]
pub struct LocalFeatures<'a> {
    /// The controller's id.
    pub controller: types::BrokerId,
    /// The levels it can work with.
    pub supported: &'a BTreeMap<String, LevelRange>,
    /// The level of kraft.version, which the quorum keeps and not the image.
    pub kraft_version: i16,
}

/// Why no level was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid update version {level} for feature {feature}. {reason}")]
pub struct UpdateFeaturesError {
    /// The feature that cannot get its level.
    pub feature: String,
    /// The level.
    pub level: i16,
    /// Why not.
    pub reason: Reason,
}

/// Why a feature cannot get a level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The request names a direction that does not exist.
    #[error("The controller does not support the given upgrade type.")]
    UpgradeType,
    /// Levels begin at 0.
    #[error("A feature version cannot be less than 0.")]
    Negative,
    /// A node does not know the feature.
    #[error("{0} does not support this feature.")]
    Unsupported(Node),
    /// A node knows the feature, but not at this level.
    #[error("{node} only supports versions {}", levels(*.supported))]
    UnsupportedLevel {
        /// The node.
        node: Node,
        /// The levels it knows.
        supported: LevelRange,
    },
    /// The level would go down, which was not allowed.
    #[error(
        "Can't downgrade the version of this feature without setting the upgrade type to either \
         safe or unsafe downgrade."
    )]
    Downgrade,
    /// The level would go up, where it was to go down.
    #[error("Can't downgrade to a newer version.")]
    Upgrade,
    /// The quorum's own level never goes down.
    #[error("Can't downgrade the version of this feature.")]
    KraftDowngrade,
}

/// A node that has to support a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Node {
    /// The controller that decides.
    #[error("Local controller {0}")]
    LocalController(types::BrokerId),
    /// A broker.
    #[error("Broker {0}")]
    Broker(types::BrokerId),
}

/// A feature that is not supported has this level, and can have no other.
const NOT_SUPPORTED: LevelRange = LevelRange { min: 0, max: 0 };

/// Sets levels, all of them or none.
///
/// A level that is in force already is no change; nothing is written for it, and nothing at all
/// with `validate_only`.
#[must_use]
pub fn update_features(
    image: &Image,
    local: LocalFeatures<'_>,
    updates: &[FeatureUpdate],
    validate_only: bool,
) -> Decision<Result<(), UpdateFeaturesError>> {
    let mut records = Vec::new();
    for update in updates {
        let current = current_level(image, local, &update.feature);
        if let Err(reason) = check(image, local, update, current) {
            let (feature, level) = (update.feature.clone(), update.level);
            let answer = Err(UpdateFeaturesError { feature, level, reason });
            return Decision { records: Vec::new(), answer };
        }
        if update.level != current && !validate_only {
            records.push(feature_level(&update.feature, update.level).into());
        }
    }
    Decision { records, answer: Ok(()) }
}

fn current_level(image: &Image, local: LocalFeatures<'_>, feature: &str) -> i16 {
    if feature == Features::KRAFT_VERSION {
        local.kraft_version
    } else {
        image.features.level(feature)
    }
}

fn check(
    image: &Image,
    local: LocalFeatures<'_>,
    update: &FeatureUpdate,
    current: i16,
) -> Result<(), Reason> {
    if update.upgrade == UpgradeType::Unknown {
        return Err(Reason::UpgradeType);
    }
    if update.level < 0 {
        return Err(Reason::Negative);
    }
    check_support(image, local, &update.feature, update.level)?;
    let upgrades = update.upgrade == UpgradeType::Upgrade;
    if update.level < current && upgrades {
        return Err(Reason::Downgrade);
    }
    if update.level > current && !upgrades {
        return Err(Reason::Upgrade);
    }
    if update.level < current && update.feature == Features::KRAFT_VERSION {
        return Err(Reason::KraftDowngrade);
    }
    Ok(())
}

/// Whether the controller and all brokers can work with the level.
fn check_support(
    image: &Image,
    local: LocalFeatures<'_>,
    feature: &str,
    level: i16,
) -> Result<(), Reason> {
    let own = (Node::LocalController(local.controller), local.supported);
    let brokers = image.brokers.iter();
    let brokers = brokers.map(|broker| (Node::Broker(broker.id), &broker.features));
    for (node, features) in std::iter::once(own).chain(brokers) {
        let supported = features.get(feature).copied().unwrap_or(NOT_SUPPORTED);
        if supported.contains(level) {
            continue;
        }
        return Err(match supported.max {
            0 => Reason::Unsupported(node),
            _ => Reason::UnsupportedLevel { node, supported },
        });
    }
    Ok(())
}

fn levels(range: LevelRange) -> String {
    if range.min == range.max {
        range.min.to_string()
    } else {
        format!("{}-{}", range.min, range.max)
    }
}

#[cfg(test)]
mod tests {
    use types::BrokerId;

    use super::*;
    use crate::controller::bootstrap;

    fn decide(feature: &str, level: i16, upgrade: UpgradeType) -> Decision<Result<(), String>> {
        let supported = BTreeMap::from([
            (Features::METADATA_VERSION.to_owned(), LevelRange { min: 29, max: 30 }),
            (Features::KRAFT_VERSION.to_owned(), LevelRange { min: 0, max: 1 }),
        ]);
        let local =
            LocalFeatures { controller: BrokerId(1), supported: &supported, kraft_version: 1 };
        let (image, _) = Image::default().apply(&bootstrap()).unwrap();
        let update = FeatureUpdate { feature: feature.to_owned(), level, upgrade };
        let Decision { records, answer } = update_features(&image, local, &[update], false);
        Decision { records, answer: answer.map_err(|error| error.to_string()) }
    }

    fn refusal(feature: &str, level: i16, upgrade: UpgradeType) -> String {
        let decided = decide(feature, level, upgrade);
        assert_eq!(decided.records, []);
        decided.answer.unwrap_err()
    }

    #[test]
    fn the_level_in_force_is_no_change() {
        for (feature, level) in [(Features::METADATA_VERSION, 30), (Features::KRAFT_VERSION, 1)] {
            let decided = decide(feature, level, UpgradeType::Upgrade);
            assert_eq!(decided, Decision { records: Vec::new(), answer: Ok(()) });
        }
        assert_eq!(decide("transaction.version", 0, UpgradeType::SafeDowngrade).answer, Ok(()));
    }

    #[test]
    fn a_level_goes_down_only_where_that_is_allowed() {
        let refused = refusal(Features::METADATA_VERSION, 29, UpgradeType::Upgrade);
        assert_eq!(
            refused,
            "Invalid update version 29 for feature metadata.version. Can't downgrade the version \
             of this feature without setting the upgrade type to either safe or unsafe downgrade."
        );
        let decided = decide(Features::METADATA_VERSION, 29, UpgradeType::SafeDowngrade);
        assert_eq!(decided.records, [feature_level(Features::METADATA_VERSION, 29).into()]);
        let refused = refusal(Features::KRAFT_VERSION, 0, UpgradeType::UnsafeDowngrade);
        assert!(refused.ends_with("Can't downgrade the version of this feature."), "{refused}");
    }

    #[test]
    fn what_a_node_does_not_support_is_refused_with_what_it_does() {
        let refused = refusal(Features::METADATA_VERSION, 31, UpgradeType::Upgrade);
        assert!(refused.ends_with("Local controller 1 only supports versions 29-30"), "{refused}");
        let refused = refusal("transaction.version", 2, UpgradeType::Upgrade);
        assert!(refused.ends_with("Local controller 1 does not support this feature."));
        assert!(refusal(Features::KRAFT_VERSION, -1, UpgradeType::Upgrade).contains("less than 0"));
        assert!(
            refusal(Features::KRAFT_VERSION, 1, UpgradeType::Unknown)
                .contains("given upgrade type")
        );
    }
}
