//! `klamm operator`: run clusters on Kubernetes.

use std::net::SocketAddr;

use ::broker::config::Config;
use ::operator::cluster::properties::Complaint;
use ::operator::kubernetes::{Operator, Options};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::{Failure, VERSION};

/// What `klamm operator` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Look after this namespace only; may be given several times
    #[arg(long = "namespace", env = "KLAMM_NAMESPACE", value_delimiter = ',', value_name = "NAME")]
    namespaces: Vec<String>,
    /// The image of brokers whose cluster names none
    #[arg(long, env = "KLAMM_IMAGE", value_name = "IMAGE", default_value_t = default_image())]
    image: String,
    /// The domain behind the names of Services
    #[arg(
        long,
        env = "KLAMM_CLUSTER_DOMAIN",
        value_name = "DOMAIN",
        default_value = "cluster.local"
    )]
    cluster_domain: String,
    /// Where the lease lies that the acting operator holds; by default beside the operator
    #[arg(long, env = "KLAMM_LEASE_NAMESPACE", value_name = "NAME")]
    lease_namespace: Option<String>,
    /// What that lease is called
    #[arg(long, env = "KLAMM_LEASE_NAME", value_name = "NAME", default_value = "klamm-operator")]
    lease_name: String,
    /// Who this process is among those that want the lease; by default the host's name
    #[arg(long, env = "KLAMM_IDENTITY", value_name = "NAME")]
    identity: Option<String>,
    /// Where /metrics, /livez and /readyz are served
    #[arg(
        long,
        env = "KLAMM_METRICS_ADDRESS",
        value_name = "ADDRESS",
        default_value = "0.0.0.0:8080",
        value_parser = address
    )]
    metrics_address: SocketAddr,
}

/// Runs until SIGINT or SIGTERM.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| Failure::Failed(error.to_string());
    let stop = stop().map_err(|error| failed(&error))?;
    let operator = Operator::new(options(arguments)).await;
    // What says where the API server is was given, if only by being left out.
    let operator = operator.map_err(|error| Failure::Input(error.to_string()))?;
    operator.run(stop).await.map_err(|error| failed(&error))
}

fn options(arguments: Arguments) -> Options {
    let host = || {
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        if name.is_empty() { "klamm-operator".to_owned() } else { name }
    };
    Options {
        namespaces: arguments.namespaces,
        image: arguments.image,
        version: VERSION.to_owned(),
        check,
        cluster_domain: arguments.cluster_domain,
        lease_namespace: arguments.lease_namespace,
        lease_name: arguments.lease_name,
        identity: arguments.identity.unwrap_or_else(host),
        metrics_address: arguments.metrics_address,
    }
}

/// What a broker of this version says to the text of its properties.
fn check(text: &str) -> Vec<Complaint> {
    let problems = Config::parse(text).err().unwrap_or_default().into_iter();
    problems.map(|problem| Complaint { line: problem.line, sentence: problem.text }).collect()
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("'{text}' is not an address such as 0.0.0.0:8080"))
}

fn default_image() -> String {
    format!("klamm:{VERSION}")
}

fn stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
