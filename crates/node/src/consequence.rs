//! What follows from a command to the controller, in the words of this node.

use std::sync::Arc;

use metadata::{Image, controller::ProducerIdBlock, image::Delta};
use types::Offset;

use crate::{
    control::Outcome,
    effect::{Job, Ticket},
};

/// What follows from a command.
#[derive(Debug)]
pub(crate) enum Consequence {
    /// Run this on the metadata lane.
    Run(Job),
    /// A request is answered.
    Answer { ticket: Ticket, outcome: Outcome },
    /// There is a new committed image, which differs so from the one before.
    Committed { image: Arc<Image>, delta: Delta, last: Offset },
    /// This broker may give out these producer ids.
    ProducerIds(ProducerIdBlock),
    /// This broker gets no producer ids for the time being.
    NoProducerIds,
    /// The quorum is left and the metadata log closed, in good order or not.
    Stopped(Result<(), String>),
    /// The node cannot go on.
    Fail(String),
}
