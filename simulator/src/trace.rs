//! What happened in a run: a hash over all of it, and the last lines for whoever must find out why.

use std::{collections::VecDeque, fmt};

use types::Instant;

/// The record of a run. Two runs of one seed must have the same hash.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    lines: VecDeque<String>,
    lines_max: usize,
}

impl Trace {
    /// An empty trace that keeps so many of its last lines.
    #[must_use]
    pub(crate) fn new(lines_max: usize) -> Trace {
        // The offset basis of FNV-1a.
        Trace { hash: 0xcbf2_9ce4_8422_2325, lines: VecDeque::new(), lines_max }
    }

    /// Adds a line.
    pub(crate) fn note(&mut self, now: Instant, what: fmt::Arguments<'_>) {
        let line = format!("{:>12} {what}", format!("{}µs", now.0 / 1_000));
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        if self.lines.len() == self.lines_max {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// The hash over all lines, kept or not.
    #[must_use]
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// The lines that were kept.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_covers_the_lines_that_are_not_kept() {
        let mut short = Trace::new(1);
        let mut other = Trace::new(1);
        short.note(Instant(1_000), format_args!("a"));
        other.note(Instant(1_000), format_args!("b"));
        for trace in [&mut short, &mut other] {
            trace.note(Instant(2_000), format_args!("c"));
        }
        assert_eq!(Vec::from_iter(short.lines()), Vec::from_iter(other.lines()));
        assert_ne!(short.hash(), other.hash());
    }
}
