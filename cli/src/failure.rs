//! Why a command did not work, and the exit code that says so.

use std::process::ExitCode;

use client::{CallError, ErrorCode, PartitionError};
use operator::local::admission::AdmissionError;
use operator::local::client::AskError;
use operator::local::folder::FolderError;
use operator::local::message::Reply;
use operator::local::stopped::DeleteError;
use operator::local::up::UpError;
use operator::manifest::Problems;
use operator::manifest::source::ReadError;

use crate::print;

/// Why a command did not work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was given is wrong; nothing was touched.
    Input(String),
    /// It was tried.
    Failed(String),
}

impl Failure {
    /// Says why on standard error, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let (text, code) = match self {
            Self::Input(text) => (text, 2),
            Self::Failed(text) => (text, 1),
        };
        for line in text.lines() {
            print::problem(line);
        }
        ExitCode::from(code)
    }

    /// What the last reply of a running `up` means for the command that asked.
    pub(crate) fn of_last(reply: Reply) -> Result<Reply, Self> {
        match reply {
            Reply::Refused(problems) => Err(Problems(problems).into()),
            Reply::Failed(sentence) => Err(Self::Failed(sentence)),
            Reply::Proposal(_)
            | Reply::Progress(_)
            | Reply::Ready(_)
            | Reply::Done(_)
            | Reply::Report(_) => Ok(reply),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Input(problems.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<UpError> for Failure {
    fn from(error: UpError) -> Self {
        match error {
            UpError::Admission(AdmissionError::Refused(problems)) => problems.into(),
            UpError::NoCluster(_) => Self::Input(error.to_string()),
            UpError::Admission(AdmissionError::Workload(_) | AdmissionError::Check(_))
            | UpError::Folder(_)
            | UpError::Store(_)
            | UpError::Serve(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<DeleteError> for Failure {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::Up(error) => error.into(),
            DeleteError::Missing(_) | DeleteError::NeedsBrokers(_) => {
                Self::Input(error.to_string())
            }
            DeleteError::InUse | DeleteError::Apply(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let next = match &error {
            CallError::Connect(_) => {
                "\nsee with `klamm status` whether the cluster here runs; -b HOST:PORT names another one"
            }
            CallError::Unsupported { .. } => {
                "\nthe broker is too old, or too new, for this command"
            }
            CallError::NoAddress
            | CallError::UnknownBroker(_)
            | CallError::TimedOut { .. }
            | CallError::Broken { .. }
            | CallError::Encode { .. }
            | CallError::Decode { .. }
            | CallError::Refused { .. } => "",
        };
        Self::Failed(format!("{error}{next}"))
    }
}

impl From<PartitionError> for Failure {
    fn from(error: PartitionError) -> Self {
        match error {
            PartitionError::Call(error) => error.into(),
            PartitionError::Refused { topic, refusal, .. }
                if refusal.code == ErrorCode::UnknownTopicOrPartition =>
            {
                Self::no_topic(topic.as_str())
            }
            PartitionError::Refused { .. } | PartitionError::NoLeader { .. } => {
                Self::Failed(error.to_string())
            }
        }
    }
}

impl Failure {
    /// There is no topic of this name.
    pub(crate) fn no_topic(name: &str) -> Self {
        Self::Failed(format!(
            "there is no topic {name}: `klamm topic list` shows those there are, `klamm topic create {name}` makes it"
        ))
    }
}
