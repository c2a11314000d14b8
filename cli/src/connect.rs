//! Where the brokers are that a command talks to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use client::{Address, Client, Config};
use operator::local::Folder;
use operator::local::client as up;
use operator::local::message::{Command, Reply, Report};
use operator::manifest::Object;

use crate::place::Place;
use crate::{Failure, VERSION};

/// What to do for somebody whose cluster could not be found.
const SAY_WHERE: &str = "say where the brokers are with -b HOST:PORT or in KLAMM_BOOTSTRAP, or start a cluster here with `klamm up -f examples/chat.yaml`";

/// Where to connect.
#[derive(Debug, Args)]
#[command(next_help_heading = "Where to connect")]
pub(crate) struct Connect {
    /// Some of the brokers [default: the cluster that `klamm up` runs on this machine]
    #[arg(
        short,
        long,
        value_name = "HOST:PORT,…",
        env = "KLAMM_BOOTSTRAP",
        hide_env_values = true,
        value_delimiter = ','
    )]
    bootstrap_server: Vec<Address>,
    /// Without -b: the cluster's name, when several run on this machine
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// Without -b: the cluster's folder
    #[arg(long, value_name = "DIR", env = "KLAMM_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
}

/// How long a command waits for what it asks.
const REQUEST_WAIT_MAX: Duration = Duration::from_secs(30);

impl Connect {
    /// A client of the cluster.
    pub(crate) async fn client(&self) -> Result<Arc<Client>, Failure> {
        let config = self.config().await?;
        Ok(Arc::new(Client::connect(config).await?))
    }

    /// What a client of the cluster is told.
    pub(crate) async fn config(&self) -> Result<Config, Failure> {
        let bootstrap = self.bootstrap().await?;
        Ok(Config { request_deadline: REQUEST_WAIT_MAX, ..Config::new(bootstrap) })
    }

    async fn bootstrap(&self) -> Result<Vec<Address>, Failure> {
        if !self.bootstrap_server.is_empty() {
            return Ok(self.bootstrap_server.clone());
        }
        let report = self.local_report().await?;
        let servers = report.objects.iter().find_map(|object| match object {
            Object::Cluster(cluster) => cluster.status.as_ref()?.bootstrap_servers.clone(),
            Object::Topic(_) => None,
        });
        let not_yet = || {
            Failure::Failed("the cluster here does not serve yet: `klamm status` says why".into())
        };
        let servers = servers.ok_or_else(not_yet)?;
        let addresses: Result<Vec<Address>, _> = servers.split(',').map(str::parse).collect();
        addresses.map_err(|error| Failure::Failed(error.to_string()))
    }

    /// The folders of clusters on this machine, whether one of them is meant or not.
    pub(crate) fn local_folders(&self) -> Vec<Folder> {
        // Who cannot look into the folders has no cluster in them, either.
        let names = Folder::clusters().unwrap_or_default();
        let folders = names.iter().filter_map(|name| Folder::of_cluster(name).ok());
        folders.chain(self.data.iter().map(Folder::at)).collect()
    }

    /// What the `klamm up` on this machine says.
    async fn local_report(&self) -> Result<Report, Failure> {
        let place = Place::new(self.cluster.clone(), self.data.clone());
        let folder = place.folder(&[]).map_err(|failure| match failure {
            Failure::Input(text) if !text.contains("--cluster") => {
                Failure::Input(format!("no cluster runs on this machine: {SAY_WHERE}"))
            }
            failure @ (Failure::Input(_) | Failure::Failed(_)) => failure,
        })?;
        if !folder.is_in_use()? {
            return Err(Failure::Failed(format!(
                "the cluster in {} does not run: start it with `klamm up`, or say where another one is with -b HOST:PORT or in KLAMM_BOOTSTRAP",
                folder.root().display()
            )));
        }
        match Failure::of_last(up::ask(&folder, VERSION, Command::Status, |_| {}).await?)? {
            Reply::Report(report) => Ok(report),
            Reply::Proposal(_)
            | Reply::Progress(_)
            | Reply::Ready(_)
            | Reply::Done(_)
            | Reply::Refused(_)
            | Reply::Failed(_) => {
                Err(Failure::Failed("the running `klamm up` answered with no report".into()))
            }
        }
    }
}
