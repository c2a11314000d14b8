//! Measures a broker in the messaging case: processor time for each message, and latency.
//!
//! Klamm, the floor with one and with many threads behind its load, with `--against` other builds of Klamm and with `--kafka` Apache Kafka, in
//! turns. All are started once, so that later rounds find them warm; each turn has clients and a
//! topic of its own, the floor a process.

#![expect(clippy::print_stdout, reason = "the figures are for a person to read")]

use anyhow::{Context, Result, bail};
use client_tests::chat::Load;
use client_tests::client::{Client as _, librdkafka::Librdkafka};
use client_tests::process::{self, Owned};
use client_tests::server::{Folder, Server};
use floor::case::{Beat, PARTITIONS, Plan, Samples};
use floor::load::Receivers;
use rustix::process::Pid;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const WARM_UP: Duration = Duration::from_secs(4);

const FIGURES: [&str; 9] = [
    "processor, µs for each message",
    "of it in the kernel",
    "context switches",
    "produced, p50, ms",
    "produced, p99, ms",
    "produced, p99.9, ms",
    "end to end, p50, ms",
    "end to end, p99, ms",
    "end to end, p99.9, ms",
];

type Round = [f64; FIGURES.len()];

struct Options {
    with_kafka: bool,
    against: Vec<String>,
    seconds: u64,
    rounds: usize,
}

/// A part of the comparison and what was measured of it.
struct Contender {
    name: String,
    moves: Moves,
    rounds: Vec<Round>,
}

/// What moves the records.
enum Moves {
    Broker(Server),
    Floor(Receivers),
}

fn main() -> Result<()> {
    let options = options()?;
    let plan = Plan { warm_up: WARM_UP, window: Duration::from_secs(options.seconds) };
    let mut contenders = vec![
        Contender::new("Klamm", Moves::Broker(Server::klamm()?)),
        Contender::new("the floor", Moves::Floor(Receivers::One)),
        Contender::new("the floor of many threads", Moves::Floor(Receivers::OnePerConnection)),
    ];
    for words in &options.against {
        contenders.push(Contender::new(words, Moves::Broker(other_build(words)?)));
    }
    if options.with_kafka {
        contenders.push(Contender::new("Apache Kafka", Moves::Broker(Server::kafka()?)));
    }
    for number in 1..=options.rounds {
        for contender in &mut contenders {
            let round = contender.round(number, plan)?;
            println!("round {number}, {}: {:.1} µs for each message", contender.name, round[0]);
            contender.rounds.push(round);
        }
    }
    for contender in &contenders {
        print(contender);
    }
    let is_broker = |contender: &&Contender| matches!(contender.moves, Moves::Broker(_));
    let (brokers, floors): (Vec<_>, Vec<_>) = contenders.iter().partition(is_broker);
    for broker in brokers {
        for floor in &floors {
            print_ratio(broker, floor);
        }
    }
    Ok(())
}

/// What `cargo xtask bench chat` hands on.
fn options() -> Result<Options> {
    let mut options = Options { with_kafka: false, against: Vec::new(), seconds: 10, rounds: 3 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().with_context(|| format!("`{word}` says nothing"));
        match word.as_str() {
            "--kafka" => options.with_kafka = true,
            "--against" => options.against.push(next()?),
            "--seconds" => options.seconds = next()?.parse()?,
            "--rounds" => options.rounds = next()?.parse()?,
            other => bail!("there is no option `{other}`"),
        }
    }
    Ok(options)
}

/// Starts `PROGRAM[,KEY=VALUE…]`.
fn other_build(words: &str) -> Result<Server> {
    let mut words = words.split(',');
    let program = words.next().map(Path::new).context("a program is named")?;
    let pair = |word| str::split_once(word, '=').with_context(|| format!("`{word}` has no `=`"));
    let config: Vec<_> = words.map(pair).collect::<Result<_>>()?;
    Server::klamm_from(program, Folder::temporary()?, &config)
}

impl Contender {
    fn new(name: &str, moves: Moves) -> Contender {
        Contender { name: name.to_owned(), moves, rounds: Vec::new() }
    }

    fn round(&self, number: usize, plan: Plan) -> Result<Round> {
        match &self.moves {
            Moves::Broker(server) => round_of_server(server, number, plan),
            Moves::Floor(receivers) => round_of_floor(*receivers, plan),
        }
    }
}

fn round_of_server(server: &Server, number: usize, plan: Plan) -> Result<Round> {
    let topic = format!("chat-{number}");
    let partitions = i32::try_from(PARTITIONS)?;
    let created = Librdkafka::impatient(server.bootstrap())?.create(&topic, partitions)?;
    if created != "NONE" {
        bail!("the topic was not created: {created}");
    }
    let load = Load::start(server.bootstrap(), &topic, plan)?;
    let beat = load.beat();
    let spent = within_window(server.broker()?, beat)?;
    Ok(figures(beat, &spent, &load.finish()?))
}

fn round_of_floor(receivers: Receivers, plan: Plan) -> Result<Round> {
    let folder = Folder::temporary()?;
    let program = std::env::var_os("FLOOR").context("FLOOR names the program of the floor")?;
    let floor = Command::new(program).arg(folder.path()).stdout(Stdio::piped()).spawn();
    let mut floor = Owned(floor.context("failed to start the floor")?);
    let mut port = String::new();
    let said = floor.0.stdout.take().context("its output was asked for")?;
    BufReader::new(said).read_line(&mut port)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.trim().parse()?));
    let beat = Beat::start(plan);
    let load = floor::load::Load::start(address, receivers, beat)?;
    let spent = within_window(floor.pid(), beat)?;
    Ok(figures(beat, &spent, &load.finish()?))
}

/// What a process spends.
struct Spent {
    user: f64,
    system: f64,
    switches: f64,
}

impl Spent {
    fn so_far(process: Pid) -> Result<Spent> {
        let [user, system] = process::cpu_seconds_apart(process)?;
        Ok(Spent { user, system, switches: process::context_switches(process)? as f64 })
    }
}

/// What a process spends within the window.
fn within_window(process: Pid, beat: Beat) -> Result<Spent> {
    beat.wait_for_window();
    let before = Spent::so_far(process)?;
    beat.wait_for_end();
    let after = Spent::so_far(process)?;
    Ok(Spent {
        user: after.user - before.user,
        system: after.system - before.system,
        switches: after.switches - before.switches,
    })
}

fn figures(beat: Beat, spent: &Spent, samples: &Samples) -> Round {
    let produced = Latencies::sorted(beat.within_window(&samples.produced));
    let received = Latencies::sorted(beat.within_window(&samples.received));
    [
        (spent.user + spent.system) * 1e6 / produced.count(),
        spent.system * 1e6 / produced.count(),
        spent.switches / produced.count(),
        produced.percentile(50.0),
        produced.percentile(99.0),
        produced.percentile(99.9),
        received.percentile(50.0),
        received.percentile(99.0),
        received.percentile(99.9),
    ]
}

/// Latencies in order, in milliseconds.
struct Latencies(Vec<f64>);

impl Latencies {
    fn sorted(latencies: Vec<Duration>) -> Latencies {
        let mut sorted: Vec<f64> =
            latencies.into_iter().map(|latency| latency.as_secs_f64() * 1e3).collect();
        sorted.sort_by(f64::total_cmp);
        Latencies(sorted)
    }

    fn count(&self) -> f64 {
        self.0.len() as f64
    }

    /// The least latency that so many of a hundred do not exceed.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an index")]
    fn percentile(&self, percent: f64) -> f64 {
        let rank = (self.count() * percent / 100.0).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }
}

fn print(contender: &Contender) {
    println!("\n{}, {} rounds: least / middle / most", contender.name, contender.rounds.len());
    for (figure, name) in FIGURES.iter().enumerate() {
        print_spread(name, contender.rounds.iter().map(|round| round[figure]).collect());
    }
}

/// The processor time as a multiple of the floor's, each round by itself.
fn print_ratio(contender: &Contender, floor: &Contender) {
    println!("\n{}, as a multiple of {}: least / middle / most", contender.name, floor.name);
    let pairs = contender.rounds.iter().zip(&floor.rounds);
    print_spread("processor", pairs.map(|(one, floor)| one[0] / floor[0]).collect());
}

fn print_spread(name: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    if let [least, .., most] = values[..] {
        let middle = values[values.len() / 2];
        println!("  {name:<32} {least:>9.2} / {middle:>9.2} / {most:>9.2}");
    } else if let [only] = values[..] {
        println!("  {name:<32} {only:>9.2}");
    }
}
