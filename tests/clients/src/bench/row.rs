//! The rows of the table, in its order, with their goals.

use super::figure::Figure;
use super::goal::Goal;
use super::production::Production;

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it tells of.
    pub figure: Figure,
    /// What Klamm is held to; nothing where the line explains another.
    pub goals: &'static [Goal],
}

const fn row(figure: Figure, goals: &'static [Goal]) -> Row {
    Row { figure, goals }
}

/// What the kernel is asked for, and how long it takes.
pub const COSTS: &[Row] = &[
    row(Figure::MessageProcessor, &[Goal::OfKafka(0.2), Goal::OfFloor(2.0)]),
    row(Figure::EndToEndP50, &[Goal::OfKafka(1.0)]),
    row(Figure::EndToEndP99, &[]),
    row(Figure::EndToEndP999, &[Goal::OfKafka(0.5)]),
    row(Figure::ProduceProcessor(Production::LargeByOne), HALF),
    row(Figure::ProduceProcessor(Production::LargeByMany), HALF),
    row(Figure::ProduceProcessor(Production::SmallByOne), HALF),
    row(Figure::ProduceProcessor(Production::SmallByMany), HALF),
    row(Figure::ProduceProcessor(Production::InSmallBatches), &[Goal::OfKafka(1.0 / 3.0)]),
    row(Figure::ConsumeProcessor, &[Goal::OfKafka(1.0)]),
    row(Figure::IdleProcessor, TENTH),
    row(Figure::IdleMemory, TENTH),
    row(Figure::IdleAnonymous, &[]),
    row(Figure::LoadMemory, TENTH),
    row(Figure::LoadAnonymous, &[]),
    row(Figure::LoadFiles, &[]),
    row(Figure::StartToAnswer, &[]),
    row(Figure::StartToRecord, TENTH),
    row(Figure::RestartToRecord, &[Goal::AtMost(500.0)]),
];

/// How fast it went, where the load is as much the limit as the broker.
pub const RATES: &[Row] = &[
    row(Figure::ProduceRate(Production::LargeByOne), &[]),
    row(Figure::ProduceRate(Production::LargeByMany), &[]),
    row(Figure::ProduceRate(Production::SmallByOne), &[]),
    row(Figure::ProduceRate(Production::SmallByMany), &[]),
    row(Figure::ProduceRate(Production::InSmallBatches), &[]),
    row(Figure::FetchRate, &[]),
];

const HALF: &[Goal] = &[Goal::OfKafka(0.5)];
const TENTH: &[Goal] = &[Goal::OfKafka(0.1)];
