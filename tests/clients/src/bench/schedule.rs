//! What is measured when: the contenders take turns within each case, and the cases within a round.

use super::contender::Contender;
use super::production::Production;
use super::turns::UNTIL_DELETED;
use std::time::Duration;

/// Something that is done with a contender and gives figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// It starts, is left alone, is killed and starts again: with a process of its own.
    Life,
    /// The messaging case.
    Messaging,
    /// Something is produced as fast as it goes.
    Produce(Production),
    /// Everything is read as fast as it goes, by librdkafka and by a client that discards it.
    Consume,
    /// What the cases of a round had it hold in memory.
    Memory,
}

/// A case's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The round, from 1 on; 0 is the one in which Kafka is cold.
    pub round: u32,
    /// What is done.
    pub case: Case,
    /// With whom.
    pub contender: Contender,
}

/// How long everything takes.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    /// How often.
    pub rounds: u32,
    /// What is left out of the messaging case, and what is measured of it.
    pub messaging: [Duration; 2],
    /// What a broker gets to come to rest, and how long it is watched then.
    pub idle: [Duration; 2],
    /// What is produced and consumed each time.
    pub megabytes: u32,
}

impl Length {
    /// Long enough to believe the figures.
    pub const FULL: Length = Length {
        rounds: 3,
        messaging: [Duration::from_secs(4), Duration::from_secs(10)],
        idle: [Duration::from_secs(5), Duration::from_secs(20)],
        megabytes: 600,
    };

    /// Long enough to see that something is amiss.
    pub const QUICK: Length = Length {
        rounds: 2,
        messaging: [Duration::from_secs(2), Duration::from_secs(4)],
        idle: [Duration::from_secs(2), Duration::from_secs(6)],
        megabytes: 200,
    };
}

/// The steps that compare Klamm with Kafka and both with the floor.
#[must_use]
pub fn beside_kafka(rounds: u32) -> Vec<Step> {
    use Contender::{ColdKafka, Floor, Kafka, Klamm};
    let mut steps = in_rounds(1..=rounds, &[Case::Life], &[Klamm, Kafka]);
    // Klamm has no virtual machine that has to warm up.
    let cold: Vec<Case> = LOADS.into_iter().filter(|case| *case != Case::Memory).collect();
    steps.extend(in_rounds(0..=0, &cold, &[ColdKafka]));
    steps.extend(in_rounds(1..=rounds, &LOADS, &[Klamm, Kafka, Floor]));
    steps.retain(|step| step.contender != Floor || step.case != Case::Memory);
    steps
}

/// The steps that compare two builds.
#[must_use]
pub fn of_two_builds(rounds: u32) -> Vec<Step> {
    let builds = [Contender::Old, Contender::New];
    let mut steps = in_rounds(1..=rounds, &[Case::Life], &builds);
    steps.extend(in_rounds(1..=rounds, &LOADS, &builds));
    steps
}

/// What a broker is measured with while it runs on; the last tells of those before.
const LOADS: [Case; 8] = [
    Case::Messaging,
    Case::Produce(Production::LargeByOne),
    Case::Produce(Production::LargeByMany),
    Case::Produce(Production::SmallByOne),
    Case::Produce(Production::SmallByMany),
    Case::Produce(Production::InSmallBatches),
    Case::Consume,
    Case::Memory,
];

/// Each round has another one begin, so that none has always the same one before it.
fn in_rounds(
    rounds: impl Iterator<Item = u32>,
    cases: &[Case],
    contenders: &[Contender],
) -> Vec<Step> {
    let mut steps = Vec::new();
    for round in rounds {
        for case in cases {
            let mut order = contenders.to_vec();
            order.rotate_left(round as usize % contenders.len());
            steps.extend(order.into_iter().map(|contender| Step { round, case: *case, contender }));
        }
    }
    steps
}

impl Step {
    /// What a person calls it.
    #[must_use]
    pub fn name(&self) -> String {
        let case = match self.case {
            Case::Life => "start, idle, restart".to_owned(),
            Case::Messaging => "messaging case".to_owned(),
            Case::Produce(what) => format!("produce {}", what.name()),
            Case::Consume => "consume".to_owned(),
            Case::Memory => "memory".to_owned(),
        };
        format!("{case}: {}", self.contender.name())
    }

    /// About how long it takes on a machine of two cores.
    #[must_use]
    pub fn expected(&self, length: &Length) -> Duration {
        let is_kafka = matches!(self.contender, Contender::Kafka | Contender::ColdKafka);
        let is_floor = self.contender == Contender::Floor;
        let clients =
            if is_floor { Duration::ZERO } else { Duration::from_secs(5) + UNTIL_DELETED };
        let moving = |rate| Duration::from_secs_f64(f64::from(length.megabytes) / rate);
        match self.case {
            Case::Life => {
                let starts = if is_kafka { 25 } else { 2 };
                length.idle[0] + length.idle[1] + Duration::from_secs(starts)
            }
            Case::Messaging => length.messaging[0] + length.messaging[1] + clients,
            Case::Produce(_) if is_floor => moving(500.0),
            Case::Produce(what) => moving(what.expected_rate()) + UNTIL_DELETED,
            Case::Consume => moving(120.0),
            Case::Memory => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_is_measured_with_all_contenders_before_the_next() {
        let steps = beside_kafka(2);
        let first = steps.iter().position(|step| step.round == 1 && step.case == LOADS[1]).unwrap();
        let three = &steps[first..first + 3];
        assert!(three.iter().all(|step| step.case == LOADS[1] && step.round == 1));
        let mut contenders: Vec<_> = three.iter().map(|step| step.contender).collect();
        contenders.sort();
        assert_eq!(contenders, [Contender::Klamm, Contender::Kafka, Contender::Floor]);
    }

    #[test]
    fn kafka_has_a_cold_round_before_the_others() {
        let steps = beside_kafka(3);
        let cold = steps.iter().rposition(|step| step.contender == Contender::ColdKafka).unwrap();
        let later = steps.iter().skip(cold + 1).filter(|step| step.contender == Contender::Kafka);
        assert_eq!(later.count(), 3 * LOADS.len());
    }

    #[test]
    fn two_builds_have_the_same_steps() {
        let steps = of_two_builds(2);
        let of = |wanted| steps.iter().filter(|step| step.contender == wanted).count();
        assert_eq!(of(Contender::Old), 2 + 2 * LOADS.len());
        assert_eq!(of(Contender::Old), of(Contender::New));
    }

    #[test]
    fn a_full_run_takes_a_quarter_of_an_hour_and_a_quick_one_five_minutes_at_most() {
        let all = |length: Length| -> Duration {
            beside_kafka(length.rounds).iter().map(|step| step.expected(&length)).sum()
        };
        assert!(all(Length::FULL) <= Duration::from_secs(15 * 60), "{:?}", all(Length::FULL));
        assert!(all(Length::QUICK) <= Duration::from_secs(5 * 60), "{:?}", all(Length::QUICK));
    }
}
