//! What the figures were measured on.

use anyhow::{Context, Result};
use std::fs;

/// The machine in words, without its name.
pub fn describe() -> Result<String> {
    let cores = std::thread::available_parallelism()?.get();
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kernel = rustix::system::uname().release().to_string_lossy().into_owned();
    Ok(sentence(cores, gibibytes(&memory)?, &kernel))
}

fn sentence(cores: usize, gibibytes: u64, kernel: &str) -> String {
    // What a distribution adds to the kernel's version may name anything.
    let version = kernel.split('-').next().unwrap_or_default();
    format!("{cores} cores, {gibibytes} GiB of memory, Linux {version}")
}

fn gibibytes(meminfo: &str) -> Result<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next());
    let kibibytes: u64 = kibibytes.context("the kernel tells how much memory there is")?.parse()?;
    Ok((kibibytes + (1 << 19)) >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_told_by_its_size() {
        let memory = gibibytes("MemTotal:       24588888 kB\nMemFree: 1 kB\n").unwrap();
        assert_eq!(sentence(2, memory, "6.1.0-cloud"), "2 cores, 23 GiB of memory, Linux 6.1.0");
    }
}
