//! Measures a broker in the messaging case: processor time for each message, and latency.
//!
//! Klamm, the floor with one and with many threads behind its load, with `--against` other builds of
//! Klamm and with `--kafka` Apache Kafka, in turns. All are started once, so that later rounds find
//! them warm; each turn has clients and a topic of its own, the floor a process.

#![expect(clippy::print_stdout, reason = "the figures are for a person to read")]

use anyhow::{Context, Result, bail};
use client_tests::bench::messaging::Turn;
use client_tests::bench::spread::Spread;
use client_tests::client::{Client as _, librdkafka::Librdkafka};
use client_tests::server::{Program, Server};
use floor::case::{PARTITIONS, Plan};
use floor::load::Receivers;
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
    let program = Program::Klamm(words.next().context("a program is named")?.into());
    let pair = |word| str::split_once(word, '=').with_context(|| format!("`{word}` has no `=`"));
    let config: Vec<_> = words.map(pair).collect::<Result<_>>()?;
    Server::running(&program, &config)
}

impl Contender {
    fn new(name: &str, moves: Moves) -> Contender {
        Contender { name: name.to_owned(), moves, rounds: Vec::new() }
    }

    fn round(&self, number: usize, plan: Plan) -> Result<Round> {
        match &self.moves {
            Moves::Broker(server) => round_of_server(server, number, plan),
            Moves::Floor(receivers) => Turn::of_floor(*receivers, plan),
        }
        .map(|turn| figures(&turn))
    }
}

fn round_of_server(server: &Server, number: usize, plan: Plan) -> Result<Turn> {
    let topic = format!("chat-{number}");
    let partitions = i32::try_from(PARTITIONS)?;
    let created = Librdkafka::impatient(server.bootstrap())?.create(&topic, partitions)?;
    if created != "NONE" {
        bail!("the topic was not created: {created}");
    }
    Turn::of_broker(server, &topic, plan)
}

fn figures(turn: &Turn) -> Round {
    [
        turn.processor(),
        turn.for_each(turn.spent.system) * 1e6,
        turn.for_each(turn.spent.switches),
        turn.produced.percentile(50.0),
        turn.produced.percentile(99.0),
        turn.produced.percentile(99.9),
        turn.received.percentile(50.0),
        turn.received.percentile(99.0),
        turn.received.percentile(99.9),
    ]
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

fn print_spread(name: &str, values: Vec<f64>) {
    if let Some(Spread { least, median, most }) = Spread::of(values) {
        println!("  {name:<32} {least:>9.2} / {median:>9.2} / {most:>9.2}");
    }
}
