//! What can go wrong between a client and a cluster.

use std::{fmt, io, sync::Arc, time::Duration};

use protocol::{ApiKey, DecodeError, EncodeError, ErrorCode, FrameError, Versions};
use types::{BrokerId, PartitionIndex, TopicName};

use crate::Address;

/// Why there is no connection.
#[derive(Debug, Clone, thiserror::Error)]
#[error("failed to connect to {address}: {failure}")]
pub struct ConnectError {
    /// The broker's, or the last one that was tried.
    pub address: Address,
    /// What happened there.
    pub failure: ConnectFailure,
}

/// What happened when a connection was made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectFailure {
    /// Nobody listens, or the host is not known.
    #[error(transparent)]
    Io(Arc<io::Error>),
    /// The deadline passed.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The connection broke while versions were exchanged.
    #[error(transparent)]
    Broken(Broken),
    /// Whoever listens does not speak Kafka's language.
    #[error("it does not answer as a Kafka broker does: {0}")]
    NotKafka(#[from] DecodeError),
    /// The broker refused to say what it can do.
    #[error("it answered {0}")]
    Refused(Refusal),
}

/// Why a connection is of no use any more.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Broken {
    /// The other side closed it.
    #[error("the connection was closed by the broker")]
    Closed,
    /// Reading or writing failed.
    #[error("the connection failed: {0}")]
    Io(Arc<io::Error>),
    /// A response is too large.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A response has another number than the request it must belong to.
    #[error("response {found} came where {expected} was due")]
    OutOfOrder {
        /// The request's number.
        expected: i32,
        /// The response's number.
        found: i32,
    },
    /// A request was not answered in time, so nothing behind it will be.
    #[error("an earlier request was not answered")]
    Stuck,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Broken::Closed;
        }
        Broken::Io(Arc::new(error))
    }
}

/// Why a request has no response.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// No broker could be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// No address was given to begin with.
    #[error("no bootstrap address is given")]
    NoAddress,
    /// The cluster does not list the broker.
    #[error("broker {0} is not part of the cluster")]
    UnknownBroker(BrokerId),
    /// The deadline passed.
    #[error("{api} was not answered by {address} within {deadline:?}")]
    TimedOut {
        /// What was asked.
        api: ApiKey,
        /// Who was asked.
        address: Address,
        /// How long we waited.
        deadline: Duration,
    },
    /// The connection broke; whether the broker did what was asked is not known.
    #[error("failed to call {api} at {address}: {broken}")]
    Broken {
        /// What was asked.
        api: ApiKey,
        /// Who was asked.
        address: Address,
        /// What happened.
        broken: Broken,
    },
    /// Broker and client have no version in common.
    #[error("{api} is known here in versions {ours}, at {address} in {theirs}")]
    Unsupported {
        /// What was to be asked.
        api: ApiKey,
        /// Who was to be asked.
        address: Address,
        /// What we know.
        ours: Versions,
        /// What the broker knows.
        theirs: Versions,
    },
    /// The request cannot be written in the version that both know.
    #[error("failed to write {api}: {error}")]
    Encode {
        /// What was to be asked.
        api: ApiKey,
        /// What is wrong with it.
        error: EncodeError,
    },
    /// The response is not what it should be.
    #[error("failed to read the response to {api}: {error}")]
    Decode {
        /// What was asked.
        api: ApiKey,
        /// What is wrong with the answer.
        error: DecodeError,
    },
    /// The broker refused the request as a whole.
    #[error("{api} was refused: {refusal}")]
    Refused {
        /// What was asked.
        api: ApiKey,
        /// The broker's reason.
        refusal: Refusal,
    },
}

impl CallError {
    /// The broker's reason, when it refused the request as a whole.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            CallError::Refused { refusal, .. } => Some(refusal),
            CallError::Connect(_)
            | CallError::NoAddress
            | CallError::UnknownBroker(_)
            | CallError::TimedOut { .. }
            | CallError::Broken { .. }
            | CallError::Unsupported { .. }
            | CallError::Encode { .. }
            | CallError::Decode { .. } => None,
        }
    }
}

/// A broker's reason not to do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Kafka's code for it.
    pub code: ErrorCode,
    /// The broker's own words.
    pub message: Option<String>,
}

impl Refusal {
    /// The refusal that a response's fields say, if they do.
    pub(crate) fn check(code: i16, message: Option<&str>) -> Result<(), Refusal> {
        let message = message.map(str::to_owned);
        match ErrorCode::from_code(code) {
            Some(ErrorCode::None) => Ok(()),
            Some(code) => Err(Refusal { code, message }),
            None => Err(Refusal {
                code: ErrorCode::UnknownServerError,
                message: Some(message.unwrap_or_else(|| format!("error code {code}"))),
            }),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(formatter, "{}: {message}", self.code),
            None => write!(formatter, "{}", self.code),
        }
    }
}

/// Why something with one partition failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PartitionError {
    /// The request has no response.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The broker refused.
    #[error("{topic}-{partition}: {refusal}")]
    Refused {
        /// The partition's topic.
        topic: TopicName,
        /// The partition.
        partition: PartitionIndex,
        /// The broker's reason.
        refusal: Refusal,
    },
    /// The partition has no leader, or the broker's answer left it out.
    #[error("{topic}-{partition} has no leader")]
    NoLeader {
        /// The partition's topic.
        topic: TopicName,
        /// The partition.
        partition: PartitionIndex,
    },
}

impl PartitionError {
    /// Whether nothing was done and the same may work later.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            PartitionError::Refused { refusal, .. } => NOTHING_DONE.contains(&refusal.code),
            PartitionError::NoLeader { .. } => true,
            PartitionError::Call(error) => matches!(error, CallError::Connect(_)),
        }
    }

    /// Whether the broker does not know the topic, which it may only just not know yet.
    pub(crate) fn is_unknown_topic(&self) -> bool {
        let PartitionError::Refused { refusal, .. } = self else { return false };
        matches!(refusal.code, ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId)
    }
}

/// What a broker says when it is not the one to ask, or not yet. Fewer codes than those that Kafka
/// calls retriable: after some of those a batch may be in the log.
const NOTHING_DONE: [ErrorCode; 11] = [
    ErrorCode::UnknownTopicOrPartition,
    ErrorCode::LeaderNotAvailable,
    ErrorCode::NotLeaderOrFollower,
    ErrorCode::ReplicaNotAvailable,
    ErrorCode::NotEnoughReplicas,
    ErrorCode::FencedLeaderEpoch,
    ErrorCode::UnknownLeaderEpoch,
    ErrorCode::OffsetNotAvailable,
    ErrorCode::ThrottlingQuotaExceeded,
    ErrorCode::UnknownTopicId,
    ErrorCode::InconsistentTopicId,
];
