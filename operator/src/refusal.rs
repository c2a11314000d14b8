//! Why nothing is done for an object.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why nothing is done for an object, which its author has to settle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The field that cannot be carried out; empty when it is about the whole object.
    pub path: String,
    /// One word, for the condition.
    pub reason: String,
    /// One sentence.
    pub sentence: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        formatter.write_str(&self.sentence)
    }
}
