//! The program that brokers run: this one, called with `broker`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::cluster::Properties;
use crate::cluster::properties::Complaint;
use crate::crd::cluster::ConfigValue;

/// How long a check of a configuration may take.
const CHECK_WAIT_MAX: Duration = Duration::from_secs(20);
/// What the program calls what it reads from its standard input.
const STDIN: &str = "<stdin>";

/// The program that brokers run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
}

/// Something the broker does not accept in what a topic sets for itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct TopicComplaint {
    /// Which of the topics that were asked about.
    pub(super) index: usize,
    /// The key.
    pub(super) key: String,
    /// What is wrong.
    pub(super) sentence: String,
}

impl Program {
    /// The program at this path.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// A command that runs a broker.
    pub(super) fn broker(&self, config: &Path) -> Command {
        let mut command = self.command();
        command.arg("--config").arg(config);
        command
    }

    /// Asks the broker what it thinks of these properties.
    pub(super) async fn check(&self, properties: &Properties) -> io::Result<Vec<Complaint>> {
        let mut command = self.broker(Path::new("-"));
        command.arg("--check");
        let output = answer(command, properties.text().as_bytes()).await?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => Ok(Vec::new()),
            Some(2) => Ok(said.lines().map(complaint).collect()),
            Some(_) | None => Err(failed(&output)),
        }
    }

    /// Asks the broker what it thinks of what these topics set for themselves.
    pub(super) async fn check_topics(
        &self,
        configs: &[&BTreeMap<String, ConfigValue>],
    ) -> io::Result<Vec<TopicComplaint>> {
        if configs.iter().all(|config| config.is_empty()) {
            return Ok(Vec::new());
        }
        let mut command = self.command();
        command.arg("--check-topics");
        let output = answer(command, &serde_json::to_vec(configs)?).await?;
        if !output.status.success() {
            return Err(failed(&output));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("broker").kill_on_drop(true);
        // A Ctrl-C in the terminal is for `up` alone, which then stops its brokers in order.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

/// What a program says to a text, once it has ended.
async fn answer(mut command: Command, text: &[u8]) -> io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("the standard input is a pipe");
    let talk = async {
        let write = async move {
            // A program that ends before it has read everything has an answer all the same.
            drop(stdin.write_all(text).await);
        };
        tokio::join!(child.wait_with_output(), write).0
    };
    tokio::time::timeout(CHECK_WAIT_MAX, talk).await?
}

fn failed(output: &Output) -> io::Error {
    let said = String::from_utf8_lossy(&output.stderr);
    io::Error::other(format!("it ended with {}: {}", output.status, said.trim_end()))
}

fn complaint(line: &str) -> Complaint {
    let rest = line.strip_prefix(STDIN).unwrap_or(line);
    let numbered = rest.strip_prefix(':').and_then(|rest| rest.split_once(": "));
    if let Some((number, sentence)) = numbered
        && let Ok(number) = number.parse()
    {
        return Complaint { line: Some(number), sentence: sentence.to_owned() };
    }
    Complaint { line: None, sentence: rest.trim_start_matches(": ").to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_keeps_its_line() {
        let with_line = complaint("<stdin>:3: 'a' is no key: leave it out");
        assert_eq!(
            (with_line.line, with_line.sentence.as_str()),
            (Some(3), "'a' is no key: leave it out")
        );
        let without = complaint("<stdin>: 'node.id' is missing");
        assert_eq!((without.line, without.sentence.as_str()), (None, "'node.id' is missing"));
    }
}
