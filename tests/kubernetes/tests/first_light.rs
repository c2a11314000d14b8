//! From a manifest to a message: the operator, its brokers in Pods, and clients.

use anyhow::{Context, Result};
use kubernetes_tests::Chat;
use kubernetes_tests::klamm::{IMAGE, printed};
use std::process::Command;

const CLIENT: &str = "
apiVersion: v1
kind: ConfigMap
metadata: { name: lines }
data: { lines: 'ada:hello' }
---
apiVersion: v1
kind: Pod
metadata: { name: NAME }
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  volumes: [{ name: lines, configMap: { name: lines } }]
  containers:
  - name: client
    image: IMAGE
    imagePullPolicy: Never
    args: [ARGUMENTS]
    volumeMounts: [{ name: lines, mountPath: /lines }]
";

#[test]
#[ignore = "needs a test cluster"]
fn cluster_is_ready_soon_after_its_manifest_and_clients_inside_and_outside_meet() -> Result<()> {
    let mut chat = Chat::begin(1)?;
    chat.produce(100)?;
    chat.check_records()?;
    chat.end()
}

#[test]
#[ignore = "needs a test cluster"]
fn clients_in_pods_of_their_own_and_those_outside_meet() -> Result<()> {
    let mut chat = Chat::begin(1)?;
    in_a_pod(&chat, "producer", "produce, messages, '-K:', -b, BOOTSTRAP, /lines/lines")?;
    let mut consumer = Command::new(kubernetes_tests::cluster::built("klamm")?);
    consumer.args(["consume", "messages", "-e", "-K:", "-b", &chat.outside]);
    assert_eq!(printed(&mut consumer)?, "ada:hello\n");
    chat.produce(1)?;
    let read = in_a_pod(&chat, "consumer", "consume, messages, -e, '-K:', -b, BOOTSTRAP")?;
    let mut read: Vec<_> = read.lines().collect();
    read.sort_unstable();
    assert_eq!(read, ["ada:hello", "key-0:value-0"]);
    Ok(())
}

/// What a client in a Pod of its own printed.
fn in_a_pod(chat: &Chat, name: &str, arguments: &str) -> Result<String> {
    let arguments = arguments.replace("BOOTSTRAP", &format!("'{}'", chat.inside()));
    let pod = CLIENT.replace("NAME", name).replace("IMAGE", IMAGE).replace("ARGUMENTS", &arguments);
    chat.apply(&pod)?;
    let pod = format!("pod/{name}");
    let ended = ["wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=90s", &pod];
    let ended = chat.kubectl(&ended);
    let logs = chat.kubectl(&["logs", &pod])?;
    ended.context(logs.clone())?;
    Ok(logs)
}
