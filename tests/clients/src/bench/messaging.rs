//! A turn of the messaging case: what a process spends on it, and how long its messages take.

use super::floors::Floor;
use crate::chat::Load;
use crate::process;
use crate::server::Server;
use anyhow::Result;
use floor::case::{Beat, Plan, Samples};
use floor::load::{self, Receivers};
use rustix::process::Pid;
use std::time::Duration;

/// What was found in one turn.
#[derive(Debug)]
pub struct Turn {
    /// What the process spent within the window.
    pub spent: Spent,
    /// How long messages took to be acknowledged.
    pub produced: Latencies,
    /// How long they took to their consumers.
    pub received: Latencies,
}

/// What a process spends.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Seconds of processor time in its own code.
    pub user: f64,
    /// The same in the kernel.
    pub system: f64,
    /// How often its threads left a processor.
    pub switches: f64,
}

/// Latencies in order, in milliseconds.
#[derive(Debug)]
pub struct Latencies(Vec<f64>);

impl Turn {
    /// Of a broker with a topic that is empty.
    pub fn of_broker(server: &Server, topic: &str, plan: Plan) -> Result<Turn> {
        let load = Load::start(server.bootstrap(), topic, plan)?;
        let beat = load.beat();
        let spent = server.broker().and_then(|broker| Spent::within_window(broker, beat));
        // The clients end in any case.
        let samples = load.finish();
        Ok(Turn::new(beat, spent?, &samples?))
    }

    /// Of the bare program, with a process of its own.
    pub fn of_floor(receivers: Receivers, plan: Plan) -> Result<Turn> {
        let floor = Floor::of_messages()?;
        let beat = Beat::start(plan);
        let load = load::Load::start(floor.address(), receivers, beat)?;
        let spent = Spent::within_window(floor.process(), beat)?;
        Ok(Turn::new(beat, spent, &load.finish()?))
    }

    /// Microseconds of processor time for each message.
    #[must_use]
    pub fn processor(&self) -> f64 {
        self.for_each(self.spent.user + self.spent.system) * 1e6
    }

    /// So much of something for each message.
    #[must_use]
    pub fn for_each(&self, all: f64) -> f64 {
        all / self.produced.count()
    }

    fn new(beat: Beat, spent: Spent, samples: &Samples) -> Turn {
        let within = |samples| Latencies::sorted(beat.within_window(samples));
        Turn { spent, produced: within(&samples.produced), received: within(&samples.received) }
    }
}

impl Spent {
    fn so_far(process: Pid) -> Result<Spent> {
        let [user, system] = process::cpu_seconds_apart(process)?;
        Ok(Spent { user, system, switches: process::context_switches(process)? as f64 })
    }

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
}

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
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an index")]
    pub fn percentile(&self, percent: f64) -> f64 {
        let rank = (self.count() * percent / 100.0).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_latencies() {
        let latencies = Latencies::sorted((1..=1000).rev().map(Duration::from_millis).collect());
        assert_eq!([50.0, 99.0, 99.9].map(|it| latencies.percentile(it)), [500.0, 990.0, 999.0]);
        assert!(Latencies::sorted(Vec::new()).percentile(50.0).is_nan());
    }
}
