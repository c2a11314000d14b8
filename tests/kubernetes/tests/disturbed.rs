//! What happens to a broker in its Pod, and what must come of it.

use anyhow::{Result, ensure};
use kubernetes_tests::Chat;

const POD: &str = "pod/chat-brokers-0";
const CHAT: &str = "cluster/chat";

#[test]
#[ignore = "needs a test cluster"]
fn broker_whose_pod_was_deleted_is_the_same_broker_with_every_record() -> Result<()> {
    let mut chat = Chat::begin(1)?;
    chat.produce(1000)?;
    let (identity, before) = (chat.identity()?, chat.incarnation()?);
    chat.kubectl(&["delete", POD])?;
    chat.until("there is another Pod", || Some(chat.field(POD, ".metadata.uid")? != before.0))?;
    chat.ready(POD)?;
    chat.ready(CHAT)?;
    assert_eq!(chat.identity()?, identity);
    chat.check_records()
}

#[test]
#[ignore = "needs a test cluster"]
fn config_that_needs_a_restart_waits_for_approval_and_then_restarts_the_broker_once() -> Result<()>
{
    let mut chat = Chat::begin(1)?;
    chat.produce(100)?;
    let before = chat.incarnation()?;
    let mut requests = chat.cluster.requests()?;
    chat.patch(r#"{"apply":"Manual","config":{"num.partitions":"2"}}"#)?;
    let waits = ".status.plan.waitsForApproval";
    chat.until("the plan waits", || Some(chat.field(CHAT, waits)? == "true"))?;
    let (hash, step) =
        (chat.known(CHAT, ".status.plan.hash")?, chat.known(CHAT, ".status.plan.steps[0]")?);
    assert!(step.starts_with("restart broker 0: ") && step.contains("num.partitions"), "{step}");
    assert_eq!(chat.incarnation()?, before);

    let approval = format!("klamm.dev/approved-plan={hash}");
    chat.kubectl(&["annotate", CHAT, &approval])?;
    chat.until("the rollout awaits the broker", || {
        let left = chat.field(POD, ".metadata.deletionTimestamp").is_some()
            || chat.field(POD, ".metadata.uid").is_none_or(|uid| uid != before.0);
        let current = chat.field(CHAT, ".status.rollout.current")?;
        Some(left && current == step)
    })?;
    chat.ready(CHAT)?;
    assert_eq!(requests.pods_made(&chat.namespace)?, 1);
    assert_eq!(chat.field(CHAT, ".status.plan"), None);
    assert_eq!(chat.field(CHAT, ".status.rollout"), None);
    chat.check_records()
}

#[test]
#[ignore = "needs a test cluster"]
fn config_that_a_running_broker_takes_does_not_restart_it() -> Result<()> {
    let chat = Chat::begin(1)?;
    let before = chat.incarnation()?;
    chat.patch(r#"{"config":{"log.retention.ms":"86400000"}}"#)?;
    chat.ready(CHAT)?;
    assert_eq!(chat.known(CHAT, r".status.config.log\.retention\.ms")?, "86400000");
    assert_eq!(chat.incarnation()?, before);
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn image_that_cannot_be_had_stops_the_roll_until_the_manifest_goes_back() -> Result<()> {
    let mut chat = Chat::begin(1)?;
    chat.produce(100)?;
    let identity = chat.identity()?;
    let mut requests = chat.cluster.requests()?;
    chat.patch(r#"{"image":"localhost/klamm:missing"}"#)?;
    let stalled = ".status.conditions[?(@.type=='Stalled')]";
    chat.until("the roll has stopped", || {
        Some(chat.field(CHAT, &format!("{stalled}.reason"))? == "RolloutBlocked")
    })?;
    let message = chat.known(CHAT, &format!("{stalled}.message"))?;
    ensure!(message.contains("the image localhost/klamm:missing cannot be pulled"), "{message}");
    chat.patch(r#"{"image":null}"#)?;
    chat.ready(CHAT)?;
    assert_eq!(requests.pods_made(&chat.namespace)?, 2, "one there and one back");
    assert_eq!(chat.identity()?, identity);
    chat.check_records()
}
