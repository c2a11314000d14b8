//! `klamm delete`: take objects down.

use clap::Args;
use operator::kafka::Kafka;
use operator::local::message::Command;
use operator::local::{client, stopped};
use operator::manifest::{Kind, ObjectId};

use crate::manifests::Manifests;
use crate::place::Place;
use crate::{Failure, VERSION, print};

/// What `klamm delete` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What to delete: `topic/messages`, `cluster/chat`
    #[arg(value_name = "KIND/NAME", value_parser = parse_id)]
    objects: Vec<ObjectId>,
    #[command(flatten)]
    manifests: Manifests,
    #[command(flatten)]
    place: Place,
}

/// Deletes objects; what becomes of records is said by their `deletionPolicy`.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let manifests = arguments.manifests.read()?;
    let options = arguments.place.options(&manifests)?;
    let mut ids = arguments.objects;
    ids.extend(manifests.iter().map(|manifest| manifest.object.id()));
    if ids.is_empty() {
        return Err(Failure::Input(
            "say what to delete: KIND/NAME, or manifests with -f".to_owned(),
        ));
    }
    // Topics first: they may need the brokers that go with the cluster.
    ids.sort_by(|one, other| other.cmp(one));
    ids.dedup();
    if options.folder.is_in_use()? {
        let command = Command::Delete(ids);
        let last =
            client::ask(&options.folder, VERSION, command, |reply| print::reply(&reply)).await?;
        print::reply(&Failure::of_last(last)?);
    } else {
        stopped::delete(&options, &Kafka::default(), &ids).await?;
        print::line("deleted");
    }
    Ok(())
}

fn parse_id(text: &str) -> Result<ObjectId, String> {
    let known = Kind::ALL.map(|kind| kind.as_str().to_lowercase()).join(", ");
    let (kind, name) = text.split_once('/').ok_or("write KIND/NAME, as in topic/messages")?;
    let kind =
        Kind::parse(kind).ok_or_else(|| format!("unknown kind `{kind}`; known are: {known}"))?;
    Ok(ObjectId { kind, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_may_be_written_in_the_singular_and_the_plural() {
        for text in ["topic/a", "topics/a", "Topic/a"] {
            assert_eq!(
                parse_id(text).unwrap(),
                ObjectId { kind: Kind::Topic, name: "a".to_owned() }
            );
        }
        assert!(parse_id("a").is_err());
        assert!(parse_id("user/a").unwrap_err().contains("known are: cluster, topic"));
    }
}
