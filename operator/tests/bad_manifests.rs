//! Every manifest of `bad-manifests.yaml` is refused, with the sentence that stands beside it.

use operator::crd::API_VERSION;
use operator::manifest::{Problems, Source, object, parse};
use serde_json::{Value, json};

/// At least so many ways to be wrong are shown.
const AT_LEAST: usize = 80;

fn table() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad-manifests.yaml");
    let text = std::fs::read_to_string(path).expect("the table lies beside this test");
    serde_saphyr::from_str(&text).expect("the table is YAML")
}

fn manifest(entry: &Value, spec: &Value) -> Source {
    let given = |field: &str, default: &str| entry[field].as_str().unwrap_or(default).to_owned();
    let manifest = json!({
        "apiVersion": given("apiVersion", API_VERSION),
        "kind": given("kind", "Topic"),
        "metadata": { "name": given("name", "example") },
        "spec": spec,
    });
    Source { name: "bad.yaml".to_owned(), text: manifest.to_string() }
}

/// What is said of an entry's manifest, applied over its old one if there is one.
fn said(entry: &Value) -> Vec<String> {
    let mut new = match parse(&[manifest(entry, &entry["spec"])]) {
        Ok(new) => new,
        Err(Problems(problems)) => return problems.iter().map(ToString::to_string).collect(),
    };
    let Some(old) = entry.get("old") else { return Vec::new() };
    let mut old = parse(&[manifest(entry, old)]).expect("the old manifest is good");
    let broken = object::rules_broken(&new.remove(0).object, Some(&old.remove(0).object));
    broken.into_iter().map(|broken| format!("{}: {}", broken.path, broken.sentence)).collect()
}

#[test]
fn every_bad_manifest_is_refused_with_its_sentence() {
    let wrong: Vec<String> = table()
        .iter()
        .filter_map(|entry| {
            let said = said(entry);
            let says = entry["says"].as_str().expect("every entry says something");
            let is_said = said.iter().any(|said| said.contains(says));
            (!is_said).then(|| format!("{entry}\n    got {said:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn many_ways_to_be_wrong_are_shown() {
    assert!(table().len() >= AT_LEAST, "{}", table().len());
}
