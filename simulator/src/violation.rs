//! What a run must not show.

use std::fmt;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The promise, as a sentence.
    pub(crate) rule: &'static str,
    /// How it was broken.
    pub(crate) detail: String,
}

impl Violation {
    /// Says that `rule` was broken.
    pub(crate) fn new(rule: &'static str, detail: impl fmt::Display) -> Violation {
        Violation { rule, detail: detail.to_string() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.rule, self.detail)
    }
}

/// Whether all promises were kept so far.
pub(crate) type Checked<T = ()> = Result<T, Violation>;

/// Fails with `rule` and what `detail` says unless `kept`.
pub(crate) fn must<D: fmt::Display>(
    rule: &'static str,
    kept: bool,
    detail: impl FnOnce() -> D,
) -> Checked {
    if kept { Ok(()) } else { Err(Violation::new(rule, detail())) }
}
