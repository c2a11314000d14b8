//! The built `klamm` in a cluster: its image on the nodes, and as a program in the network.

use crate::addresses;
use crate::cluster::{self, Cluster, built};
use anyhow::Result;
use image::{Compression, klamm};
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use workshop::process::{self, Owned};

/// The image's name on the nodes.
pub const IMAGE: &str = "localhost/klamm:test";

/// The kinds of manifests, beside us in the checkout.
const DEFINITIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crds");

/// Starts a program that sees another file in the place of the machine's own resolver's.
const WITH_NAMES: &str = "mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\"";

static IMPORTED: Mutex<bool> = Mutex::new(false);

impl Cluster {
    /// Packs the program and gives the image to every node, unless another test has.
    pub fn import_klamm(&self) -> Result<()> {
        let mut imported = IMPORTED.lock().unwrap_or_else(PoisonError::into_inner);
        if *imported {
            return Ok(());
        }
        let archive = self.folder().file("klamm.tar");
        klamm::image(&built("klamm")?, IMAGE, Compression::None)?.write(&archive)?;
        self.import(&archive)?;
        *imported = true;
        Ok(fs::remove_file(archive)?)
    }

    /// Makes our kinds known.
    pub fn install_definitions(&self) -> Result<()> {
        let apply = ["apply", "--server-side", "--force-conflicts", "--filename", DEFINITIONS];
        self.kubectl(&apply)?;
        let kinds = ["crd/clusters.klamm.dev", "crd/topics.klamm.dev"];
        let wait = ["wait", "--for=condition=Established", "--timeout=30s"];
        self.kubectl(&[&wait[..], &kinds].concat())?;
        Ok(())
    }

    /// The program, which finds the names of Services and Pods as a Pod does.
    pub fn klamm(&self) -> Result<Command> {
        let resolver = self.folder().file("resolv.conf");
        fs::write(&resolver, format!("nameserver {}\n", addresses::DNS))?;
        let mut command = self.command("unshare".as_ref());
        command.args(["--mount", "--propagation", "private", "sh", "-c", WITH_NAMES, "sh"]);
        command.arg(resolver).arg(built("klamm")?);
        Ok(command)
    }

    /// An operator for one namespace, which ends with the value.
    pub fn operator(&self, namespace: &str) -> Result<Owned> {
        self.operator_told_at(namespace, "127.0.0.1:0")
    }

    /// The same, with its metrics at this address.
    pub fn operator_told_at(&self, namespace: &str, address: &str) -> Result<Owned> {
        let log = self.folder().log(&format!("operator-{namespace}"));
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = self.klamm()?;
        command.args(["operator", "--namespace", namespace, "--lease-namespace", namespace]);
        command.args(["--metrics-address", address, "--image", IMAGE]);
        Ok(Owned(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?))
    }
}

/// What a client's program prints; it must succeed.
pub fn printed(client: &mut Command) -> Result<String> {
    cluster::printed("the client", &process::output(client)?)
}
