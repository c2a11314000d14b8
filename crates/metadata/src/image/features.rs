//! The finalised feature levels: what every node of the cluster may rely on.

use std::sync::Arc;

use imbl::OrdMap;

/// The feature levels that are finalised; a feature that is absent has level 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Features {
    levels: OrdMap<Arc<str>, i16>,
}

impl Features {
    /// The feature that says which records may be written, and in which versions.
    pub const METADATA_VERSION: &'static str = "metadata.version";
    /// The level of metadata.version 4.3-IV0, the one whose record versions we write.
    pub const METADATA_VERSION_LEVEL: i16 = 30;

    /// The feature whose level the quorum keeps, in control records and not in the image.
    pub const KRAFT_VERSION: &'static str = "kraft.version";

    /// A feature's level.
    #[must_use]
    pub fn level(&self, feature: &str) -> i16 {
        self.levels.get(feature).copied().unwrap_or(0)
    }

    /// All levels that are not 0, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i16)> {
        self.levels.iter().map(|(name, level)| (&**name, *level))
    }

    pub(super) fn set(&mut self, feature: &str, level: i16) {
        if level == 0 {
            self.levels.remove(feature);
        } else {
            self.levels.insert(feature.into(), level);
        }
    }
}
