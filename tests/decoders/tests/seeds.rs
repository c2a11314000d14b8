//! Every target with its seeds and a fixed number of changes to them, the same on every run.

use decoders::TARGETS;
use runtime::{Random, simulated::SimRandom};

/// How many changed inputs each target is given.
const RUNS: u64 = 3_000;

/// How many changes an input gets at most.
const CHANGES_MAX: u64 = 4;

#[test]
fn seeds_pass_their_targets() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        seeds.iter().for_each(|seed| (target.check)(seed));
    }
}

#[test]
fn changed_seeds_pass_their_targets() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        let mut random = SimRandom::stream(1, target.name);
        for _ in 0..RUNS {
            let mut input = pick(&mut random, &seeds).clone();
            for _ in 0..random.between(1, CHANGES_MAX) {
                change(&mut random, &mut input, &seeds);
            }
            (target.check)(&input);
        }
    }
}

#[test]
fn targets_are_those_of_the_fuzzer() {
    let manifest = include_str!("../../../fuzz/Cargo.toml");
    let programs = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    let mut programs: Vec<_> = programs.filter_map(|line| line.strip_suffix(".rs\"")).collect();
    programs.sort_unstable();
    let targets: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(programs, targets);
}

fn change(random: &mut SimRandom, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let place = place(random, input.len() + 1);
    match random.below(6) {
        0 => input.truncate(place),
        1 => input.insert(place, random.next_u64().to_be_bytes()[0]),
        2 => {
            let other = pick(random, seeds);
            let from = self::place(random, other.len() + 1);
            input.splice(place.., other[from..].iter().copied());
        }
        3 => overwrite(input, place, &[0xff, 0x7f, 0x80, 0][..]),
        4 => overwrite(input, place, &random.next_u64().to_be_bytes()),
        _ => {
            let bit = 1 << random.below(8);
            input.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= bit);
        }
    }
}

fn overwrite(input: &mut [u8], place: usize, bytes: &[u8]) {
    input.iter_mut().skip(place).zip(bytes).for_each(|(old, new)| *old = *new);
}

fn pick<'a>(random: &mut SimRandom, seeds: &'a [Vec<u8>]) -> &'a Vec<u8> {
    &seeds[place(random, seeds.len())]
}

fn place(random: &mut SimRandom, count: usize) -> usize {
    let count = u64::try_from(count).expect("inputs are small");
    usize::try_from(random.below(count)).expect("it is below a usize")
}
