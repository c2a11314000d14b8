//! One file's bytes: as processes see them, and as the medium holds them.

use crate::{Random, simulated::SimRandom};

/// What a disk writes at once; a write that covers several may survive in parts.
const SECTOR: usize = 512;

/// The bytes of one file, and the changes to them that were not synced.
#[derive(Debug, Default)]
pub(super) struct Contents {
    written: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write { position: usize, bytes: Vec<u8> },
    SetSize(usize),
}

impl Contents {
    pub(super) fn size(&self) -> usize {
        self.written.len()
    }

    /// Copies what lies from `position` on and says how many bytes that were.
    pub(super) fn read_at(&self, buffer: &mut [u8], position: usize) -> usize {
        let rest = self.written.get(position..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        count
    }

    /// Writes where processes see it.
    pub(super) fn write_at(&mut self, bytes: &[u8], position: usize) {
        if bytes.is_empty() {
            return;
        }
        write(&mut self.written, bytes, position);
        self.pending.push(Change::Write { position, bytes: bytes.to_vec() });
    }

    /// Cuts or grows the file where processes see it.
    pub(super) fn set_size(&mut self, size: usize) {
        self.written.resize(size, 0);
        self.pending.push(Change::SetSize(size));
    }

    /// Makes all changes durable.
    pub(super) fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.durable);
        }
    }

    /// A sync that failed: any part of the changes is durable, and no later sync will write the
    /// rest, although processes still see it. So Linux does it: the pages count as clean.
    pub(super) fn fail_sync(&mut self, random: &mut SimRandom) {
        self.keep_some(random, false);
    }

    /// A power cut: any part of the changes is durable, and that is what processes will see.
    pub(super) fn crash(&mut self, random: &mut SimRandom, garble: bool) {
        self.keep_some(random, garble);
        self.written = self.durable.clone();
    }

    /// How many changes were not synced.
    pub(super) fn unsynced(&self) -> usize {
        self.pending.len()
    }

    /// A power cut of which it is known which changes are durable.
    pub(super) fn crash_keeping(&mut self, mut keeps: impl FnMut() -> bool) {
        for change in self.pending.drain(..) {
            if keeps() {
                change.apply(&mut self.durable);
            }
        }
        self.written = self.durable.clone();
    }

    fn keep_some(&mut self, random: &mut SimRandom, garble: bool) {
        let changes = std::mem::take(&mut self.pending);
        if changes.is_empty() {
            return;
        }
        match random.below(5) {
            0 => {}
            1 => changes.iter().for_each(|change| change.apply(&mut self.durable)),
            2 => keep_prefix(&mut self.durable, &changes, random),
            3 => keep_any(&mut self.durable, &changes, random),
            _ => keep_sectors(&mut self.durable, &changes, random, garble),
        }
        // The size may get ahead of the data; what was never written then reads as zeros.
        if random.chance(20) && self.durable.len() < self.written.len() {
            self.durable.resize(self.written.len(), 0);
        }
    }
}

impl Change {
    fn apply(&self, target: &mut Vec<u8>) {
        match self {
            Change::Write { position, bytes } => write(target, bytes, *position),
            Change::SetSize(size) => target.resize(*size, 0),
        }
    }
}

fn write(target: &mut Vec<u8>, bytes: &[u8], position: usize) {
    let end = position + bytes.len();
    if target.len() < end {
        target.resize(end, 0);
    }
    target[position..end].copy_from_slice(bytes);
}

/// Keeps the first changes, the last of them cut at any byte.
fn keep_prefix(durable: &mut Vec<u8>, changes: &[Change], random: &mut SimRandom) {
    let whole = below(random, changes.len());
    changes[..whole].iter().for_each(|change| change.apply(durable));
    if let Change::Write { position, bytes } = &changes[whole] {
        let cut = below(random, bytes.len() + 1);
        if cut > 0 {
            write(durable, &bytes[..cut], *position);
        }
    }
}

fn keep_any(durable: &mut Vec<u8>, changes: &[Change], random: &mut SimRandom) {
    for change in changes {
        if random.chance(50) {
            change.apply(durable);
        }
    }
}

fn keep_sectors(durable: &mut Vec<u8>, changes: &[Change], random: &mut SimRandom, garble: bool) {
    for change in changes {
        let Change::Write { position, bytes } = change else {
            if random.chance(50) {
                change.apply(durable);
            }
            continue;
        };
        let mut done = 0;
        while done < bytes.len() {
            let room = SECTOR - (position + done) % SECTOR;
            let part = &bytes[done..(done + room).min(bytes.len())];
            if random.chance(70) {
                write(durable, part, position + done);
                if garble && random.chance(10) {
                    let garbled = &mut durable[position + done..][..part.len()];
                    garbled.fill_with(|| random.next_u64().to_le_bytes()[0]);
                }
            }
            done += part.len();
        }
    }
}

fn below(random: &mut SimRandom, bound: usize) -> usize {
    usize::try_from(random.below(bound as u64)).expect("a number below a usize fits one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_synced_survives_any_crash() {
        for seed in 0..200 {
            let mut contents = Contents::default();
            contents.write_at(b"promised", 0);
            contents.sync();
            contents.write_at(&[1; 2_000], 8);
            contents.crash(&mut SimRandom::new(seed), true);
            assert!(contents.written.starts_with(b"promised"), "seed {seed}");
        }
    }

    #[test]
    fn a_crash_leaves_some_files_whole_some_empty_and_some_with_holes() {
        let (mut whole, mut empty, mut holes) = (0, 0, 0);
        for seed in 0..200 {
            let mut contents = Contents::default();
            contents.write_at(&[7; 3_000], 0);
            contents.crash(&mut SimRandom::new(seed), false);
            whole += usize::from(contents.written == [7; 3_000]);
            empty += usize::from(contents.written.is_empty());
            holes += usize::from(contents.written.contains(&0) && contents.written.contains(&7));
        }
        assert!(whole > 10 && empty > 10 && holes > 10, "{whole} {empty} {holes}");
    }

    #[test]
    fn what_a_failed_sync_dropped_is_seen_but_no_later_sync_writes_it() {
        let mut lost = 0;
        for seed in 0..100 {
            let mut random = SimRandom::new(seed);
            let mut contents = Contents::default();
            contents.write_at(b"dropped", 0);
            contents.fail_sync(&mut random);
            assert_eq!(contents.written, b"dropped");
            contents.sync();
            contents.crash(&mut random, false);
            lost += usize::from(contents.written != b"dropped");
        }
        assert!(lost > 10, "{lost}");
    }

    #[test]
    fn a_cut_that_was_not_synced_may_come_undone() {
        let mut sizes = std::collections::BTreeSet::new();
        for seed in 0..100 {
            let mut contents = Contents::default();
            contents.write_at(b"0123456789", 0);
            contents.sync();
            contents.set_size(4);
            contents.crash(&mut SimRandom::new(seed), false);
            sizes.insert(contents.size());
        }
        assert_eq!(Vec::from_iter(sizes), [4, 10]);
    }

    #[test]
    fn garbled_sectors_are_among_those_that_were_not_synced() {
        let mut garbled = 0;
        for seed in 0..200 {
            let mut contents = Contents::default();
            contents.write_at(&[0xaa; 1_024], 0);
            contents.sync();
            contents.write_at(&[0x55; 8_192], 1_024);
            contents.crash(&mut SimRandom::new(seed), true);
            assert_eq!(contents.written[..1_024], [0xaa; 1_024]);
            let strange = |byte: &u8| !matches!(byte, 0 | 0x55);
            garbled += usize::from(contents.written[1_024..].iter().any(strange));
        }
        assert!(garbled > 10, "{garbled}");
    }
}
