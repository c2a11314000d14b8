//! How a broker is, by its Pod. Pure.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod, PodStatus};

use crate::world::Phase;

/// How the broker in this Pod is.
pub(crate) fn phase(pod: &Pod) -> Phase {
    if pod.metadata.deletion_timestamp.is_some() {
        return Phase::Stopping;
    }
    let Some(status) = &pod.status else { return Phase::Starting };
    if condition(status, "Ready").is_some_and(|(holds, _)| holds) {
        return Phase::Ready;
    }
    if let Some((false, why)) = condition(status, "PodScheduled") {
        return Phase::Held { why: format!("no node takes its Pod: {why}") };
    }
    let container = status.container_statuses.iter().flatten().find(|it| it.name == "broker");
    container.map_or(Phase::Starting, of_container)
}

fn of_container(container: &ContainerStatus) -> Phase {
    let state = container.state.clone().unwrap_or_default();
    if let Some(waiting) = &state.waiting {
        let image = &container.image;
        let reason = waiting.reason.as_deref().unwrap_or_default();
        return match reason {
            "" | "ContainerCreating" | "PodInitializing" => Phase::Starting,
            "CrashLoopBackOff" => Phase::BackingOff { why: ended(container) },
            // What else is said about an image changes from attempt to attempt.
            "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" => {
                Phase::Held { why: format!("the image {image} cannot be pulled") }
            }
            "ErrImageNeverPull" => {
                Phase::Held { why: format!("the node does not have the image {image}") }
            }
            "InvalidImageName" => {
                Phase::Held { why: format!("{image} is not the name of an image") }
            }
            other => {
                let message = waiting.message.as_deref().unwrap_or("its Pod's events say more");
                Phase::Held { why: format!("{other}: {message}") }
            }
        };
    }
    match &state.terminated {
        Some(_) => Phase::BackingOff { why: ended(container) },
        None => Phase::Starting,
    }
}

fn ended(container: &ContainerStatus) -> String {
    let code = |state: &Option<ContainerState>| {
        let terminated = state.as_ref()?.terminated.as_ref()?;
        Some((terminated.exit_code, terminated.reason.clone().unwrap_or_default()))
    };
    match code(&container.state).or_else(|| code(&container.last_state)) {
        Some((_, reason)) if reason == "OOMKilled" => {
            "it used more memory than its limit".to_owned()
        }
        Some((code, _)) => format!("it ended with exit code {code}; its log says why"),
        None => "it ended".to_owned(),
    }
}

fn condition<'a>(status: &'a PodStatus, type_: &str) -> Option<(bool, &'a str)> {
    let condition = status.conditions.iter().flatten().find(|it| it.type_ == type_)?;
    Some((condition.status == "True", condition.message.as_deref().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(status: Value) -> Phase {
        let pod = json!({ "metadata": { "name": "chat-brokers-0" }, "status": status });
        phase(&serde_json::from_value(pod).unwrap())
    }

    fn waiting(reason: &str) -> Value {
        json!({ "containerStatuses": [{
            "name": "broker", "image": "klamm:2", "imageID": "", "ready": false,
            "restartCount": 1, "state": { "waiting": { "reason": reason } },
            "lastState": { "terminated": { "exitCode": 3, "reason": "Error" } },
        }] })
    }

    #[test]
    fn a_pod_that_is_ready_serves_until_it_is_deleted() {
        let status = json!({ "conditions": [{ "type": "Ready", "status": "True" }] });
        assert_eq!(of(status.clone()), Phase::Ready);
        let pod = json!({
            "metadata": { "deletionTimestamp": "2026-01-01T00:00:00Z" }, "status": status,
        });
        assert_eq!(phase(&serde_json::from_value(pod).unwrap()), Phase::Stopping);
    }

    #[test]
    fn a_pod_without_a_node_says_why() {
        let status = json!({ "conditions": [
            { "type": "PodScheduled", "status": "False", "message": "0/1 nodes are available" },
        ] });
        let why = "no node takes its Pod: 0/1 nodes are available".to_owned();
        assert_eq!(of(status), Phase::Held { why });
    }

    #[test]
    fn an_image_that_cannot_be_had_is_one_sentence_whatever_the_attempt_says() {
        let why = "the image klamm:2 cannot be pulled".to_owned();
        assert_eq!(of(waiting("ErrImagePull")), Phase::Held { why: why.clone() });
        assert_eq!(of(waiting("ImagePullBackOff")), Phase::Held { why });
    }

    #[test]
    fn a_broker_that_ends_again_and_again_says_how() {
        let why = "it ended with exit code 3; its log says why".to_owned();
        assert_eq!(of(waiting("CrashLoopBackOff")), Phase::BackingOff { why });
        assert_eq!(of(waiting("ContainerCreating")), Phase::Starting);
    }
}
