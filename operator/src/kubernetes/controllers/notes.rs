//! Events that nobody waits for, written one after the other and with pauses: a thousand topics that
//! are made at once must not wait for an API server that is busy with a thousand notes about them.

use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, Recorder};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::debug;

/// Events are for reading, and nobody reads more than these at once.
const WAITING_MAX: usize = 4_096;

/// After each event.
const PAUSE: Duration = Duration::from_millis(20);

/// Where events wait for their turn.
pub(super) struct Notes(mpsc::Sender<(ObjectReference, Event)>);

impl Notes {
    /// Writes them until the task is stopped.
    pub(super) fn start(recorder: Recorder, tasks: &mut JoinSet<()>) -> Self {
        let (sender, mut waiting) = mpsc::channel::<(ObjectReference, Event)>(WAITING_MAX);
        tasks.spawn(async move {
            while let Some((about, event)) = waiting.recv().await {
                if let Err(error) = recorder.publish(&event, &about).await {
                    debug!(%error, "failed to write an event");
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        Self(sender)
    }

    /// Has an event about an object written; one too many is dropped.
    pub(super) fn add(&self, about: ObjectReference, event: Event) {
        if let Err(error) = self.0.try_send((about, event)) {
            debug!(%error, "an event is left out");
        }
    }
}
