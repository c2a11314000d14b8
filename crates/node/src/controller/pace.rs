//! How much the leader of the quorum appends and how long that takes to be committed, lately.
//!
//! As in Kafka, "lately" is a window of thirty seconds and what has passed of the next.

use std::{collections::VecDeque, time::Duration};

use types::{Instant, Offset};

const WINDOW: Duration = Duration::from_secs(30);

/// Counts over two windows.
#[derive(Debug)]
pub(crate) struct Pace {
    current: Window,
    last: Option<Window>,
    /// The ends of what is appended and not committed, and when it was appended.
    open: VecDeque<(Offset, Instant)>,
}

/// The pace of the metadata quorum's leader.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PaceFigures {
    /// Records appended, each second.
    pub records_per_second: f64,
    /// How long appends took to be committed on average, in milliseconds; none when none was.
    pub commit_ms_average: Option<f64>,
    /// How long the slowest one took.
    pub commit_ms_max: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    records: u32,
    commits: u32,
    commit_time: Duration,
    commit_time_max: Duration,
}

impl Window {
    fn begin(since: Instant) -> Window {
        let (commit_time, commit_time_max) = (Duration::ZERO, Duration::ZERO);
        Window { since, records: 0, commits: 0, commit_time, commit_time_max }
    }
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Pace {
        Pace { current: Window::begin(now), last: None, open: VecDeque::new() }
    }

    /// The log now ends at `end`, with so many records more.
    pub(crate) fn appended(&mut self, now: Instant, end: Offset, records: i64) {
        self.turn(now);
        let records = u32::try_from(records).unwrap_or(u32::MAX);
        self.current.records = self.current.records.saturating_add(records);
        self.open.push_back((end, now));
    }

    /// The log is committed up to `end`.
    pub(crate) fn committed(&mut self, now: Instant, end: Offset) {
        self.turn(now);
        while let Some((_, since)) = self.open.pop_front_if(|(own, _)| *own <= end) {
            let took = now.since(since);
            self.current.commits = self.current.commits.saturating_add(1);
            self.current.commit_time = self.current.commit_time.saturating_add(took);
            self.current.commit_time_max = self.current.commit_time_max.max(took);
        }
    }

    /// Who leads no longer commits nothing more.
    pub(crate) fn resigned(&mut self) {
        self.open.clear();
    }

    pub(crate) fn figures(&mut self, now: Instant) -> PaceFigures {
        self.turn(now);
        let windows = [self.last, Some(self.current)].into_iter().flatten();
        let since = self.last.unwrap_or(self.current).since;
        // A rate over a moment would say nothing.
        let seconds = now.since(since).max(WINDOW).as_secs_f64();
        let mut sum = Window::begin(since);
        for window in windows {
            sum.records = sum.records.saturating_add(window.records);
            sum.commits = sum.commits.saturating_add(window.commits);
            sum.commit_time = sum.commit_time.saturating_add(window.commit_time);
            sum.commit_time_max = sum.commit_time_max.max(window.commit_time_max);
        }
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let has_commits = sum.commits > 0;
        PaceFigures {
            records_per_second: f64::from(sum.records) / seconds,
            commit_ms_average: has_commits
                .then(|| milliseconds(sum.commit_time) / f64::from(sum.commits)),
            commit_ms_max: has_commits.then(|| milliseconds(sum.commit_time_max)),
        }
    }

    fn turn(&mut self, now: Instant) {
        let age = now.since(self.current.since);
        if age >= WINDOW {
            self.last = (age < 2 * WINDOW).then_some(self.current);
            self.current = Window::begin(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant(0).after(Duration::from_secs(seconds))
    }

    #[test]
    fn appends_are_counted_and_timed_until_they_are_committed() {
        let mut pace = Pace::new(at(0));
        pace.appended(at(10), Offset(5), 5);
        pace.appended(at(11), Offset(6), 1);
        pace.appended(at(11), Offset(9), 3);
        pace.committed(at(12), Offset(6));
        let figures = pace.figures(at(20));
        assert!((figures.records_per_second - 0.3).abs() < 1e-9, "{figures:?}");
        assert_eq!(figures.commit_ms_average, Some(1500.0));
        assert_eq!(figures.commit_ms_max, Some(2000.0));
    }

    #[test]
    fn what_is_older_than_two_windows_is_forgotten() {
        let mut pace = Pace::new(at(0));
        pace.appended(at(1), Offset(5), 60);
        pace.committed(at(1), Offset(5));
        let figures = pace.figures(at(40));
        assert!((figures.records_per_second - 1.5).abs() < 1e-9, "{figures:?}");
        assert_eq!(pace.figures(at(101)), PaceFigures::default());
    }

    #[test]
    fn what_was_open_when_the_leader_resigned_is_never_committed() {
        let mut pace = Pace::new(at(0));
        pace.appended(at(1), Offset(5), 1);
        pace.resigned();
        pace.committed(at(2), Offset(5));
        assert_eq!(pace.figures(at(3)).commit_ms_max, None);
    }
}
