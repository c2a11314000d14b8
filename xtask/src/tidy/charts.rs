//! A chart's values are what its schema allows and its page explains.

use super::{assert_none, read};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const CHARTS: [&str; 2] = ["charts/klamm", "charts/klamm-cluster"];

/// A value of a chart: its path, its default, and the comment above it.
struct Entry {
    path: String,
    default: String,
    meaning: Option<String>,
}

#[test]
fn every_value_of_a_chart_is_in_its_schema_and_on_its_page() {
    let mut breaches = Vec::new();
    for chart in CHARTS {
        let page = read(&Path::new(chart).join("README.md"));
        let schema = read(&Path::new(chart).join("values.schema.json"));
        let schema: Value = serde_json::from_str(&schema).expect("a schema is JSON");
        for entry in values(&read(&Path::new(chart).join("values.yaml"))) {
            let Entry { path, default, meaning } = entry;
            let Some(meaning) = meaning else { continue };
            if !allows(&schema, &path) {
                breaches.push(format!("{chart}: the schema does not know {path}"));
            }
            let default = match default.as_str() {
                "" => "see values.yaml".to_owned(),
                default => format!("`{default}`"),
            };
            let row = format!("| `{path}` | {default} | {meaning} |");
            if !page.lines().any(|line| line == row) {
                breaches.push(format!("{chart}: the page should hold {row}"));
            }
        }
    }
    assert_none(&breaches, "values, schema and page of a chart go together");
}

#[test]
fn no_page_explains_a_value_that_a_chart_does_not_have() {
    let mut breaches = Vec::new();
    for chart in CHARTS {
        let values = values(&read(&Path::new(chart).join("values.yaml")));
        let known: BTreeSet<_> = values.iter().map(|entry| entry.path.as_str()).collect();
        let page = read(&Path::new(chart).join("README.md"));
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let unknown = rows.map(|(path, _)| path).filter(|path| !known.contains(path));
        breaches.extend(unknown.map(|path| format!("{chart}: {path}")));
    }
    assert_none(&breaches, "these values do not exist");
}

/// The values of a file in which every block is indented by two blanks.
fn values(text: &str) -> Vec<Entry> {
    let (mut entries, mut above, mut meaning) = (Vec::new(), Vec::<&str>::new(), None);
    for line in text.lines() {
        let word = line.trim_start();
        if let Some(comment) = word.strip_prefix("# ") {
            meaning = Some(comment.to_owned());
            continue;
        }
        let Some((key, default)) = word.split_once(':') else { continue };
        if key.starts_with('-') {
            continue;
        }
        above.truncate((line.len() - word.len()) / 2);
        above.push(key);
        let (path, default) = (above.join("."), default.trim().to_owned());
        entries.push(Entry { path, default, meaning: meaning.take() });
    }
    entries
}

/// Whether a schema names this value, and lets nothing else stand beside it.
fn allows(schema: &Value, path: &str) -> bool {
    let mut at = schema;
    for key in path.split('.') {
        let Some(property) = at["properties"].get(key) else { return false };
        if at["additionalProperties"] != false {
            return false;
        }
        at = property;
    }
    true
}
