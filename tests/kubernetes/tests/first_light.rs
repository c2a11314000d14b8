//! From a manifest to a message: the operator, its brokers in Pods, and clients.

use anyhow::{Context, Result, bail};
use kubernetes_tests::klamm::IMAGE;
use kubernetes_tests::{Chat, Cluster, Level};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use workshop::{process, wait};

/// What brokers get to be ready, on a machine that is busy.
const PATIENCE: &str = "--timeout=90s";

const CHAT: &str = "
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: chat }
spec:
  listeners:
  - { name: plain, port: 9092 }
  - { name: outside, port: 9094, type: NodePort, insecure: true }
  pools:
  - { name: brokers, storage: { size: 1024Mi } }
---
apiVersion: klamm.dev/v1alpha1
kind: Topic
metadata: { name: messages }
spec: { cluster: chat, partitions: 3, replicas: 1 }
";

#[test]
#[ignore = "needs a test cluster"]
fn cluster_is_ready_soon_after_its_manifest_and_clients_inside_and_outside_meet() -> Result<()> {
    let cluster = Cluster::shared(Level::Node, 1)?;
    let namespace = cluster.namespace()?;
    cluster.install_definitions()?;
    cluster.import_klamm()?;
    let mut operator = cluster.operator(&namespace)?;
    let start = wait::now();
    cluster.apply(&namespace, CHAT)?;
    ready(cluster, &namespace, "cluster/chat")?;
    eprintln!("the cluster was ready {:.1} s after its manifest", start.elapsed().as_secs_f32());
    ready(cluster, &namespace, "topic/messages")?;
    eprintln!("the topic was ready {:.1} s after its manifest", start.elapsed().as_secs_f32());

    let inside = format!("chat-bootstrap.{namespace}.svc.cluster.local:9092");
    let mut producer = cluster.klamm()?;
    producer.args(["produce", "messages", "-K:", "-b", &inside]);
    let mut consumer = Command::new(kubernetes_tests::cluster::built("klamm")?);
    consumer.args(["consume", "messages", "-e", "-K:", "-b", &outside(cluster, &namespace)?]);
    produce(&mut producer, "ada:hello\n")?;
    assert_eq!(printed(&mut consumer)?, "ada:hello\n");
    operator.check("the operator")?;
    operator.stop(Duration::from_secs(20))
}

fn ready(cluster: &Cluster, namespace: &str, object: &str) -> Result<()> {
    let words = ["wait", "--for=condition=Ready", PATIENCE, "--namespace", namespace, object];
    if let Err(error) = cluster.kubectl(&words) {
        let all = "clusters,topics,statefulsets,pods,persistentvolumeclaims,events";
        let seen = cluster.kubectl(&["get", all, "--output=wide", "--namespace", namespace])?;
        let log = cluster.folder().log(&format!("operator-{namespace}"));
        let log = std::fs::read_to_string(log)?;
        bail!("{error:#}\n{seen}\nthe operator's log:\n{log}");
    }
    Ok(())
}

/// Where clients outside find the broker, as its status tells.
fn outside(cluster: &Cluster, namespace: &str) -> Result<String> {
    let path = "jsonpath={.status.brokers[0].endpoints.listeners[?(@.name=='outside')].address}";
    let words = ["get", "cluster/chat", "--namespace", namespace, "--output", path];
    let address = cluster.kubectl(&words)?;
    (!address.is_empty()).then_some(address).context("the status has no address for outside")
}

fn produce(producer: &mut Command, lines: &str) -> Result<()> {
    let mut child = producer.stdin(Stdio::piped()).spawn()?;
    child.stdin.take().context("a pipe was asked for")?.write_all(lines.as_bytes())?;
    let status = child.wait()?;
    if !status.success() {
        bail!("the producer ended with {status}");
    }
    Ok(())
}

fn printed(consumer: &mut Command) -> Result<String> {
    let output = process::output(consumer)?;
    if !output.status.success() {
        bail!("the consumer: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

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
    chat.cluster.apply(&chat.namespace, &pod)?;
    let pod = format!("pod/{name}");
    let ended = ["wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=90s", &pod];
    let ended = chat.kubectl(&ended);
    let logs = chat.kubectl(&["logs", &pod])?;
    ended.context(logs.clone())?;
    Ok(logs)
}
