//! The messaging case: many who write a little, each record read at once by somebody who waits.

use std::time::{Duration, Instant};

/// Those who write, each over a connection of its own.
pub const PRODUCERS: usize = 100;
/// Those who read; each has the same number of partitions.
pub const CONSUMERS: usize = 5;
/// Where records go, by their key.
pub const PARTITIONS: usize = 10;
/// What a record carries.
pub const VALUE_BYTES: usize = 100;

const CONVERSATIONS: usize = 1000;

/// Each producer sends ten records a second, all in turns.
const PAUSE: Duration = Duration::from_millis(1);

/// How long the case lasts.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What is left out, since connections are set up meanwhile.
    pub warm_up: Duration,
    /// What is measured.
    pub window: Duration,
}

/// The conversation that a record belongs to, which is its key: they speak without any order.
#[must_use]
pub fn conversation(record: usize) -> usize {
    // Knuth's multiplicative hash: the high bits of the product are as good as random.
    (record.wrapping_mul(2_654_435_761) >> 16) % CONVERSATIONS
}

/// The beat of the case, from its start.
#[derive(Debug, Clone, Copy)]
pub struct Beat {
    start: Instant,
    plan: Plan,
}

/// One record's way: when it was sent, counted from the start, and how long it took.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// When it was handed to the client.
    pub sent: Duration,
    /// From there to where it was seen.
    pub took: Duration,
}

/// What became of all records.
#[derive(Debug, Default)]
pub struct Samples {
    /// To their acknowledgements.
    pub produced: Vec<Sample>,
    /// To their consumers.
    pub received: Vec<Sample>,
}

impl Samples {
    /// How many there are of both.
    pub(crate) fn count(&self) -> usize {
        self.produced.len() + self.received.len()
    }
}

impl Beat {
    /// The case begins.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "time is what is measured")]
    pub fn start(plan: Plan) -> Beat {
        Beat { start: Instant::now(), plan }
    }

    /// How long ago that was.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// A record that was sent then and is seen now.
    #[must_use]
    pub fn sample(&self, sent: Duration) -> Sample {
        Sample { sent, took: self.elapsed().saturating_sub(sent) }
    }

    /// How many records there are, those that warm up included.
    #[must_use]
    pub fn records(&self) -> usize {
        let all = self.plan.warm_up + self.plan.window;
        usize::try_from(all.as_nanos() / PAUSE.as_nanos()).unwrap_or(usize::MAX)
    }

    /// Waits until a record is to be sent; gives the time of sending.
    #[must_use]
    pub fn wait_for(&self, record: usize) -> Duration {
        self.wait_until(PAUSE * u32::try_from(record).unwrap_or(u32::MAX));
        self.elapsed()
    }

    /// Waits until what is measured begins.
    pub fn wait_for_window(&self) {
        self.wait_until(self.plan.warm_up);
    }

    /// Waits until what is measured ends.
    pub fn wait_for_end(&self) {
        self.wait_until(self.plan.warm_up + self.plan.window);
    }

    #[expect(clippy::disallowed_methods, reason = "the thread has nothing else to do")]
    fn wait_until(&self, moment: Duration) {
        std::thread::sleep(moment.saturating_sub(self.elapsed()));
    }

    /// Leaves out what was sent before the window.
    #[must_use]
    pub fn within_window(&self, samples: &[Sample]) -> Vec<Duration> {
        let measured = samples.iter().filter(|sample| sample.sent >= self.plan.warm_up);
        measured.map(|sample| sample.took).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_the_warm_up_are_left_out() {
        let plan = Plan { warm_up: Duration::from_secs(2), window: Duration::from_secs(3) };
        let beat = Beat::start(plan);
        assert_eq!(beat.records(), 5000);
        let sample = |sent| Sample { sent: Duration::from_secs(sent), took: Duration::ZERO };
        assert_eq!(beat.within_window(&[sample(1), sample(2), sample(4)]).len(), 2);
    }
}
