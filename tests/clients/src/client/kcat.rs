//! kcat, which people type at a prompt.
//!
//! It cannot create topics, set timestamps or send binary headers, so it is not a
//! [`Client`](super::Client): it sends what it can, and what it prints is compared as a whole.

use super::Codec;
use crate::process;
use crate::record::Record;
use crate::wait;
use anyhow::{Result, bail};
use std::io::Write as _;
use std::process::{Command, Output};
use std::time::Duration;

/// Sends one record, idempotently: key, value and headers as kcat's flags express them.
pub fn produce_one(bootstrap: &str, topic: &str, codec: Codec, record: &Record) -> Result<()> {
    let mut kcat = producer(bootstrap, topic, codec, record.partition);
    for (name, value) in &record.headers {
        let value = value.as_deref().map(std::str::from_utf8).transpose()?;
        kcat.arg("-H").arg(value.map_or_else(|| name.clone(), |value| format!("{name}={value}")));
    }
    let key = record.key.as_deref().map(std::str::from_utf8).transpose()?;
    let mut file = tempfile::NamedTempFile::new()?;
    if let Some(value) = &record.value {
        kcat.args(key.map(|key| format!("-k{key}")));
        file.write_all(value)?;
    } else {
        // An empty file is no record to kcat; in a line, what is empty is absent.
        kcat.args(["-Z", "-K", "\t", "-l"]);
        writeln!(file, "{}\t", key.unwrap_or_default())?;
    }
    finish(process::output(kcat.arg(file.path()))?).map(|_| ())
}

/// Sends many records without headers in one go, idempotently.
pub fn produce_lines(
    bootstrap: &str,
    topic: &str,
    codec: Codec,
    partition: i32,
    lines: &[(String, String)],
) -> Result<()> {
    let mut file = tempfile::NamedTempFile::new()?;
    for (key, value) in lines {
        writeln!(file, "{key}\t{value}")?;
    }
    let mut kcat = producer(bootstrap, topic, codec, partition);
    finish(process::output(kcat.args(["-K", "\t", "-l"]).arg(file.path()))?).map(|_| ())
}

/// What kcat prints of a partition, each record as [`printed`] has it.
pub fn consume(bootstrap: &str, topic: &str, partition: i32) -> Result<Vec<u8>> {
    let mut kcat = Command::new("kcat");
    kcat.args(["-C", "-q", "-e", "-b", bootstrap, "-t", topic, "-p", &partition.to_string()]);
    kcat.args(["-o", "beginning", "-X", "check.crcs=true", "-f", FORMAT]);
    finish(process::output(&mut kcat)?)
}

/// What kcat says when it begins a transaction or joins a group where there are none, and after
/// how long.
pub fn refused(bootstrap: &str, arguments: &[&str]) -> Result<(String, Duration)> {
    let (mut kcat, started) = (Command::new("timeout"), wait::now());
    kcat.args(["60", "kcat", "-b", bootstrap]).args(arguments);
    let output = process::output(&mut kcat)?;
    Ok((String::from_utf8_lossy(&output.stderr).into_owned(), started.elapsed()))
}

/// What librdkafka takes the broker to be able to do.
pub fn features(bootstrap: &str) -> Result<String> {
    let mut kcat = Command::new("kcat");
    let output = process::output(kcat.args(["-L", "-b", bootstrap, "-X", "debug=feature"]))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    finish(output)?;
    Ok(text)
}

/// kcat's placeholders: partition, offset, timestamp, sizes of key and value, both, headers.
const FORMAT: &str = "%p %o %T %K %S %k%s %h\n";

/// A record as [`consume`] prints it.
#[must_use]
pub fn printed(offset: i64, record: &Record) -> Vec<u8> {
    let size = |bytes: &Option<Vec<u8>>| {
        bytes.as_ref().map_or_else(|| "-1".into(), |bytes| bytes.len().to_string())
    };
    let (key_size, value_size) = (size(&record.key), size(&record.value));
    let head =
        format!("{} {offset} {} {key_size} {value_size} ", record.partition, record.timestamp);
    let mut line = head.into_bytes();
    line.extend(record.key.iter().flatten());
    line.extend(record.value.iter().flatten());
    line.push(b' ');
    for (index, (name, value)) in record.headers.iter().enumerate() {
        line.extend(if index > 0 { &b","[..] } else { b"" });
        line.extend(name.as_bytes());
        line.push(b'=');
        // kcat prints a header's value as C prints a string, up to the first zero byte.
        let value = value.as_deref().unwrap_or(b"NULL");
        line.extend(value.iter().take_while(|byte| **byte != 0));
    }
    line.push(b'\n');
    line
}

fn producer(bootstrap: &str, topic: &str, codec: Codec, partition: i32) -> Command {
    let mut kcat = Command::new("kcat");
    kcat.args(["-P", "-b", bootstrap, "-t", topic, "-p", &partition.to_string()]);
    kcat.args(["-z", codec.name(), "-X", "enable.idempotence=true"]);
    kcat
}

fn finish(output: Output) -> Result<Vec<u8>> {
    if !output.status.success() {
        bail!("kcat failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
