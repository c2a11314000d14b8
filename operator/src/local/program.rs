//! The program that brokers run: this one, called with `broker`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::cluster::Properties;

/// How long a check of a configuration may take.
const CHECK_WAIT_MAX: Duration = Duration::from_secs(20);
/// What the program calls what it reads from its standard input.
const STDIN: &str = "<stdin>";

/// The program that brokers run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
}

/// Something the broker does not accept in its properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The line of the text.
    pub(super) line: Option<usize>,
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
        let mut command = Command::new(&self.path);
        command.arg("broker").arg("--config").arg(config).kill_on_drop(true);
        // A Ctrl-C in the terminal is for `up` alone, which then stops its brokers in order.
        #[cfg(unix)]
        command.process_group(0);
        command
    }

    /// Asks the broker what it thinks of these properties.
    pub(super) async fn check(&self, properties: &Properties) -> io::Result<Vec<Complaint>> {
        let mut command = self.broker(Path::new("-"));
        command.arg("--check").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().expect("the standard input is a pipe");
        let text = properties.text();
        let talk = async {
            // A program that ends before it has read everything has an answer all the same.
            drop(stdin.write_all(text.as_bytes()).await);
            drop(stdin);
            child.wait_with_output().await
        };
        let output = tokio::time::timeout(CHECK_WAIT_MAX, talk).await??;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => Ok(Vec::new()),
            Some(2) => Ok(said.lines().map(complaint).collect()),
            Some(_) | None => Err(io::Error::other(format!(
                "`klamm broker --check` ended with {}: {said}",
                output.status
            ))),
        }
    }
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
