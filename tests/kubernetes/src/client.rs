//! A client of the API server, with all rights.

use crate::folder::Folder;
use anyhow::Result;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

/// A client for whoever is in the cluster's network.
pub(crate) async fn connect(folder: &Folder) -> Result<Client> {
    let kubeconfig = Kubeconfig::read_from(folder.kubeconfig())?;
    let options = KubeConfigOptions::default();
    Ok(Client::try_from(Config::from_custom_kubeconfig(kubeconfig, &options).await?)?)
}
