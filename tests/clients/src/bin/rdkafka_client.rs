//! A client over rdkafka that does what it is told, a command a line.
//!
//! `src/client/program.rs` describes commands and answers.

#![expect(clippy::print_stdout, reason = "its answers are read by the tests")]

use anyhow::{Context, Result, bail};
use client_tests::client::librdkafka::{Librdkafka, Reader, name_of};
use client_tests::client::{Acks, Client, Codec, Consumed, Failure, Offset, Unsupported, Way};
use client_tests::record::{Record, bytes, word};
use rdkafka::error::KafkaError;
use std::time::Duration;

fn main() -> Result<()> {
    let bootstrap = std::env::args().nth(1).context("where the broker is")?;
    let mut driven = Driven { client: Librdkafka::start(&bootstrap)?, reader: None };
    for line in std::io::stdin().lines() {
        let line = line?;
        let words: Vec<_> = line.split(' ').collect();
        match driven.obey(&words) {
            Ok(lines) => {
                for line in lines {
                    println!("{line}");
                }
                println!("done");
            }
            Err(error) => println!("{}", complaint(&error).replace('\n', " ")),
        }
    }
    Ok(())
}

fn complaint(error: &anyhow::Error) -> String {
    if let Some(Unsupported(reason)) = error.downcast_ref() {
        return format!("unsupported {reason}");
    }
    if let Some(Failure { name, sentence }) = error.downcast_ref() {
        return format!("failed {name} {sentence}");
    }
    let name = error.downcast_ref::<KafkaError>().and_then(name_of);
    format!("failed {} {error:#}", name.as_deref().unwrap_or("CLIENT"))
}

/// The client, and the consumer that is open.
struct Driven {
    client: Librdkafka,
    reader: Option<Reader>,
}

impl Driven {
    fn obey(&mut self, words: &[&str]) -> Result<Vec<String>> {
        let client = &mut self.client;
        match *words {
            ["create", topic, count] => named(&client.create(topic, count.parse()?)?),
            ["grow", topic, count] => named(&client.grow(topic, count.parse()?)?),
            ["delete", topic] => named(&client.delete(topic)?),
            ["partitions", topic] => one(client.partitions(topic)?),
            ["truncate", topic, partition, offset] => {
                one(client.truncate(topic, partition.parse()?, offset.parse()?)?)
            }
            ["config", topic, key] => one(client.config(topic, key)?),
            ["set-config", topic, key, value] => none(client.set_config(topic, key, value)),
            ["groups"] => Ok(client.groups(None)?.into_iter().map(|(name, _)| name).collect()),
            ["group", name] => {
                Ok(client.groups(Some(name))?.into_iter().map(|(_, state)| state).collect())
            }
            ["delete-group", name] => none(client.delete_group(name)),
            ["committed", group, topic, partition] => {
                let (offset, text) = client.committed_of(group, topic, partition.parse()?)?;
                one(format!("{offset} {}", word(Some(text.as_bytes()))))
            }
            ["lag", group, topic] => {
                lines(&client.lag(group, topic)?, |(at, lag)| format!("{at} {lag}"))
            }
            ["alter-offset", group, topic, partition, offset] => {
                let partition = partition.parse()?;
                let reader = client.open(Some(group), topic, &[partition])?;
                none(reader.commit(partition, offset.parse()?, ""))
            }
            ["transact", id, topic] => none(client.transact(id, topic)),
            ["produce", topic, codec, acks, way, file] => {
                let text = std::fs::read_to_string(file)?;
                let records: Result<Vec<Record>> = text.lines().map(str::parse).collect();
                let (codec, acks, way) = (self::codec(codec)?, self::acks(acks)?, self::way(way)?);
                let places = client.produce_in(way, topic, codec, acks, &records?)?;
                lines(&places, |place| format!("{} {}", place.partition, place.offset))
            }
            ["consume", topic] => lines(&client.consume(topic)?, consumed),
            ["offsets", topic, timestamp] => {
                lines(&client.offsets(topic, timestamp.parse()?)?, |at| {
                    format!("{} {} {} {}", at.partition, at.start, at.end, at.at)
                })
            }
            ["open", group, topic, ref partitions @ ..] => {
                let group = Some(group).filter(|group| *group != "-");
                let partitions: Result<Vec<i32>, _> =
                    partitions.iter().map(|word| word.parse()).collect();
                self.reader = Some(client.open(group, topic, &partitions?)?);
                Ok(Vec::new())
            }
            ["close"] => {
                self.reader = None;
                Ok(Vec::new())
            }
            ["forget" | "cluster" | "log-size" | "producers" | "quorum", ..] => {
                bail!(Unsupported(format!("it has no call for {}", words[0])))
            }
            _ => read(self.reader.as_ref().context("no consumer is open")?, words),
        }
    }
}

/// What is to be done with the consumer that is open.
fn read(reader: &Reader, words: &[&str]) -> Result<Vec<String>> {
    match *words {
        ["read", count, milliseconds] => {
            let time = Duration::from_millis(milliseconds.parse()?);
            lines(&reader.read(count.parse()?, time)?, consumed)
        }
        ["seek", partition, place] => {
            let place = match place {
                "beginning" => Offset::Beginning,
                "end" => Offset::End,
                offset => Offset::At(offset.parse()?),
            };
            none(reader.seek(partition.parse()?, place))
        }
        ["pause", partition] => none(reader.pause(partition.parse()?)),
        ["resume", partition] => none(reader.resume(partition.parse()?)),
        ["commit", partition, offset, text] => {
            let text = String::from_utf8(bytes(text)?.unwrap_or_default())?;
            none(reader.commit(partition.parse()?, offset.parse()?, &text))
        }
        _ => bail!("unknown command {words:?}"),
    }
}

fn named(outcome: &str) -> Result<Vec<String>> {
    if outcome != "NONE" {
        bail!(Failure { name: outcome.to_owned(), sentence: String::new() });
    }
    Ok(Vec::new())
}

fn none(outcome: Result<()>) -> Result<Vec<String>> {
    outcome.map(|()| Vec::new())
}

fn one(answer: impl ToString) -> Result<Vec<String>> {
    Ok(vec![answer.to_string()])
}

fn lines<T>(answers: &[T], line: impl Fn(&T) -> String) -> Result<Vec<String>> {
    Ok(answers.iter().map(line).collect())
}

fn consumed(consumed: &Consumed) -> String {
    format!("{} {}", consumed.offset, consumed.record)
}

fn codec(name: &str) -> Result<Codec> {
    Codec::ALL.into_iter().find(|codec| codec.name() == name).context("a codec")
}

fn acks(name: &str) -> Result<Acks> {
    [Acks::None, Acks::Leader, Acks::All]
        .into_iter()
        .find(|acks| acks.name() == name)
        .context("acks")
}

fn way(name: &str) -> Result<Way> {
    [Way::Many, Way::One, Way::Trickle].into_iter().find(|way| way.name() == name).context("a way")
}
