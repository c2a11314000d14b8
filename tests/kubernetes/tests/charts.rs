//! What the charts render: free of lint, what the API server and its schemas take, and a sentence
//! where values make no sense.

use anyhow::{Context, Result, bail, ensure};
use kubernetes_tests::{Cluster, Level, programs};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const OPERATOR: &str = "klamm";
const CLUSTER: &str = "klamm-cluster";
const CHARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../charts");

/// Charts with values that a person might give them.
const GOOD: [(&str, &str); 9] = [
    (OPERATOR, "{}"),
    (OPERATOR, "{ watchNamespaces: [a, b], readNodes: false, replicas: 2 }"),
    (OPERATOR, "{ crds: { keep: false }, serviceAccount: { name: mine, annotations: { a: b } } }"),
    (OPERATOR, "{ crds: { enabled: false }, rbac: { create: false }, serviceAccount: { create: false } }"),
    (
        OPERATOR,
        "{ podDisruptionBudget: { enabled: true }, networkPolicy: { enabled: true, metricsFrom: [{ podSelector: {} }] },
           monitoring: { podMonitor: { enabled: true, labels: { release: prometheus } },
             prometheusRule: { enabled: true, exclude: [KlammDiskFull], runbookBase: 'https://example.org/' },
             dashboards: { enabled: true, annotations: { folder: Klamm } } } }",
    ),
    (
        OPERATOR,
        "{ test: { bootstrapServer: 'chat-bootstrap.mail:9092' }, image: { tag: '1' }, imagePullSecrets: [{ name: a }],
           commonLabels: { team: chat }, podLabels: { a: b }, podAnnotations: { a: b }, priorityClassName: high,
           nodeSelector: { a: b }, tolerations: [{ operator: Exists }], extraEnv: [{ name: A, value: b }],
           affinity: { nodeAffinity: {} }, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone,
             whenUnsatisfiable: ScheduleAnyway, labelSelector: { matchLabels: { a: b } } }] }",
    ),
    (CLUSTER, "{}"),
    (CLUSTER, "{ spec: { listeners: null }, test: { enabled: false } }"),
    (
        CLUSTER,
        "{ name: chat, labels: { a: b }, annotations: { klamm.dev/paused: 'true' },
           spec: { config: { num.partitions: '3' }, pools: [{ name: brokers, storage: { size: 1Gi } }] },
           topics: [{ name: messages, spec: { partitions: 10, config: { retention.ms: '60000' } } }, { name: plain }] }",
    ),
];

/// Values that make no sense, and what is said of them.
const BAD: [(&str, &str, &str); 12] = [
    (OPERATOR, "{ replicas: many }", "at '/replicas': got string, want integer"),
    (OPERATOR, "{ replicas: -1 }", "at '/replicas'"),
    (OPERATOR, "{ imagee: {} }", "additional properties 'imagee' not allowed"),
    (
        OPERATOR,
        "{ image: { pullPolicy: Sometimes } }",
        "at '/image/pullPolicy': value must be one of",
    ),
    (OPERATOR, "{ image: { digest: abc } }", "at '/image/digest': 'abc' does not match"),
    (OPERATOR, "{ watchNamespaces: a }", "at '/watchNamespaces': got string, want array"),
    (
        OPERATOR,
        "{ test: { bootstrapServer: nowhere } }",
        "at '/test/bootstrapServer': 'nowhere' does not",
    ),
    (CLUSTER, "{ name: UPPER }", "at '/name': 'UPPER' does not match"),
    (CLUSTER, "{ spec: 3 }", "at '/spec': got number, want object"),
    (
        CLUSTER,
        "{ topics: [{ spec: { partitions: 3 } }] }",
        "at '/topics/0': missing property 'name'",
    ),
    (
        CLUSTER,
        "{ topics: [{ name: a, partitions: 3 }] }",
        "additional properties 'partitions' not allowed",
    ),
    (
        CLUSTER,
        "{ topics: [{ name: a, spec: { cluster: other } }] }",
        "the topic a belongs to the Cluster of this chart: leave out its spec.cluster",
    ),
];

/// Kinds that an API server knows only where Prometheus's operator is.
const FOREIGN: &str = "PodMonitor,PrometheusRule";

#[test]
#[ignore = "needs a test cluster"]
fn values_that_make_no_sense_are_refused_with_a_sentence() -> Result<()> {
    for (chart, values, says) in BAD {
        let output = with_input(&mut helm("template", chart)?, values)?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{chart} {values} is rendered");
        assert!(said.contains(says), "{chart} {values}: {said}");
    }
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn charts_have_nothing_that_lint_speaks_of() -> Result<()> {
    for (chart, values) in GOOD {
        printed(&mut helm("lint", chart)?, values)?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a test cluster"]
fn what_charts_render_is_what_the_schemas_of_the_api_server_want() -> Result<()> {
    let cluster = Cluster::shared(Level::Api, 1)?;
    cluster.install_definitions()?;
    let schemas = cluster.folder().file("schemas");
    write_schemas(&cluster.kubectl(&["get", "--raw", "/openapi/v2"])?, &schemas)?;
    let location = format!("{}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json", schemas.display());
    for (chart, values) in GOOD {
        let rendered = printed(&mut helm("template", chart)?, values)?;
        let mut check = Command::new(programs::kubeconform()?);
        check.args(["-strict", "-summary", "-skip", FOREIGN, "-schema-location", &location]);
        let said = printed(&mut check, &rendered).with_context(|| format!("{chart} {values}"))?;
        ensure!(said.contains("Invalid: 0, Errors: 0"), "{said}");
    }
    let wrong = "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, dat: {} }";
    let mut check = Command::new(programs::kubeconform()?);
    let output = with_input(check.args(["-strict", "-schema-location", &location]), wrong)?;
    assert!(!output.status.success(), "a field that is unknown is found");
    Ok(())
}

/// Helm at a chart, with values from its input.
fn helm(verb: &str, chart: &str) -> Result<Command> {
    let mut helm = Command::new(programs::helm()?);
    let chart = Path::new(CHARTS).join(chart);
    match verb {
        "lint" => helm.args(["lint", "--strict"]),
        _ => helm.args([verb, "release", "--namespace", "here", "--kube-version", "1.36"]),
    };
    helm.arg(chart).args(["--values", "-"]);
    Ok(helm)
}

fn with_input(command: &mut Command, input: &str) -> Result<Output> {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn()?;
    let mut pipe = child.stdin.take().context("a pipe was asked for")?;
    let input = input.to_owned();
    // It may print before it has read everything.
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    // One that refuses its arguments does not read.
    drop(writer.join());
    Ok(output)
}

fn printed(command: &mut Command, input: &str) -> Result<String> {
    let output = with_input(command, input)?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{input}: {printed}{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(printed)
}

/// A file for each kind, with all that it is made of.
fn write_schemas(openapi: &str, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let openapi: Value = serde_json::from_str(openapi)?;
    let all = openapi["definitions"].as_object().context("there are definitions")?;
    for (name, definition) in all {
        let kinds = definition["x-kubernetes-group-version-kind"].as_array();
        let Some([kind]) = kinds.map(Vec::as_slice) else { continue };
        let mut parts = BTreeSet::new();
        collect(name, all, &mut parts);
        let parts: serde_json::Map<_, _> =
            parts.into_iter().map(|name| (name.clone(), strict(&all[&name]))).collect();
        let schema =
            json!({ "$ref": format!("#/definitions/{name}"), "definitions": parts }).to_string();
        std::fs::write(folder.join(file_name(kind)), schema)?;
    }
    Ok(())
}

/// As the program that reads it calls it: the kind, the first word of the group, the version.
fn file_name(kind: &Value) -> String {
    let word = |key: &str| kind[key].as_str().unwrap_or_default().to_lowercase();
    let group = word("group");
    let group = group.split('.').next().filter(|group| !group.is_empty());
    let group = group.map(|group| format!("{group}-")).unwrap_or_default();
    format!("{}-{group}{}.json", word("kind"), word("version"))
}

fn collect(name: &str, all: &serde_json::Map<String, Value>, parts: &mut BTreeSet<String>) {
    if !parts.insert(name.to_owned()) {
        return;
    }
    let mut open = vec![&all[name]];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(items) => open.extend(items),
            Value::String(text) => {
                if let Some(name) = text.strip_prefix("#/definitions/") {
                    collect(name, all, parts);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The definition, with fields that it does not name forbidden.
fn strict(definition: &Value) -> Value {
    let Value::Object(fields) = definition else { return definition.clone() };
    if fields.get("format") == Some(&json!("int-or-string")) {
        return json!({ "type": ["integer", "string"] });
    }
    let mut strict = fields.clone();
    for value in strict.values_mut() {
        *value = self::strict(value);
    }
    let is_open = fields.contains_key("x-kubernetes-preserve-unknown-fields")
        || fields.contains_key("additionalProperties");
    if fields.get("properties").is_some_and(Value::is_object) && !is_open {
        strict.insert("additionalProperties".to_owned(), json!(false));
    }
    Value::Object(strict)
}
