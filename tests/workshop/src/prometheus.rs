//! A real Prometheus that scrapes what a test has started, and what dashboards ask of it.

use crate::process::{self, Owned};
use crate::wait;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

/// A Prometheus with a folder of its own.
#[derive(Debug)]
pub struct Prometheus {
    address: String,
    _process: Owned,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes this address every second, and gives what it finds there these labels,
    /// as a scrape of Pods does.
    pub fn start(port: u16, target: &str, labels: &str) -> Result<Prometheus> {
        let (folder, address) = (TempDir::new()?, format!("127.0.0.1:{port}"));
        let file = folder.path().join("prometheus.yaml");
        std::fs::write(&file, configuration(target, labels))?;
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

fn configuration(target: &str, labels: &str) -> String {
    format!(
        "global: {{ scrape_interval: 1s }}
scrape_configs:
- job_name: klamm
  static_configs:
  - targets: ['{target}']
    labels: {labels}
"
    )
}

/// The queries of a dashboard as Grafana sends them when this is chosen, and for all other variables
/// everything.
pub fn queries(dashboard: &Path, chosen: &[(&str, &str)]) -> Result<Vec<String>> {
    let dashboard: Value = serde_json::from_slice(&std::fs::read(dashboard)?)?;
    let panels = dashboard["panels"].as_array().context("a dashboard has panels")?;
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let queries: Vec<_> = targets.filter_map(|target| target["expr"].as_str()).collect();
    anyhow::ensure!(queries.len() > 5, "{queries:?}");
    let variables = dashboard["templating"]["list"].as_array().context("it has variables")?;
    let variables: Vec<_> = variables.iter().filter_map(|it| it["name"].as_str()).collect();
    let sent = queries.into_iter().map(|query| {
        let mut query = query.replace("$__rate_interval", "10s");
        for variable in &variables {
            let choice = chosen.iter().find(|(name, _)| name == variable);
            let choice = choice.map_or(".*", |(_, choice)| *choice);
            query = query.replace(&format!("\"${variable}\""), &format!("\"{choice}\""));
        }
        query
    });
    Ok(sent.collect())
}
