//! The table of keys as a page for people, `docs/configuration.md`.

use std::fmt::Write;

use crate::{
    key::{Default, Effect, Key, Update},
    keys,
};

const INTRODUCTION: &str = "\
# Configuration

<!-- Written by `cargo xtask docs` from crates/configuration; a test holds it to that. -->

Klamm goes by the keys of Apache Kafka 4.3. They stand in three places, of which the strongest wins:

1. on a topic: in the `config` of its manifest, or set with `kafka-configs --entity-type topics`;
2. on a running broker, or on all of them: `kafka-configs --entity-type brokers`, with
   `--entity-name` and the broker's id, or `--entity-default`. Such a change outlives a restart. What is
   set for one broker wins over what is set for all;
3. in the `config` of the cluster's manifest, from which each broker gets its file.

Where nobody has set a key, its default holds. A key of a broker that is the default of a topic's key
reaches all topics that do not set it themselves, at once.

**What has no effect is not accepted.** A key that does nothing here can be set to its default only;
any other value is refused with a sentence that says so, in a manifest, in a file and over the wire.

What the columns say:

- *Changed*: `file` is read when the broker starts; `broker` can be changed while it runs, for one
  broker; `cluster` for one broker or for all of them; `cluster only` cannot stand in a file.
- *Effect*: `yes`; `start`, only when the broker starts, though Kafka could change it while it runs;
  `no`, only the default is accepted.
";

/// The whole page.
#[must_use]
pub fn document() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Topics\n\n");
    write_topics(&mut page);
    page.push_str("\n## Brokers\n");
    for (title, keys) in keys::broker_subjects() {
        write!(page, "\n### {title}\n\n").expect("a text can be written to");
        write_brokers(&mut page, keys);
    }
    page.push_str(
        "\n## Groups and client metrics\n\n\
         They can be described with their defaults. None can be changed before Klamm has groups and \
         takes clients' metrics.\n\n",
    );
    let rest = keys::group().iter().chain(keys::client_metrics().iter());
    write_rows(&mut page, rest.collect(), &["Key", "Type", "Default", "Valid values"], |key| {
        vec![name(key), kind(key), default(key), valid(key)]
    });
    page
}

fn write_topics(page: &mut String) {
    let keys = keys::topic().iter().filter(|key| !key.shape.internal).collect();
    let head = ["Key", "Type", "Default", "Valid values", "Broker's key", "Effect"];
    write_rows(page, keys, &head, |key| {
        let broker = key.shape.broker.iter().map(|(name, _)| format!("`{name}`"));
        let broker = broker.collect::<Vec<_>>().join(", ");
        vec![name(key), kind(key), default(key), valid(key), broker, effect(key)]
    });
}

fn write_brokers(page: &mut String, keys: &'static [Key]) {
    let keys = keys.iter().filter(|key| !key.shape.internal).collect();
    let head = ["Key", "Type", "Default", "Valid values", "Changed", "Effect"];
    write_rows(page, keys, &head, |key| {
        let changed = match key.shape.update {
            Update::ReadOnly => "file",
            Update::PerBroker => "broker",
            Update::ClusterWide => "cluster",
            Update::OnlyDynamic => "cluster only",
        };
        vec![name(key), kind(key), default(key), valid(key), changed.to_owned(), effect(key)]
    });
}

/// A table with a row for each key, whose last column is the key's sentence.
fn write_rows(
    page: &mut String,
    keys: Vec<&'static Key>,
    head: &[&str],
    cells: impl Fn(&Key) -> Vec<String>,
) {
    let head = head.join(" | ");
    let rule = "---|".repeat(head.split('|').count() + 1);
    let mut write = |line: String| {
        page.push_str(&line);
        page.push('\n');
    };
    write(format!("| {head} | What it is |"));
    write(format!("|{rule}"));
    for key in keys {
        write(format!("| {} | {} |", cells(key).join(" | "), key.doc));
    }
}

fn name(key: &Key) -> String {
    format!("`{}`", key.name)
}

fn kind(key: &Key) -> String {
    let name = key.shape.kind.name().to_lowercase();
    if key.is_sensitive() { format!("{name}, shown to nobody") } else { name }
}

fn default(key: &Key) -> String {
    match key.shape.default {
        Default::Required => "must be set".to_owned(),
        Default::Unset => String::new(),
        Default::Is("") => "empty".to_owned(),
        Default::Is(text) => format!("`{text}`"),
    }
}

fn valid(key: &Key) -> String {
    key.shape.valid.to_string()
}

fn effect(key: &Key) -> String {
    match key.shape.effect {
        Effect::None => "no",
        Effect::AtStart => "start",
        Effect::Full => "yes",
    }
    .to_owned()
}
