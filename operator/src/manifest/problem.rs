//! What is wrong with a manifest: where, and one sentence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something in a manifest that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file as the user named it.
    pub file: String,
    /// The line, where it is known.
    pub line: Option<u64>,
    /// The field, `spec.pools[0].replicas`; empty when it is about the whole document.
    pub path: String,
    /// What is wrong and what to do.
    pub sentence: String,
}

/// Everything that is wrong with some manifests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        if !self.path.is_empty() {
            write!(formatter, ": {}", self.path)?;
        }
        write!(formatter, ": {}", self.sentence)
    }
}
