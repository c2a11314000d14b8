//! A broker's life without work: it starts, is left alone, is killed and starts again.

use super::figure::Figure;
use super::memory::mebibytes;
use super::production;
use super::schedule::Length;
use crate::client::{Client as _, librdkafka::Librdkafka};
use crate::server::{Program, Server};
use crate::{probe, process, wait};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

const TOPIC: &str = "life";
const PARTITIONS: i32 = 10;
const PATIENCE: Duration = Duration::from_secs(120);
/// What is in the log when the broker is killed, none of it flushed.
const UNFLUSHED_BYTES: f64 = 100e6;

/// Lives it once; what was found before something failed is found.
pub fn run(program: &Program, length: &Length, found: &mut Vec<(Figure, f64)>) -> Result<()> {
    let mut server = Server::launch(program, &[])?;
    wait::until(PATIENCE, "the broker answers", || {
        server.check()?;
        Ok(probe::api_versions(server.bootstrap()).ok())
    })?;
    found.push((Figure::StartToAnswer, milliseconds(server.started())));
    create(&server)?;
    acknowledge(&server)?;
    found.push((Figure::StartToRecord, milliseconds(server.started())));
    found.extend(idle(&server, length)?);
    production::fill(server.bootstrap(), TOPIC, PARTITIONS, UNFLUSHED_BYTES)?;
    let killed = wait::now();
    server.crash()?;
    acknowledge(&server)?;
    found.push((Figure::RestartToRecord, milliseconds(killed)));
    Ok(())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Creates the topic by a client that has only just started.
fn create(server: &Server) -> Result<()> {
    let mut client = Librdkafka::impatient(server.bootstrap())?;
    let created = wait::until(PATIENCE, "the topic is created", || {
        Ok(client.create(TOPIC, PARTITIONS).ok())
    })?;
    ensure!(["NONE", "TOPIC_ALREADY_EXISTS"].contains(&created.as_str()), "{created}");
    Ok(())
}

/// Has a record acknowledged.
fn acknowledge(server: &Server) -> Result<()> {
    wait::until(PATIENCE, "a record is acknowledged", || {
        Ok(probe::produce(server.bootstrap(), TOPIC).ok())
    })
}

/// What a broker holds and uses that nobody asks anything.
fn idle(server: &Server, length: &Length) -> Result<[(Figure, f64); 3]> {
    let [rest, watched] = length.idle;
    wait::pause(rest);
    let broker = server.broker()?;
    let before = process::cpu_seconds(broker)?;
    wait::pause(watched);
    let used = process::cpu_seconds(broker)? - before;
    let [anonymous, _] = process::resident_bytes_apart(broker)?;
    Ok([
        (Figure::IdleProcessor, used / watched.as_secs_f64() * 100.0),
        (Figure::IdleMemory, mebibytes(process::resident_bytes(broker)?)),
        (Figure::IdleAnonymous, mebibytes(anonymous)),
    ])
}
