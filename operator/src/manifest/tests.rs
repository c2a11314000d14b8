//! Bad manifests and the sentences they get.

use super::*;

fn problems(text: &str) -> Vec<String> {
    let source = Source { name: "chat.yaml".to_owned(), text: text.to_owned() };
    match parse(&[source]) {
        Ok(_) => Vec::new(),
        Err(Problems(problems)) => problems.iter().map(ToString::to_string).collect(),
    }
}

fn cluster(spec: &str) -> String {
    format!(
        "apiVersion: klamm.dev/v1alpha1\nkind: Cluster\nmetadata: {{ name: chat }}\nspec:\n{spec}"
    )
}

fn topic(spec: &str) -> String {
    format!(
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: {{ name: messages }}\nspec:\n  cluster: chat\n{spec}"
    )
}

fn parsed(text: &str) -> Object {
    let source = Source { name: "chat.yaml".to_owned(), text: text.to_owned() };
    parse(&[source]).unwrap().remove(0).object
}

#[test]
fn the_smallest_manifests_are_complete() {
    let Object::Cluster(cluster) = parsed(&cluster("  {}\n")) else { panic!("a cluster") };
    assert_eq!(cluster.spec.pools[0].replicas, 1);
    assert_eq!(cluster.spec.listeners[0].port, 9092);
    let Object::Topic(topic) = parsed(&topic("")) else { panic!("a topic") };
    assert_eq!((topic.spec.partitions, topic.spec.replicas), (1, 1));
    assert_eq!(topic.kafka_name(), "messages");
}

#[test]
fn unknown_fields_are_refused_with_their_line() {
    assert_eq!(
        problems(&cluster("  listeners:\n  - name: plain\n    prot: 9092\n    port: 9092\n")),
        ["chat.yaml:7: spec.listeners[0].prot: unknown field `prot`; did you mean `port`?"]
    );
    assert_eq!(
        problems(&topic("  partitons: 3\n")),
        ["chat.yaml:6: spec.partitons: unknown field `partitons`; did you mean `partitions`?"]
    );
    assert_eq!(
        problems(
            "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspce: {}\nspec: { cluster: b }\n"
        ),
        ["chat.yaml:4: spce: unknown field `spce`; did you mean `spec`?"]
    );
}

#[test]
fn wrong_types_are_refused_with_their_line() {
    assert_eq!(
        problems(&topic("  partitions: ten\n")),
        ["chat.yaml:6: spec.partitions: must be a whole number, not the string `ten`"]
    );
    assert_eq!(
        problems(&topic("  config:\n    retention.ms: 604800000\n")),
        [
            "chat.yaml:7: spec.config.retention.ms: must be a string, not the number 604800000: put it in quotes"
        ]
    );
    assert_eq!(
        problems(&cluster("  pools: 3\n")),
        ["chat.yaml:5: spec.pools: must be a list, not the number 3"]
    );
}

#[test]
fn bad_values_are_refused_with_their_line() {
    assert_eq!(
        problems(&cluster("  listeners:\n  - { name: plain, port: 92 }\n")),
        ["chat.yaml:6: spec.listeners[0].port: 92 is not between 1024 and 65535"]
    );
    assert_eq!(
        problems(&cluster("  apply: auto\n")),
        ["chat.yaml:5: spec.apply: `auto` is not one of: Auto, Manual"]
    );
    assert_eq!(
        problems(&topic("  name: a b\n")),
        ["chat.yaml:6: spec.name: `a b` does not match ^[a-zA-Z0-9._-]+$"]
    );
    assert_eq!(
        problems("apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: Chat_1 }\nspec: { cluster: chat }\n")[0]
            .split(" does not").next(),
        Some("chat.yaml:3: metadata.name: `Chat_1`")
    );
}

#[test]
fn what_is_not_built_yet_is_refused_in_the_words_of_the_definition() {
    assert_eq!(
        problems(&cluster("  pools:\n  - name: brokers\n    replicas: 3\n")),
        ["chat.yaml:7: spec.pools[0].replicas: this version runs one broker: replicas must be 1"]
    );
    assert_eq!(
        problems(&cluster("  controllers: 3\n")),
        ["chat.yaml:5: spec.controllers: this version runs one controller: controllers must be 1"]
    );
    assert_eq!(
        problems(&topic("  replicas: 3\n")),
        ["chat.yaml:6: spec.replicas: this version runs one broker: replicas must be 1"]
    );
    assert_eq!(
        problems(&cluster(
            "  listeners:\n  - { name: a, port: 9092 }\n  - { name: b, port: 9092 }\n"
        )),
        ["chat.yaml:5: spec.listeners: two listeners cannot have one port"]
    );
    assert_eq!(
        problems(&cluster("  pools:\n  - { name: a }\n  - { name: b }\n")),
        ["chat.yaml:5: spec.pools: this version runs one pool"]
    );
    assert_eq!(
        problems(&cluster("  pools:\n  - { name: a, roles: [broker] }\n")),
        [
            "chat.yaml:6: spec.pools[0].roles: this version runs one node, which is both: roles must be [broker, controller]"
        ]
    );
}

#[test]
fn keys_that_follow_from_the_manifest_are_refused() {
    let found = problems(&cluster("  config:\n    node.id: \"7\"\n"));
    assert!(
        found[0].starts_with("chat.yaml:5: spec.config: config holds a key that follows"),
        "{found:?}"
    );
    let found = problems(&cluster("  config:\n    klamm.admin.listener: \"7\"\n"));
    assert!(found[0].contains("follows from the rest of the manifest"), "{found:?}");
    assert!(problems(&cluster("  config:\n    num.partitions: \"7\"\n")).is_empty());
}

#[test]
fn reserved_names_are_refused() {
    assert!(problems(&topic("  name: ..\n"))[0].contains("cannot be named"));
    assert!(
        problems(&topic("  name: __consumer_offsets\n"))[0].contains("the cluster's own topics")
    );
    assert!(
        problems(&cluster("  listeners: [{ name: controller, port: 9092 }]\n"))[0]
            .contains("reserved")
    );
}

#[test]
fn a_wrong_kind_or_version_is_named() {
    assert_eq!(
        problems("apiVersion: klamm.dev/v1alpha1\nkind: Clutser\n"),
        ["chat.yaml:2: kind: unknown kind `Clutser`; did you mean `Cluster`?"]
    );
    assert_eq!(
        problems("apiVersion: v1\nkind: Cluster\n"),
        ["chat.yaml:1: apiVersion: `v1` is not known: write klamm.dev/v1alpha1"]
    );
    assert_eq!(
        problems("apiVersion: klamm.dev/v1alpha1\nkind: ConfigMap\n"),
        ["chat.yaml:2: kind: unknown kind `ConfigMap`; known are: Cluster, Topic"]
    );
    assert_eq!(
        problems("- a\n"),
        ["chat.yaml:1: a manifest is a map with apiVersion, kind, metadata and spec"]
    );
    assert!(problems("kind: Topic\n")[0].contains("`apiVersion` is missing"));
}

#[test]
fn missing_parts_are_named() {
    assert_eq!(
        problems("apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec: {}\n"),
        ["chat.yaml:4: spec: `cluster` is missing"]
    );
    assert_eq!(
        problems(
            "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: {}\nspec: { cluster: a }\n"
        ),
        ["chat.yaml:3: metadata: `name` is missing"]
    );
    assert_eq!(problems("# nothing here\n"), ["chat.yaml: holds no manifest"]);
}

#[test]
fn the_same_object_twice_is_refused_with_both_lines() {
    let text = format!("{}---\n{}", topic(""), topic("  partitions: 3\n"));
    assert_eq!(
        problems(&text),
        ["chat.yaml:9: metadata.name: topic messages is already given in chat.yaml:3"]
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let text = format!(
        "{}---\n{}",
        cluster("  controllers: 2\n"),
        topic("  partitions: 0\n  replicas: x\n")
    );
    assert_eq!(problems(&text).len(), 3);
}

#[test]
fn what_is_written_without_sense_never_panics() {
    for text in [
        "",
        "~",
        "1",
        "[]",
        "{}",
        "kind: [1]",
        "kind: Topic\napiVersion: 3",
        "a: !!binary x",
        "\u{feff}a: 1",
        "? [a]\n: b",
    ] {
        drop(problems(text));
    }
}

fn changed(old: &str, new: &str) -> Vec<String> {
    let broken = object::rules_broken(&parsed(new), Some(&parsed(old)));
    broken.into_iter().map(|found| format!("{}: {}", found.path, found.sentence)).collect()
}

#[test]
fn partitions_can_only_grow() {
    assert_eq!(
        changed(&topic("  partitions: 10\n"), &topic("  partitions: 4\n")),
        ["spec.partitions: partitions can only grow: there are 10, and 4 would lose records"]
    );
    assert!(changed(&topic("  partitions: 4\n"), &topic("  partitions: 10\n")).is_empty());
}

#[test]
fn immutable_fields_stay() {
    assert!(
        changed(&topic("  name: a\n"), &topic("  name: b\n"))[0]
            .starts_with("spec.name: name is immutable")
    );
    assert!(
        changed(&topic(""), &topic("  name: b\n"))[0].starts_with("spec.name: name is immutable")
    );
    let moved = topic("").replace("cluster: chat", "cluster: mail");
    assert!(changed(&topic(""), &moved)[0].starts_with("spec.cluster: cluster is immutable"));
    let ids = "  pools:\n  - name: brokers\n    ids: { first: 10, count: 100 }\n";
    assert!(changed(&cluster("  {}\n"), &cluster(ids))[0].contains("ids of a pool are immutable"));
    assert!(
        changed(&cluster("  {}\n"), &cluster("  pools: [{ name: other }]\n"))[0]
            .contains("cannot be removed or renamed")
    );
}

#[test]
fn every_pattern_and_rule_of_the_definitions_compiles() {
    for definition in crate::crd::definitions() {
        let text = serde_json::to_value(&definition).unwrap();
        each(&text, &mut |value| {
            if let Some(pattern) = value["pattern"].as_str() {
                regex::Regex::new(pattern).unwrap();
            }
        });
        let schema = &text["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        assert!(!kube::core::cel::compile_schema(schema).has_errors());
    }
}

fn each(value: &serde_json::Value, visit: &mut dyn FnMut(&serde_json::Value)) {
    visit(value);
    let items = value.as_array().into_iter().flatten();
    let fields = value.as_object().into_iter().flat_map(|fields| fields.values());
    items.chain(fields).for_each(|value| each(value, visit));
}
