//! The cluster that the tests of one program share.
//!
//! Its network is its own. A thread enters it ([`Cluster::shared`] does that for the thread of a
//! test), and what the thread starts is in there too: its runtime, if that has one thread, and the
//! programs it runs. Files are the same inside and outside.

use crate::client;
use crate::folder::Folder;
use crate::level::Level;
use crate::outside::{self, Outside, Shape};
use crate::programs;
use crate::requests::Requests;
use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::PostParams;
use kube::{Api, Client};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use workshop::wait;

/// Between two looks at what a test waits for.
const PAUSE: Duration = Duration::from_millis(50);

static SHARED: Mutex<Option<&'static Cluster>> = Mutex::new(None);
static NAMESPACES: AtomicU32 = AtomicU32::new(0);

/// A cluster of our own.
#[derive(Debug)]
pub struct Cluster {
    outside: Outside,
    level: Level,
    nodes: u8,
}

impl Cluster {
    /// The cluster of this test program, started by whoever asks first; all ask for the same. It
    /// ends with the program, however that ends. The calling thread is in its network afterwards.
    pub fn shared(level: Level, nodes: u8) -> Result<&'static Cluster> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let cluster = match *shared {
            Some(cluster) => cluster,
            None => *shared.insert(Box::leak(Box::new(Cluster::start(level, nodes)?))),
        };
        cluster.enter()?;
        Ok(cluster)
    }

    fn start(level: Level, nodes: u8) -> Result<Cluster> {
        let start = wait::now();
        let folder = Folder::named(&format!("test-{}", std::process::id()))?;
        let shape = Shape { level, nodes, stay: false };
        let outside = Outside::start(folder, shape, &built("test-cluster")?)?;
        eprintln!(
            "a cluster of level {} after {:.1} s",
            level.word(),
            start.elapsed().as_secs_f32()
        );
        Ok(Cluster { outside, level, nodes })
    }

    /// Takes the calling thread into the cluster's network, from where it does not return.
    pub fn enter(&self) -> Result<()> {
        let first = outside::first_process(self.folder())?.context("the cluster has ended")?;
        let network = File::open(format!("/proc/{}/ns/net", first.as_raw_nonzero()))?;
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))
            .context("failed to enter the cluster's network")
    }

    /// Its folder: kubeconfig, logs.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        self.outside.folder()
    }

    /// How clients reach the API server, with all rights.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder().kubeconfig()
    }

    /// Runs a future to its end in a runtime of this thread, which is in the cluster's network.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(work)
    }

    /// A client of the API server, with all rights.
    pub async fn client(&self) -> Result<Client> {
        client::connect(self.folder()).await
    }

    /// Makes a namespace that no other test has.
    pub fn namespace(&self) -> Result<String> {
        let name = format!("test-{}", NAMESPACES.fetch_add(1, Ordering::Relaxed));
        let made: Namespace = serde_json::from_value(json!({ "metadata": { "name": name } }))?;
        self.block_on(async {
            let namespaces: Api<Namespace> = Api::all(self.client().await?);
            Ok(namespaces.create(&PostParams::default(), &made).await?)
        })?;
        if self.level >= Level::Control {
            // Pods are refused before their namespace has its account.
            let account = ["get", "serviceaccount", "default", "--namespace", &name];
            let found = || Ok(self.kubectl(&account).ok());
            wait::until(Duration::from_secs(20), "the namespace has an account", found)?;
        }
        Ok(name)
    }

    /// Runs kubectl, which must succeed; what it prints.
    pub fn kubectl(&self, words: &[&str]) -> Result<String> {
        printed(&format!("kubectl {}", words.join(" ")), &self.kubectl_output(words)?)
    }

    /// Runs kubectl, whatever comes of it.
    pub fn kubectl_output(&self, words: &[&str]) -> Result<Output> {
        Ok(self
            .command(&programs::part(&programs::kubernetes()?, "kubectl"))
            .args(words)
            .output()?)
    }

    /// Applies manifests as a user does, and says what kubectl printed; an error has its refusal.
    pub fn apply(&self, namespace: &str, yaml: &str) -> Result<String> {
        let kubectl = programs::part(&programs::kubernetes()?, "kubectl");
        let mut kubectl = self.command(&kubectl);
        kubectl.args(["apply", "--namespace", namespace, "--filename", "-"]);
        let pipes = kubectl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn()?;
        child.stdin.take().context("a pipe was asked for")?.write_all(yaml.as_bytes())?;
        printed("kubectl apply", &child.wait_with_output()?)
    }

    /// Asks until there is an answer; for tests without a runtime.
    pub fn wait_for<T>(
        &self,
        patience: Duration,
        what: &str,
        mut ask: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        wait::until(patience, what, || {
            let answer = ask()?;
            if answer.is_none() {
                wait::pause(PAUSE);
            }
            Ok(answer)
        })
    }

    /// A command that talks to this cluster when the thread that runs it is in its network.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("KUBECONFIG", self.kubeconfig()).env_remove("KUBERNETES_SERVICE_HOST");
        command
    }

    /// What is asked of the API server from now on.
    pub fn requests(&self) -> Result<Requests> {
        Requests::from_now(self.folder())
    }

    /// Holds the API server: it answers nobody until [`Cluster::continue_api_server`].
    pub fn hold_api_server(&self) -> Result<()> {
        self.ask("signal stop api-server")
    }

    /// Lets it go on.
    pub fn continue_api_server(&self) -> Result<()> {
        self.ask("signal continue api-server")
    }

    /// Kills the API server; its connections break.
    pub fn kill_api_server(&self) -> Result<()> {
        self.ask("signal kill api-server")
    }

    /// Starts the API server again after it was killed, as soon as its end was noticed.
    pub fn start_api_server(&self) -> Result<()> {
        wait::until(Duration::from_secs(10), "the API server starts again", || {
            Ok(self.ask("start api-server").ok())
        })
    }

    /// Cuts the link of a node, 2 or above: the first is where the API server is.
    pub fn cut_link(&self, node: u8) -> Result<()> {
        self.ask(&format!("link down {node}"))
    }

    /// Mends it.
    pub fn mend_link(&self, node: u8) -> Result<()> {
        self.ask(&format!("link up {node}"))
    }

    /// Gives every node an image from an OCI archive; Pods name it with `imagePullPolicy: Never`.
    pub fn import(&self, archive: &Path) -> Result<()> {
        let archive = archive.canonicalize()?;
        (1..=self.nodes)
            .try_for_each(|node| self.ask(&format!("import {node} {}", archive.display())))
    }

    fn ask(&self, line: &str) -> Result<()> {
        outside::ask(self.folder(), line)
    }
}

/// Where cargo put a program of the same profile: beside the folder of the tests.
pub fn built(program: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.ancestors().find(|folder| folder.join(program).is_file());
    folder.map(|folder| folder.join(program)).with_context(|| {
        format!("{program} is not built: `cargo build --workspace --profile ci` first")
    })
}

pub(crate) fn printed(what: &str, output: &Output) -> Result<String> {
    if !output.status.success() {
        bail!("{what}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
