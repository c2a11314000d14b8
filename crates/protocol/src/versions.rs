//! Ranges of versions.

use std::fmt;

/// The versions from a first to a last one, both included; possibly none or without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    first: i16,
    last: i16,
}

impl Versions {
    /// No version at all.
    pub const NONE: Versions = Versions { first: 0, last: -1 };

    /// This version and all later ones.
    #[must_use]
    pub const fn from(first: i16) -> Versions {
        Versions { first, last: i16::MAX }
    }

    /// The versions from `first` to `last`.
    #[must_use]
    pub const fn between(first: i16, last: i16) -> Versions {
        Versions { first, last }
    }

    /// Whether the version is one of these.
    #[must_use]
    pub const fn contains(self, version: i16) -> bool {
        self.first <= version && version <= self.last
    }

    /// The lowest version.
    #[must_use]
    pub const fn first(self) -> i16 {
        self.first
    }

    /// The highest version.
    #[must_use]
    pub const fn last(self) -> i16 {
        self.last
    }

    /// Whether there is no version in this range.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.last < self.first
    }

    /// The versions that are in both ranges.
    #[must_use]
    pub const fn intersect(self, other: Versions) -> Versions {
        let first = if self.first > other.first { self.first } else { other.first };
        let last = if self.last < other.last { self.last } else { other.last };
        Versions { first, last }
    }

    /// Every version of the range, lowest first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = i16> {
        self.first..=self.last
    }
}

/// As Kafka's schemas write it: `3-7`, `3`, `3+` or `none`.
impl fmt::Display for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            versions if versions.is_empty() => formatter.write_str("none"),
            Versions { first, last: i16::MAX } => write!(formatter, "{first}+"),
            Versions { first, last } if first == last => write!(formatter, "{first}"),
            Versions { first, last } => write!(formatter, "{first}-{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_in_kafkas_schemas() {
        assert_eq!(Versions::between(3, 7).to_string(), "3-7");
        assert_eq!(Versions::between(0, 0).to_string(), "0");
        assert_eq!(Versions::from(2).to_string(), "2+");
        assert_eq!(Versions::NONE.to_string(), "none");
    }

    #[test]
    fn two_ranges_share_what_both_contain() {
        let shared = Versions::between(3, 13).intersect(Versions::between(0, 9));
        assert_eq!(shared, Versions::between(3, 9));
        assert!(Versions::between(0, 2).intersect(Versions::from(3)).is_empty());
    }
}
