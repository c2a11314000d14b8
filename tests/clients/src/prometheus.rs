//! A real Prometheus that scrapes what a test has started.

use crate::process::{self, Owned};
use crate::server::Folder;
use crate::wait;
use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// A Prometheus with a folder of its own.
#[derive(Debug)]
pub struct Prometheus {
    address: String,
    _process: Owned,
    _folder: Folder,
}

impl Prometheus {
    /// Starts one that scrapes these addresses every second.
    pub fn start(port: u16, targets: &[String]) -> Result<Prometheus> {
        let (folder, address) = (Folder::temporary()?, format!("127.0.0.1:{port}"));
        let file = folder.path().join("prometheus.yaml");
        std::fs::write(&file, configuration(targets))?;
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .stdin(Stdio::null())
            .spawn();
        let mut process = Owned(process.context("failed to start prometheus")?);
        wait::until(PATIENCE, "Prometheus answers", || {
            process.check("prometheus")?;
            Ok(ask(&address, "vector(1)").ok())
        })?;
        Ok(Prometheus { address, _process: process, _folder: folder })
    }

    /// The series that a query has now, a line each.
    pub fn query(&self, expression: &str) -> Result<Vec<String>> {
        ask(&self.address, expression)
    }
}

fn ask(address: &str, expression: &str) -> Result<Vec<String>> {
    let mut promtool = Command::new("promtool");
    promtool.args(["query", "instant", &format!("http://{address}"), expression]);
    let output = process::output(&mut promtool)?;
    if !output.status.success() {
        bail!("`{expression}`: {}", String::from_utf8_lossy(&output.stderr));
    }
    let printed = String::from_utf8(output.stdout)?;
    Ok(printed.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn configuration(targets: &[String]) -> String {
    format!(
        "global: {{ scrape_interval: 1s }}
scrape_configs:
- job_name: klamm
  static_configs:
  - targets: {targets:?}
"
    )
}
