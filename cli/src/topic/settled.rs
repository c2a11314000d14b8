//! Waits until the brokers know what the controller has done, so that the next command finds it.

use std::time::Duration;

use client::{Client, Topic, Wanted};
use tokio::time::{Instant, sleep};
use types::TopicName;

/// Brokers learn it within milliseconds; who takes longer has other troubles.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// Waits, though not for ever, until a topic is as it shall be. What was done is done: it is no
/// failure when nobody can be asked about it.
pub(super) async fn until(
    client: &Client,
    name: &TopicName,
    is_so: impl Fn(Option<&Topic>) -> bool,
) {
    let give_up = Instant::now() + PATIENCE;
    while Instant::now() < give_up {
        let names = std::slice::from_ref(name);
        let Ok(cluster) = client.cluster(Wanted::Topics(names)).await else { return };
        if is_so(cluster.topics.get(name).and_then(|topic| topic.as_ref().ok())) {
            return;
        }
        sleep(PAUSE).await;
    }
}

/// Whether a topic is there with at least so many partitions, each with a leader.
pub(super) fn is_served(topic: Option<&Topic>, partitions: usize) -> bool {
    topic.is_some_and(|topic| {
        topic.partitions.len() >= partitions
            && topic.partitions.values().all(|partition| partition.leader.is_some())
    })
}
