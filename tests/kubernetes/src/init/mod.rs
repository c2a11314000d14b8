//! A cluster from inside: the first process of its namespaces, which starts all others.
//!
//! Ends when its owner ends, since it reads from a pipe that only the owner holds open; with it
//! ends, by the kernel's own rule, every process in its namespaces, and what was mounted and linked
//! in them. Control groups it removes itself.

pub mod cgroups;
pub mod children;
pub mod control;
mod mounts;
mod network;
pub mod node;
mod parts;
mod volumes;

use crate::folder::Folder;
use crate::keys::Keys;
use crate::level::Level;
use crate::{client, programs};
use anyhow::{Context, Result, ensure};
use children::Children;
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::api::ListParams;
use kube::{Api, Client};
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, wait};
use std::fs;
use std::io::Read;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use workshop::wait;

/// What a cluster gets to be of use.
const PATIENCE: Duration = Duration::from_secs(120);

/// Between two questions whether it is.
const PAUSE: Duration = Duration::from_millis(25);

/// What the first process is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The cluster's folder
    pub folder: PathBuf,
    /// How much of Kubernetes
    #[arg(long)]
    pub level: Level,
    /// How many nodes
    #[arg(long)]
    pub nodes: u8,
    /// Outlive the owner
    #[arg(long)]
    pub stay: bool,
}

/// The running cluster.
#[derive(Debug)]
pub struct Cluster {
    folder: Folder,
    children: Children,
    options: Options,
}

/// Is the first process, until the cluster ends.
pub fn serve(options: Options) -> ExitCode {
    let folder = Folder::at(options.folder.clone());
    let children = Children::new(folder.clone());
    let cluster: &'static Cluster = Box::leak(Box::new(Cluster { folder, children, options }));
    if !cluster.options.stay {
        std::thread::spawn(|| cluster.end_with_the_owner());
    }
    if let Err(error) = cluster.start() {
        let told = fs::write(cluster.folder.file("failed"), format!("{error:#}"));
        eprintln!("failed to start: {error:#} {told:?}");
    }
    loop {
        cluster.children.bury();
        wait::pause(PAUSE * 8);
    }
}

impl Cluster {
    fn start(&'static self) -> Result<()> {
        mounts::data(&self.folder)?;
        let nodes = if self.options.level == Level::Node { self.options.nodes } else { 0 };
        network::make(nodes)?;
        let keys = Keys::make(&self.folder)?;
        let programs = programs::kubernetes()?;
        self.children.start("etcd", parts::etcd(&self.folder, &programs))?;
        self.children.start("api-server", parts::api_server(&self.folder, &programs)?)?;
        if self.options.level >= Level::Control {
            self.children.start("controllers", parts::controllers(&self.folder, &programs))?;
            self.children.start("scheduler", parts::scheduler(&self.folder, &programs))?;
        }
        if nodes > 0 {
            self.start_nodes(&keys, nodes)?;
        }
        let listener = UnixListener::bind(self.folder.file("control"))?;
        std::thread::spawn(move || control::serve(self, &listener));
        std::thread::spawn(|| self.look_after());
        Ok(())
    }

    fn start_nodes(&self, keys: &Keys, nodes: u8) -> Result<()> {
        mounts::settings(&self.folder)?;
        crate::pause::write(&self.folder.data().join("pause.tar"))?;
        self.children.start("dns", parts::dns(&self.folder, &programs::coredns()?)?)?;
        for number in 1..=nodes {
            let own = self.folder.node(number);
            fs::create_dir_all(&own)?;
            keys.node(&self.folder, number)?;
            let folder = self.options.folder.clone();
            let command = node::command(&node::Node { folder, number, nodes })?;
            let process = self.children.start(&format!("node{number}"), command)?;
            if number > 1 {
                wait::until(PATIENCE, "the node has its network", || {
                    Ok(own.join("entered").exists().then_some(()))
                })?;
                network::join(number, process)?;
                fs::write(own.join("linked"), "")?;
            }
        }
        Ok(())
    }

    /// Says when the cluster is ready, then makes volumes.
    fn look_after(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
            runtime.block_on(async {
                let client = client::connect(&self.folder).await?;
                self.ready(&client).await?;
                fs::write(self.folder.file("ready"), "")?;
                volumes::provide(&client, &self.folder).await;
                Ok(())
            })
        });
        if let Err(error) = outcome {
            let _told = fs::write(self.folder.file("failed"), format!("{error:#}"));
        }
    }

    async fn ready(&self, client: &Client) -> Result<()> {
        let start = wait::now();
        while let Err(missing) = self.check(client).await {
            self.children.check()?;
            if start.elapsed() > PATIENCE {
                return Err(missing.context("the cluster is not ready in time"));
            }
            tokio::time::sleep(PAUSE).await;
        }
        volumes::make_class(client).await.context("failed to make the class of volumes")
    }

    /// An error that says what of this level does not answer yet.
    async fn check(&self, client: &Client) -> Result<()> {
        let question = kube::api::Request::new("/readyz").list(&ListParams::default())?;
        client.request_text(question).await.context("the API server is not ready")?;
        if self.options.level >= Level::Control {
            let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
            accounts.get("default").await.context("the controllers do not act")?;
        }
        if self.options.level >= Level::Node {
            let nodes: Api<Node> = Api::all(client.clone());
            let nodes = nodes.list(&ListParams::default()).await?;
            let ready = nodes.iter().filter(|node| is_ready(node)).count();
            ensure!(ready == usize::from(self.options.nodes), "{ready} nodes are ready");
        }
        Ok(())
    }

    fn end_with_the_owner(&self) {
        let mut nothing = Vec::new();
        // Nothing is ever written: the read returns when the last writer is gone.
        let _closed = std::io::stdin().read_to_end(&mut nothing);
        if let Err(error) = self.end() {
            eprintln!("failed to end in good order: {error:#}");
        }
        std::process::exit(0);
    }

    /// Ends every process, then what would stay behind.
    pub fn end(&self) -> Result<()> {
        kill_all()?;
        cgroups::remove(&self.folder)?;
        let data = self.folder.data();
        children::run("umount", &["--lazy", &data.to_string_lossy()])?;
        fs::remove_dir_all(self.folder.path()).context("failed to remove the folder")?;
        std::process::exit(0)
    }
}

/// Kills whoever else lives in this process namespace.
fn kill_all() -> Result<()> {
    let killed = || {
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        let others = others()?;
        for other in &others {
            // It may have ended since the folder was listed.
            let _ended = kill_process(*other, Signal::KILL);
        }
        Ok(others.is_empty().then_some(()))
    };
    wait::until(PATIENCE, "every process has ended", killed)
}

fn others() -> Result<Vec<Pid>> {
    let mut others = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let number = entry?.file_name().to_string_lossy().parse().ok().and_then(Pid::from_raw);
        others.extend(number.filter(|pid| *pid != getpid()));
    }
    Ok(others)
}

fn is_ready(node: &Node) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| all.iter().any(|it| it.type_ == "Ready" && it.status == "True"))
}
