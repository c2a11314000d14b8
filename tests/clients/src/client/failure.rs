//! Why a client did not do what it was told.

use std::fmt;

/// The broker, or the library itself, refused it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Kafka's name of the broker's error, or the library's of its own.
    pub name: String,
    /// What else was said.
    pub sentence: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.sentence)
    }
}

impl std::error::Error for Failure {}

/// The library has no such call, for this reason.
#[derive(Debug, Clone)]
pub struct Unsupported(pub String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unsupported: {}", self.0)
    }
}

impl std::error::Error for Unsupported {}

/// Kafka's name of what became of a command, `NONE` where it went well.
pub fn outcome<T>(answer: anyhow::Result<T>) -> anyhow::Result<String> {
    match answer.map_err(anyhow::Error::downcast::<Failure>) {
        Ok(_) => Ok("NONE".to_owned()),
        Err(Ok(failure)) => Ok(failure.name),
        Err(Err(other)) => Err(other),
    }
}
