//! Measures Klamm beside Apache Kafka, or two builds of Klamm beside each other.

use anyhow::{Result, bail};
use client_tests::bench;
use client_tests::bench::schedule::Length;
use client_tests::server::klamm;
use std::path::Path;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((length, words)) = words.split_first() else { bail!("say `full` or `quick` first") };
    let length = match *length {
        "full" => Length::FULL,
        "quick" => Length::QUICK,
        other => bail!("it is `full` or `quick`, not `{other}`"),
    };
    match words[..] {
        [] => bench::beside_kafka(klamm::program()?, length, None),
        ["--write", page] => bench::beside_kafka(klamm::program()?, length, Some(Path::new(page))),
        ["compare", old, new] => bench::of_two_builds(old.into(), new.into(), length),
        _ => bail!("nothing, `--write PAGE` or `compare OLD NEW` comes next"),
    }
}
