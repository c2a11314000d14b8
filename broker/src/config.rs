//! A broker's configuration: Kafka's `server.properties`, parsed once into types.
//!
//! Every limit of the broker is named here. A key that Kafka does not know, and a key that has no
//! effect in Klamm and is set to something else than its default, is refused with a sentence: what
//! stands in the file holds.

mod cleaner;
mod identity;
mod limits;
mod listeners;
mod properties;
mod reader;
mod topics;
mod upkeep;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use configuration::Texts;
pub use identity::{Identity, InitialVoter, InvalidVoter};
pub use limits::Limits;
pub use listeners::{Address, InvalidAddress, ListenerConfig, Listeners};
use reader::Reader;
pub use topics::{TopicDefaults, check_topic_config};
pub use upkeep::Upkeep;

/// The largest file that is read as a configuration.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// All that a broker is told before it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Who it is.
    pub identity: Identity,
    /// Where it listens.
    pub listeners: Listeners,
    /// What clients may cost.
    pub limits: Limits,
    /// What topics get by default.
    pub topics: TopicDefaults,
    /// What runs by itself.
    pub upkeep: Upkeep,
    /// All that the file sets, by key.
    pub file: Texts,
    /// What compaction may cost.
    pub cleaner: node::CleanerConfig,
}

/// Something wrong with one line of the file, or with the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1; none when a key is missing.
    pub line: Option<usize>,
    /// What is wrong.
    pub text: String,
}

/// Why a file is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Keys or values are wrong: all of them are listed, one a line.
    #[error("{}", Listing { path, problems })]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, in the order of the lines.
        problems: Vec<Problem>,
    },
}

struct Listing<'a> {
    path: &'a Path,
    problems: &'a [Problem],
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{}", self.path.display())?;
            if let Some(line) = problem.line {
                write!(formatter, ":{line}")?;
            }
            write!(formatter, ": {}", problem.text)?;
        }
        Ok(())
    }
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Lists everything that is wrong with it, each with file and line.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let unreadable = |error| ConfigError::Unreadable { path: path.to_owned(), error };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > FILE_BYTES_MAX {
            let text = format!("it has {size} bytes, more than {FILE_BYTES_MAX}");
            return Err(unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, text)));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Config::parse(&text)
            .map_err(|problems| ConfigError::Invalid { path: path.to_owned(), problems })
    }

    /// Checks the text of a file.
    ///
    /// # Errors
    /// Lists everything that is wrong with it, by line.
    pub fn parse(text: &str) -> Result<Config, Vec<Problem>> {
        let mut reader = Reader::new(text);
        let config = Config {
            identity: Identity::read(&mut reader),
            listeners: Listeners::read(&mut reader),
            limits: Limits::read(&mut reader),
            topics: TopicDefaults::read(&mut reader),
            upkeep: Upkeep::read(&mut reader),
            file: reader.texts(),
            cleaner: cleaner::read(&mut reader),
        };
        let problems = reader.finish();
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests;
