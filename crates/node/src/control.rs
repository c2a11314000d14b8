//! What only the controller can do: commands to it and their outcomes.

use metadata::controller::{
    AddPartitions, AddPartitionsResult, AlterConfigError, Alteration, CreateTopic,
    CreateTopicResult, DeleteTopicResult, FeatureUpdate, TopicRef, UpdateFeaturesError,
};
use types::Offset;

use crate::{effect::Ticket, inspect::QuorumDescription, metadata_log::MetadataCompletion};

/// A command to the controller, to be handed to [`Node::control`](crate::Node::control) on its own
/// thread.
#[derive(Debug)]
pub enum Command {
    /// Take part in the metadata quorum.
    Start,
    /// A request of a client.
    Request {
        /// The request.
        ticket: Ticket,
        /// What it asks for.
        request: Request,
    },
    /// This broker has read the metadata so far and its logs are open: it wants to serve.
    Unfence {
        /// The offset of the last record it has read.
        metadata_offset: Offset,
    },
    /// This broker is out of producer ids.
    AllocateProducerIds,
    /// A job on the metadata log is done.
    Completed(MetadataCompletion),
    /// The process ends.
    Stop,
}

/// What a client may ask of the controller.
#[derive(Debug, Clone)]
pub enum Request {
    /// Creates topics.
    CreateTopics {
        /// The topics, each with the id it is to get.
        topics: Vec<CreateTopic>,
        /// Only say what would be done.
        validate_only: bool,
    },
    /// Deletes topics.
    DeleteTopics {
        /// The topics.
        topics: Vec<TopicRef>,
    },
    /// Changes what is configured.
    AlterConfigs {
        /// The resources and what they are to have.
        alterations: Vec<Alteration>,
        /// Only say what would be done.
        validate_only: bool,
    },
    /// Adds partitions to topics.
    CreatePartitions {
        /// The topics and how many partitions they shall have.
        topics: Vec<AddPartitions>,
        /// Only say what would be done.
        validate_only: bool,
    },
    /// Sets the levels of features.
    UpdateFeatures {
        /// The features.
        updates: Vec<FeatureUpdate>,
        /// Only say what would be done.
        validate_only: bool,
    },
    /// Tells of the metadata quorum, as its leader sees it.
    DescribeQuorum,
}

/// What became of a [`Request`].
#[derive(Debug, Clone)]
pub enum Outcome {
    /// One result for each topic.
    CreateTopics(Vec<CreateTopicResult>),
    /// One result for each topic.
    DeleteTopics(Vec<DeleteTopicResult>),
    /// One result for each topic.
    CreatePartitions(Vec<AddPartitionsResult>),
    /// All levels are set, or none.
    UpdateFeatures(Result<(), UpdateFeaturesError>),
    /// The quorum.
    DescribeQuorum(QuorumDescription),
    /// One result for each resource.
    AlterConfigs(Vec<Result<(), AlterConfigError>>),
    /// Nothing was done.
    Refused(Refusal),
}

/// Why the controller did nothing, or cannot say whether it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// This node is not the active controller, or no longer.
    #[error("this node is not the active controller")]
    NotController,
    /// The controller did not decide in time; it may do so yet.
    #[error("the controller did not decide in time")]
    TimedOut,
    /// The request would change too much at once.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
    /// The metadata log has no room for it.
    #[error("the disk of the metadata log is full: nothing was changed")]
    DiskFull,
}
