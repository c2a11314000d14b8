//! A namespace of a cluster: what a test does in it, waits for, and looks at when it waited in vain.

use crate::cluster::Cluster;
use anyhow::{Context, Result, bail};
use std::time::Duration;
use workshop::process::Owned;

/// A namespace of its own.
#[derive(Debug)]
pub struct Place {
    /// The Kubernetes it lies in.
    pub cluster: &'static Cluster,
    /// Its name.
    pub namespace: String,
    /// What is waited for at most, on a machine that is busy.
    pub patience: Duration,
}

impl Place {
    /// One that no other test has.
    pub fn new(cluster: &'static Cluster, patience: Duration) -> Result<Place> {
        Ok(Place { cluster, namespace: cluster.namespace()?, patience })
    }

    /// Has the API server itself refuse Pods that may do more than they have to.
    pub fn restrict(&self) -> Result<()> {
        let restricted = "pod-security.kubernetes.io/enforce=restricted";
        self.cluster.kubectl(&["label", "namespace", &self.namespace, restricted]).map(drop)
    }

    /// An operator for this namespace, which ends with the value.
    pub fn operator(&self) -> Result<Owned> {
        self.cluster.operator(&self.namespace)
    }

    /// Applies manifests.
    pub fn apply(&self, yaml: &str) -> Result<String> {
        self.cluster.apply(&self.namespace, yaml)
    }

    /// Runs kubectl in the namespace; it must succeed.
    pub fn kubectl(&self, words: &[&str]) -> Result<String> {
        self.cluster.kubectl(&[words, &["--namespace", &self.namespace]].concat())
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

    /// A part of a condition, such as its `status`.
    #[must_use]
    pub fn condition(&self, object: &str, type_: &str, part: &str) -> Option<String> {
        self.field(object, &format!(".status.conditions[?(@.type=='{type_}')].{part}"))
    }

    /// Waits until something holds.
    pub fn until(&self, what: &str, mut holds: impl FnMut() -> Option<bool>) -> Result<()> {
        let asked = || Ok(holds().filter(|holds| *holds).map(|_| ()));
        let held = self.cluster.wait_for(self.patience, what, asked);
        held.or_else(|error| self.explain(&error))
    }

    /// Waits until an object is ready, as it now is.
    pub fn ready(&self, object: &str) -> Result<()> {
        self.wait("condition=Ready", object).or_else(|error| self.explain(&error))
    }

    /// Waits until an object is gone.
    pub fn gone(&self, object: &str) -> Result<()> {
        self.wait("delete", object)
    }

    fn wait(&self, until: &str, object: &str) -> Result<()> {
        let patience = format!("--timeout={}s", self.patience.as_secs());
        self.kubectl(&["wait", &format!("--for={until}"), &patience, object]).map(drop)
    }

    /// What a person would look at first.
    pub fn explain<T>(&self, error: &anyhow::Error) -> Result<T> {
        let all = "clusters,topics,statefulsets,pods,persistentvolumeclaims,events";
        let seen = self.kubectl(&["get", all, "--output=wide"])?;
        let clusters = self.kubectl(&["get", "clusters", "--output=jsonpath={..status}"])?;
        let log = self.cluster.folder().log(&format!("operator-{}", self.namespace));
        let log = match std::fs::read_to_string(log) {
            Ok(log) => log,
            // It runs in a Pod.
            Err(_) => self.kubectl(&["logs", "deployment/klamm", "--tail=40"]).unwrap_or_default(),
        };
        bail!("{error:#}\n{seen}\n{clusters}\nthe operator's log:\n{log}");
    }
}
