//! Klamm, started as a person starts it: `klamm up` with a manifest.

use super::{Config, Folder, Running};
use crate::process::{self, Owned};
use crate::wait;
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// `klamm up` with a data folder of its own; it keeps the broker running.
pub struct Up {
    process: Owned,
    _folder: Folder,
}

impl Up {
    pub(super) fn start(
        program: &Path,
        port: u16,
        folder: Folder,
        config: Config<'_>,
    ) -> Result<Up> {
        let manifest = folder.path().join("cluster.yaml");
        std::fs::write(&manifest, cluster(port, config))?;
        let mut klamm = Command::new(program);
        klamm.arg("up").arg("-f").arg(&manifest).arg("--data").arg(folder.path().join("data"));
        let process = klamm.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let process = Owned(process.context("failed to start klamm")?);
        Ok(Up { process, _folder: folder })
    }
}

impl Up {
    /// Sends the broker a signal that ends it, and waits for its successor.
    fn after(&self, signal: Signal) -> Result<()> {
        let broker = self.broker()?;
        kill_process(broker, signal).context("failed to end the broker")?;
        wait::until(Duration::from_secs(60), "the broker is started again", || {
            Ok(self.broker().ok().filter(|successor| *successor != broker))
        })?;
        Ok(())
    }
}

impl Running for Up {
    fn broker(&self) -> Result<Pid> {
        let children = process::children(self.process.pid())?;
        let broker = children.into_iter().find(|child| is_broker(*child));
        broker.context("`klamm up` runs no broker")
    }

    fn check(&mut self) -> Result<()> {
        self.process.check("`klamm up`")
    }

    fn crash(&mut self) -> Result<()> {
        self.after(Signal::KILL)
    }

    fn restart(&mut self) -> Result<()> {
        self.after(Signal::TERM)
    }

    fn stop(&mut self) -> Result<()> {
        self.process.stop(Duration::from_secs(10))
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.process.check("`klamm up`").is_err() {
            return;
        }
        if let Err(error) = self.process.stop(Duration::from_secs(10)) {
            eprintln!("klamm up did not stop: {error:#}");
        }
    }
}

/// The program under test: `KLAMM`, or the one that was built together with this test.
pub fn program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("KLAMM") {
        return Ok(program.into());
    }
    let test = std::env::current_exe()?;
    let folder = test.ancestors().nth(2).context("tests lie two folders deep")?;
    Ok(folder.join("klamm"))
}

/// Whether a child serves; there are others that look at a configuration and end.
fn is_broker(child: Pid) -> bool {
    let words = process::command_line(child).unwrap_or_default();
    words.iter().any(|word| word == "broker") && !words.iter().any(|word| word == "--check")
}

fn cluster(port: u16, config: Config<'_>) -> String {
    let keys: Vec<_> = config.iter().map(|(key, value)| format!("{key}: '{value}'")).collect();
    format!(
        "apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: {{ name: test }}
spec:
  pools:
  - name: brokers
    replicas: 1
  listeners:
  - {{ name: plain, port: {port}, type: Internal }}
  config: {{ {} }}
",
        keys.join(", ")
    )
}
