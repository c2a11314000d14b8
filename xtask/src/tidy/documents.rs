//! Documents are written for people: headings as sentences, links that lead somewhere.

use super::{assert_none, read, repository_files};
use crate::dashboards;
use crate::docs::CONFIGURATION;
use crate::process::root;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The alerts, and where the chart finds them and the dashboards: links to what lies beside it.
const ALERTS: &str = "alerts/klamm.yaml";
const ALERTS_OF_CHART: &str = "charts/klamm/files/alerts.yaml";
const DASHBOARDS_OF_CHART: &str = "charts/klamm/files/dashboards";

/// Names that keep their capital inside a heading.
const NAMES: &[&str] = &[
    "Apache",
    "OAuth",
    "SASL",
    "Cluster",
    "Grafana",
    "Java",
    "Kafka",
    "Klamm",
    "Kubernetes",
    "Linux",
    "Pod",
    "Prometheus",
    "Python",
    "Rust",
    "Topic",
];

#[test]
fn headings_are_in_sentence_case() {
    let mut breaches = Vec::new();
    for path in documents() {
        for heading in read(&path).lines().filter(|line| is_heading(line)) {
            let title = heading.trim_start_matches('#').trim();
            if title.split_whitespace().skip(1).any(is_capitalised) {
                breaches.push(format!("{}: {heading}", path.display()));
            }
        }
    }
    assert_none(&breaches, "only the first word and names have a capital");
}

#[test]
fn the_page_of_all_keys_is_fresh() {
    let found = read(Path::new(CONFIGURATION));
    let stale = "run `cargo xtask docs`: docs/configuration.md is not what the table says";
    assert!(found == configuration::document(), "{stale}");
}

#[test]
fn dashboards_are_fresh() {
    for folder in [dashboards::FOLDER, DASHBOARDS_OF_CHART] {
        for (name, text) in dashboards::files() {
            let path = Path::new(folder).join(name);
            let stale = "run `cargo xtask dashboards`: it is not what the code says";
            assert!(read(&path) == text, "{}: {stale}", path.display());
        }
    }
}

#[test]
fn the_charts_alerts_are_fresh() {
    let (alerts, copy) = (read(Path::new(ALERTS)), read(Path::new(ALERTS_OF_CHART)));
    assert!(alerts == copy, "{ALERTS_OF_CHART} is no link to {ALERTS}");
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let alerts = read(Path::new(ALERTS));
    let names = |word: &str| -> BTreeSet<String> {
        let lines = alerts.lines().filter_map(|line| line.trim().strip_prefix(word));
        lines.map(str::to_owned).collect()
    };
    let pages: BTreeSet<_> = repository_files()
        .iter()
        .filter(|path| path.starts_with("docs/runbooks"))
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(names("runbook_url: "), pages);
    let of_names =
        names("- alert: ").iter().map(|name| format!("docs/runbooks/{name}.md")).collect();
    assert_eq!(pages, of_names);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut breaches = Vec::new();
    for path in documents() {
        for target in links(&read(&path)) {
            let folder = root().join(&path).parent().expect("files lie in folders").to_owned();
            if !folder.join(&target).exists() {
                breaches.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert_none(&breaches, "these links lead nowhere");
}

fn documents() -> Vec<PathBuf> {
    let is_document = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    repository_files().into_iter().filter(is_document).collect()
}

fn is_heading(line: &str) -> bool {
    line.trim_start_matches('#').starts_with(' ') && line.starts_with('#')
}

fn is_capitalised(word: &str) -> bool {
    let letters = word.trim_matches(|c: char| !c.is_alphanumeric());
    let plural_or_name =
        NAMES.iter().any(|name| letters.strip_suffix("'s").unwrap_or(letters) == *name);
    let mut characters = letters.chars();
    let first_is_upper = characters.next().is_some_and(char::is_uppercase);
    first_is_upper && characters.next().is_some_and(char::is_lowercase) && !plural_or_name
}

/// The targets of a document's links to other files. What stands in code is none, such as a pattern.
fn links(document: &str) -> Vec<String> {
    let text: String = document.split('`').step_by(2).collect();
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

#[test]
fn capitals_inside_a_heading_are_told_from_names() {
    assert!(is_capitalised("Road"));
    assert!(!is_capitalised("Kafka's"));
    assert!(!is_capitalised("ISR"));
    assert!(!is_capitalised("road"));
}

#[test]
fn links_are_found_without_their_anchors() {
    let document =
        "see [the map](ARCHITECTURE.md#map) and [the web](https://example.org), `[a](b)`";
    assert_eq!(links(document), [Path::new("ARCHITECTURE.md").display().to_string()]);
}
