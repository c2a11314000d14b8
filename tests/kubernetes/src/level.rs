//! How much of Kubernetes a cluster has.

/// The levels, each with all of the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Level {
    /// etcd and the API server: objects are kept and checked, nothing acts on them
    Api,
    /// The controllers and the scheduler too: a StatefulSet makes Pods, which nobody runs
    Control,
    /// Nodes with kubelet, containerd, kube-proxy and DNS: Pods run
    Node,
}

impl Level {
    /// The word on a command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::Api => "api",
            Level::Control => "control",
            Level::Node => "node",
        }
    }
}
