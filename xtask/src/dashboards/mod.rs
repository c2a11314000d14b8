//! `cargo xtask dashboards`: the dashboards for Grafana, generated from code.
//!
//! A dashboard is rows of panels, a panel is a title, a sentence and queries; where they stand and
//! what else Grafana wants to know follows from that. Tests hold every metric to what brokers and
//! the operator tell, and run every query on a Prometheus that scrapes a loaded broker.

mod dashboard;
mod groups;
mod operator;
mod overview;
mod panel;
mod topics;

use crate::process::root;
use anyhow::{Context, Result};
use dashboard::Dashboard;

/// The folder that holds them, from the root of the repository.
pub(crate) const FOLDER: &str = "dashboards";

/// Writes them; a tidy test looks whether they are fresh.
pub(crate) fn run() -> Result<()> {
    let folder = root().join(FOLDER);
    for (name, text) in files() {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .with_context(|| format!("failed to write {}", path.display()))?;
    }
    Ok(())
}

/// The name and the text of each file.
pub(crate) fn files() -> Vec<(String, String)> {
    let all =
        [overview::dashboard(), topics::dashboard(), groups::dashboard(), operator::dashboard()];
    all.iter().map(file).collect()
}

fn file(dashboard: &Dashboard) -> (String, String) {
    let text = serde_json::to_string_pretty(&dashboard.json()).expect("a dashboard is plain data");
    (format!("{}.json", dashboard.name), text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERTS: &str = "alerts/klamm.yaml";

    /// What tells its metrics, and in which page or file their names stand.
    const TELLERS: [&str; 2] = ["docs/metrics.md", "operator/src/kubernetes/metrics.rs"];

    const PREFIXES: [&str; 3] = ["kafka_", "klamm_", "process_"];

    #[test]
    fn every_metric_of_a_dashboard_or_an_alert_is_told_by_a_broker_or_the_operator() {
        let told = TELLERS.map(|path| std::fs::read_to_string(root().join(path)).unwrap()).concat();
        let alerts = std::fs::read_to_string(root().join(ALERTS)).unwrap();
        for (file, text) in files().into_iter().chain([(ALERTS.to_owned(), alerts)]) {
            let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            for metric in
                words.filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix)))
            {
                let name = ["_bucket", "_sum", "_count"]
                    .iter()
                    .filter_map(|end| metric.strip_suffix(end))
                    .find(|name| is_told(&told, name))
                    .unwrap_or(metric);
                assert!(is_told(&told, name), "{file}: nobody tells {name}");
            }
        }
    }

    fn is_told(told: &str, name: &str) -> bool {
        let own = name.strip_prefix("klamm_operator_").map(|rest| format!("\"{rest}\""));
        told.contains(&format!("`{name}`")) || own.is_some_and(|own| told.contains(&own))
    }

    #[test]
    fn panels_of_a_dashboard_neither_overlap_nor_leave_the_page() {
        for (file, text) in files() {
            let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
            let mut taken = std::collections::HashSet::new();
            for panel in dashboard["panels"].as_array().unwrap() {
                let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
                for x in side("x")..side("x") + side("w") {
                    assert!(x < 24, "{file}: {}", panel["title"]);
                    for y in side("y")..side("y") + side("h") {
                        assert!(taken.insert((x, y)), "{file}: {}", panel["title"]);
                    }
                }
            }
        }
    }
}
