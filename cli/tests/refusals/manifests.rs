//! Manifests that are wrong as files: what is wrong in a definition's fields, `operator/tests` has.

/// A file, and what is said of it.
pub(crate) const ROWS: &[(&str, &str)] = &[
    ("", "chat.yaml: holds no manifest"),
    ("just text", "chat.yaml:1: a manifest is a map with apiVersion, kind, metadata and spec"),
    ("a: [", "chat.yaml:1: unclosed bracket '['"),
    ("kind: Topic", "chat.yaml: apiVersion: `apiVersion` is missing: write klamm.dev/v1alpha1"),
    (
        "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: {}\n",
        "chat.yaml:2: kind: unknown kind `Pod`; known are: Cluster, Topic",
    ),
    (
        "apiVersion: klamm.dev/v2\nkind: Topic\nmetadata: { name: a }\nspec: {}\n",
        "chat.yaml:1: apiVersion: `klamm.dev/v2` is not known: write klamm.dev/v1alpha1",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: {}\nspec: { cluster: a }\n",
        "chat.yaml:3: metadata: `name` is missing",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: A_b }\nspec: { cluster: a }\n",
        "chat.yaml:3: metadata.name: `A_b` does not match",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec:\n  cluster: a\n  partitons: 3\n",
        "chat.yaml:6: spec.partitons: unknown field `partitons`; did you mean `partitions`?",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec:\n  cluster: a\n  cluster: b\n",
        "chat.yaml:6: duplicate mapping key: cluster",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec:\n  cluster: nobody\n",
        "chat.yaml:5: spec.cluster: there is no cluster nobody, neither in these manifests nor in this folder",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Cluster\nmetadata: { name: a }\nspec:\n  config: { num.partitions: \"0\" }\n",
        "chat.yaml:5: spec.config.num.partitions: Invalid value 0 for configuration num.partitions: Value must be at least 1",
    ),
];
