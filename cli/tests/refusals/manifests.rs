//! Manifests that are wrong as files: what is wrong in a definition's fields, `operator/tests` has.

/// A file, and what is said of it.
pub(crate) const ROWS: &[(&str, &str)] = &[
    ("", "chat.yaml"),
    ("just text", "chat.yaml:1: a manifest is a map with apiVersion, kind, metadata and spec"),
    ("a: [", "chat.yaml:"),
    ("kind: Topic", "chat.yaml:1: "),
    ("apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: {}\n", "chat.yaml:1: "),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Queue\nmetadata: { name: a }\nspec: {}\n",
        "chat.yaml:2: ",
    ),
    ("apiVersion: klamm.dev/v2\nkind: Topic\nmetadata: { name: a }\nspec: {}\n", "chat.yaml:1: "),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: {}\nspec: { cluster: a }\n",
        "chat.yaml:",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: A_b }\nspec: { cluster: a }\n",
        "chat.yaml:",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec:\n  cluster: a\n  partitons: 3\n",
        "chat.yaml:6: ",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec:\n  cluster: a\n  cluster: b\n",
        "chat.yaml:",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec:\n  cluster: nobody\n",
        "chat.yaml:",
    ),
    (
        "apiVersion: klamm.dev/v1alpha1\nkind: Cluster\nmetadata: { name: a }\nspec:\n  config: { num.partitions: \"0\" }\n",
        "chat.yaml:",
    ),
];
