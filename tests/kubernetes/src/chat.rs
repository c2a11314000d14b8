//! A Klamm cluster called `chat` in a namespace of its own, with an operator and a topic `messages`:
//! what tests of faults disturb.

use crate::cluster::{Cluster, built};
use crate::klamm::printed;
use crate::level::Level;
use crate::place::Place;
use anyhow::{Context, Result, ensure};
use std::io::Write;
use std::ops::Deref;
use std::process::{Command, Stdio};
use std::time::Duration;
use workshop::process::Owned;
use workshop::wait;

/// What the first broker gets to be ready, on a machine that is busy.
const PATIENCE_AT_FIRST: Duration = Duration::from_secs(90);
/// What is waited for after a fault.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the operator gets to end in good order.
const LAST_STEPS: Duration = Duration::from_secs(20);

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
    place: Place,
    /// Where clients outside find the broker.
    pub outside: String,
    operator: Owned,
    produced: Vec<String>,
}

/// What can be done in a namespace can be done in its own.
impl Deref for Chat {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
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
        let mut place = Place::new(cluster, PATIENCE_AT_FIRST)?;
        let operator = place.operator()?;
        let start = wait::now();
        place.apply(&MANIFEST.replace("TEMPLATE", template))?;
        for object in ["cluster/chat", "topic/messages"] {
            place.ready(object)?;
            let took = start.elapsed().as_secs_f32();
            eprintln!("{object} was ready {took:.1} s after its manifest");
        }
        let listener = ".endpoints.listeners[?(@.name=='outside')].address";
        let outside = place.known("cluster/chat", &format!(".status.brokers[0]{listener}"))?;
        place.patience = PATIENCE;
        Ok(Chat { place, outside, operator, produced: Vec::new() })
    }

    /// Changes the Cluster's `spec`.
    pub fn patch(&self, spec: &str) -> Result<()> {
        let patch = format!("{{\"spec\":{spec}}}");
        self.kubectl(&["patch", "cluster/chat", "--type=merge", "--patch", &patch])?;
        Ok(())
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
        let text = printed(&mut consumer)?;
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
        self.operator = self.place.operator()?;
        Ok(())
    }

    /// An error when the operator has ended by itself.
    pub fn check_operator(&mut self) -> Result<()> {
        self.operator.check("the operator")
    }
    /// Ends the operator in good order.
    pub fn end(mut self) -> Result<()> {
        self.check_operator()?;
        self.operator.stop(LAST_STEPS)
    }
}
