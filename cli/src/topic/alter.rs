//! `klamm topic alter`: other configuration, more partitions.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use client::{ConfigChanges, ConfigResource};
use serde_json::json;
use types::TopicName;

use super::{find, name, owner, setting, settled};
use crate::Failure;
use crate::connect::Connect;
use crate::print::{self, Output};

const EXAMPLES: &str = "Examples:
  klamm topic alter messages --set retention.ms=86400000 --set max.message.bytes=2000000
  klamm topic alter messages --unset retention.ms        back to the default
  klamm topic alter messages --partitions 20

docs/configuration.md lists all keys. Partitions can only become more, and keys then move to others.";

/// What `klamm topic alter` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub(crate) struct Arguments {
    /// The topic
    #[arg(value_parser = name)]
    name: TopicName,
    /// Set a key of its configuration; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting, group = "change")]
    set: Vec<(String, String)>,
    /// Give a key its default again; may be given several times
    #[arg(long, value_name = "KEY", group = "change", value_parser = NonEmptyStringValueParser::new())]
    unset: Vec<String>,
    /// How many partitions it shall have in all
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(1..), group = "change")]
    partitions: Option<i32>,
    /// Also when a manifest describes the topic, and the operator will change it back
    #[arg(long)]
    force: bool,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    connect: Connect,
}

/// Changes a topic.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, set, unset, partitions, force, output, connect } = arguments;
    let changes = changes(&set, &unset)?;
    let client = connect.client().await?;
    let names = std::slice::from_ref(&name);
    let cluster = find(&client, names).await?;
    if !force {
        let next = "change the manifest and hand it over with `klamm up -f FILE`";
        owner::refuse(&connect, cluster.id.as_deref(), names, next).await?;
    }
    if !changes.is_empty() {
        let altered = client.alter_configs(&ConfigResource::Topic(name.clone()), &changes).await;
        altered.map_err(|error| match error.refusal() {
            Some(refusal) => Failure::Failed(format!("{name}: {refusal}")),
            None => error.into(),
        })?;
    }
    if let Some(count) = partitions {
        let outcomes = client.create_partitions(&name, count, &[]).await?;
        if let Some(Err(refusal)) = outcomes.get(&name) {
            let done = if changes.is_empty() { "" } else { "; the configuration is changed" };
            return Err(Failure::Failed(format!("{name}: {refusal}{done}")));
        }
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        settled::until(&client, &name, |topic| settled::is_served(topic, count)).await;
    }
    match output {
        Output::Text => {
            for (key, value) in &changes {
                print::line(&match value {
                    Some(value) => format!("{name}: {key}={value}"),
                    None => format!("{name}: {key} has its default"),
                });
            }
            if let Some(count) = partitions {
                print::line(&format!("{name}: {count} partitions"));
            }
        }
        Output::Json => print::json(&json!({
            "name": name.as_str(),
            "config": changes,
            "partitions": partitions,
        })),
    }
    Ok(())
}

/// By key the new value, or nothing for the default.
fn changes(set: &[(String, String)], unset: &[String]) -> Result<ConfigChanges, Failure> {
    let set = set.iter().map(|(key, value)| (key, Some(value.clone())));
    let mut changes = ConfigChanges::new();
    for (key, value) in set.chain(unset.iter().map(|key| (key, None))) {
        if changes.insert(key.clone(), value).is_some() {
            return Err(Failure::Input(format!("{key} is given twice: once is enough")));
        }
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_set_or_unset_and_not_both() {
        let set = [("a".to_owned(), "1".to_owned())];
        let found = changes(&set, &["b".to_owned()]).unwrap();
        assert_eq!(
            found,
            ConfigChanges::from([("a".into(), Some("1".into())), ("b".into(), None)])
        );
        let Err(Failure::Input(text)) = changes(&set, &["a".to_owned()]) else { panic!() };
        assert_eq!(text, "a is given twice: once is enough");
    }
}
