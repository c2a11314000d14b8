//! Which segments become one: small ones are put together, so that compaction does not leave ever
//! more of them.

use types::{Offset, Timestamp};

/// A segment to be cleaned, as it was when the cleaning began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) base: Offset,
    /// Where the next segment begins.
    pub(crate) end: Offset,
    pub(crate) size: u32,
    pub(crate) since: Timestamp,
    /// How large both indexes are, once that is known.
    pub(super) index_bytes: [u64; 2],
}

impl Source {
    pub(crate) fn new(base: Offset, end: Offset, size: u32, since: Timestamp) -> Source {
        Source { base, end, size, since, index_bytes: [0, 0] }
    }
}

/// Puts neighbours together as long as they are, before cleaning, no larger than `segment.bytes`
/// and `segment.index.bytes` allow, and their offsets fit one segment.
pub(super) fn group(
    sources: impl IntoIterator<Item = Source>,
    segment_bytes: u32,
    index_bytes_max: u32,
) -> Vec<Vec<Source>> {
    let mut groups: Vec<Vec<Source>> = Vec::new();
    for source in sources {
        match groups.last_mut() {
            Some(group) if fits(group, &source, segment_bytes, index_bytes_max) => {
                group.push(source);
            }
            Some(_) | None => groups.push(vec![source]),
        }
    }
    groups
}

fn fits(group: &[Source], next: &Source, segment_bytes: u32, index_bytes_max: u32) -> bool {
    let all = || group.iter().chain([next]);
    let bytes: u64 = all().map(|source| u64::from(source.size)).sum();
    let index_fits = |index: usize| {
        let bytes: u64 = all().map(|source| source.index_bytes[index]).sum();
        bytes <= u64::from(index_bytes_max)
    };
    let base = group.first().expect("a group is not empty").base;
    let reaches = next.size == 0 || i32::try_from(next.end.plus(-1).since(base)).is_ok();
    bytes <= u64::from(segment_bytes) && index_fits(0) && index_fits(1) && reaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(base: i64, end: i64, size: u32, index_bytes: [u64; 2]) -> Source {
        let new = Source::new(Offset(base), Offset(end), size, Timestamp(0));
        Source { index_bytes, ..new }
    }

    fn bases(groups: &[Vec<Source>]) -> Vec<Vec<i64>> {
        groups.iter().map(|group| group.iter().map(|source| source.base.0).collect()).collect()
    }

    #[test]
    fn neighbours_are_put_together_up_to_the_size_of_a_segment() {
        let sources = [(0, 40), (10, 60), (20, 1), (30, 100), (40, 0)];
        let sources = sources.map(|(base, size)| source(base, base + 10, size, [0, 0]));
        assert_eq!(bases(&group(sources, 100, 100)), [vec![0, 10], vec![20], vec![30, 40]]);
    }

    #[test]
    fn each_index_has_to_fit_for_itself() {
        let sources = [
            source(0, 10, 1, [8, 12]),
            source(10, 20, 1, [8, 12]),
            source(20, 30, 1, [8, 0]),
            source(30, 40, 1, [0, 12]),
        ];
        assert_eq!(bases(&group(sources, 100, 24)), [vec![0, 10, 20], vec![30]]);
    }

    #[test]
    fn offsets_have_to_fit_one_segment() {
        let far = i64::from(i32::MAX);
        let sources = [
            source(0, 10, 1, [0, 0]),
            source(10, far + 1, 1, [0, 0]),
            source(far + 1, far + 2, 1, [0, 0]),
        ];
        assert_eq!(bases(&group(sources, 100, 100)), [vec![0, 10], vec![far + 1]]);
    }

    #[test]
    fn a_segment_that_is_too_large_stands_alone() {
        let sources = [source(0, 10, 500, [0, 0]), source(10, 20, 1, [0, 0])];
        assert_eq!(bases(&group(sources, 100, 100)), [vec![0], vec![10]]);
    }
}
