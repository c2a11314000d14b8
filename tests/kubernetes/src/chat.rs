//! A Klamm cluster called `chat` in a namespace of its own, with an operator and a topic `messages`:
//! what tests of faults disturb.

use crate::cluster::{Cluster, built};
use crate::level::Level;
use anyhow::{Context, Result, bail, ensure};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use workshop::process::{self, Owned};

/// What brokers get to be ready, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is added to the Pods can be put in.
const MANIFEST: &str = "
apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: { name: chat }
spec:
  listeners:
  - { name: plain, port: 9092 }
  - { name: outside, port: 9094, type: NodePort, insecure: true }
  pools:
  - { name: brokers, storage: { size: 1024Mi }, template: TEMPLATE }
---
apiVersion: klamm.dev/v1alpha1
kind: Topic
metadata: { name: messages }
spec: { cluster: chat, partitions: 3, replicas: 1 }
";

/// The cluster, its operator, and what was produced so far.
#[derive(Debug)]
pub struct Chat {
    /// The Kubernetes it lives in.
    pub cluster: &'static Cluster,
    /// Its own namespace.
    pub namespace: String,
    /// Where clients outside find the broker.
    pub outside: String,
    operator: Owned,
    produced: Vec<String>,
}

/// What must stay the same whatever happens to a broker's Pod.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
    cluster: String,
    directory: String,
    claim: String,
}

impl Chat {
    /// Starts one on its own nodes and waits until it is ready.
    pub fn begin(nodes: u8) -> Result<Chat> {
        Chat::begin_with(nodes, "{}")
    }

    /// The same, with additions to the Pods.
    pub fn begin_with(nodes: u8, template: &str) -> Result<Chat> {
        let cluster = Cluster::shared(Level::Node, nodes)?;
        cluster.install_definitions()?;
        cluster.import_klamm()?;
        let namespace = cluster.namespace()?;
        let operator = cluster.operator(&namespace)?;
        cluster.apply(&namespace, &MANIFEST.replace("TEMPLATE", template))?;
        let (outside, produced) = (String::new(), Vec::new());
        let mut chat = Chat { cluster, namespace, outside, operator, produced };
        chat.ready("cluster/chat")?;
        chat.ready("topic/messages")?;
        let listener = ".endpoints.listeners[?(@.name=='outside')].address";
        chat.outside = chat.known("cluster/chat", &format!(".status.brokers[0]{listener}"))?;
        Ok(chat)
    }

    /// Runs kubectl in the namespace; it must succeed.
    pub fn kubectl(&self, words: &[&str]) -> Result<String> {
        self.cluster.kubectl(&[words, &["--namespace", &self.namespace]].concat())
    }

    /// Changes the Cluster's `spec`.
    pub fn patch(&self, spec: &str) -> Result<()> {
        let patch = format!("{{\"spec\":{spec}}}");
        self.kubectl(&["patch", "cluster/chat", "--type=merge", "--patch", &patch])?;
        Ok(())
    }

    /// A field of an object; nothing while there is no such object or field.
    #[must_use]
    pub fn field(&self, object: &str, path: &str) -> Option<String> {
        let output = format!("jsonpath={{{path}}}");
        let found = self.kubectl(&["get", object, "--output", &output]).ok();
        found.filter(|text| !text.is_empty())
    }

    /// The same of a field that must be there.
    pub fn known(&self, object: &str, path: &str) -> Result<String> {
        self.field(object, path).with_context(|| format!("{object} has no {path}"))
    }

    /// Waits until something holds.
    pub fn until(&self, what: &str, mut holds: impl FnMut() -> Option<bool>) -> Result<()> {
        let asked = || Ok(holds().filter(|holds| *holds).map(|_| ()));
        self.cluster.wait_for(PATIENCE, what, asked).or_else(|error| self.explain(&error))
    }

    /// Waits until an object is ready, as it now is.
    pub fn ready(&self, object: &str) -> Result<()> {
        let patience = format!("--timeout={}s", PATIENCE.as_secs());
        let ready = self.kubectl(&["wait", "--for=condition=Ready", &patience, object]);
        ready.map(|_| ()).or_else(|error| self.explain(&error))
    }

    /// The broker's Pod and how often its container was started again.
    pub fn incarnation(&self) -> Result<(String, String)> {
        let pod = "pod/chat-brokers-0";
        let restarts = self.known(pod, ".status.containerStatuses[0].restartCount")?;
        Ok((self.known(pod, ".metadata.uid")?, restarts))
    }

    /// Who the cluster and its broker are.
    pub fn identity(&self) -> Result<Identity> {
        Ok(Identity {
            cluster: self.known("cluster/chat", ".status.clusterId")?,
            directory: self.known("cluster/chat", ".status.quorum.voters[0].directoryId")?,
            claim: self.known("persistentvolumeclaim/data-chat-brokers-0", ".metadata.uid")?,
        })
    }

    /// The bootstrap Service, for who finds the names of Services.
    #[must_use]
    pub fn inside(&self) -> String {
        format!("chat-bootstrap.{}.svc.cluster.local:9092", self.namespace)
    }

    /// Produces records that nobody produced before, through a port of the node.
    pub fn produce(&mut self, count: usize) -> Result<()> {
        let first = self.produced.len();
        let lines: Vec<_> = (first..first + count).map(|n| format!("key-{n}:value-{n}")).collect();
        let mut producer = Command::new(built("klamm")?);
        producer.args(["produce", "messages", "-K:", "-b", &self.outside]);
        let mut child = producer.stdin(Stdio::piped()).spawn()?;
        let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        child.stdin.take().context("a pipe was asked for")?.write_all(text.as_bytes())?;
        let status = child.wait()?;
        ensure!(status.success(), "the producer ended with {status}");
        self.produced.extend(lines);
        Ok(())
    }

    /// Reads all records, through the Service that clients in Pods use: those that were produced,
    /// each once.
    pub fn check_records(&self) -> Result<()> {
        let mut consumer = self.cluster.klamm()?;
        consumer.args(["consume", "messages", "-e", "-K:", "-b", &self.inside()]);
        let output = process::output(&mut consumer)?;
        if !output.status.success() {
            bail!("the consumer: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let text = String::from_utf8(output.stdout)?;
        let (mut found, mut wanted) =
            (text.lines().map(str::to_owned).collect::<Vec<_>>(), self.produced.clone());
        found.sort();
        wanted.sort();
        ensure!(found == wanted, "{} records, not the {}", found.len(), wanted.len());
        Ok(())
    }

    /// Kills the operator without a word of warning, and starts another.
    pub fn replace_operator(&mut self) -> Result<()> {
        self.operator.0.kill()?;
        self.operator.0.wait()?;
        self.operator = self.cluster.operator(&self.namespace)?;
        Ok(())
    }

    /// An error when the operator has ended by itself.
    pub fn check_operator(&mut self) -> Result<()> {
        self.operator.check("the operator")
    }

    /// What a person would look at first.
    fn explain<T>(&self, error: &anyhow::Error) -> Result<T> {
        let all = "clusters,topics,statefulsets,pods,persistentvolumeclaims,events";
        let seen = self.kubectl(&["get", all, "--output=wide"])?;
        let status = self.kubectl(&["get", "cluster/chat", "--output=jsonpath={.status}"])?;
        let log = self.cluster.folder().log(&format!("operator-{}", self.namespace));
        let log = std::fs::read_to_string(log)?;
        bail!("{error:#}\n{seen}\n{status}\nthe operator's log:\n{log}");
    }
}
