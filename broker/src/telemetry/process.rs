//! What the operating system says about this process, under Prometheus's usual names.

use crate::exposition::{counter, gauge};

/// Writes the figures of this process as Prometheus's text; nothing where there is no `/proc`.
pub(super) fn write_process(text: &mut String) {
    if let Some(process) = Process::read() {
        process.write(text);
    }
}

/// What `/proc/self` holds.
struct Process {
    cpu_seconds: f64,
    /// Since 1970.
    start_seconds: Option<f64>,
    resident_bytes: u64,
    virtual_bytes: u64,
    threads: u64,
    open_files: usize,
}

impl Process {
    fn read() -> Option<Process> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The program's name may hold anything, blanks and brackets included.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        let ticks = number(11)? + number(12)?;
        Some(Process {
            cpu_seconds: ticks as f64 / ticks_per_second(),
            start_seconds: number(19).and_then(seconds_since_1970),
            threads: number(17)?,
            virtual_bytes: number(20)?,
            resident_bytes: number(21)? * page_size(),
            open_files: std::fs::read_dir("/proc/self/fd").ok()?.count(),
        })
    }

    fn write(&self, text: &mut String) {
        counter(
            text,
            "process_cpu_seconds_total",
            "Processor time used, in user and system mode",
            self.cpu_seconds,
        );
        if let Some(start) = self.start_seconds {
            let help = "When the process started, in seconds since 1970";
            gauge(text, "process_start_time_seconds", help, start);
        }
        let mut write = |name: &str, help: &str, value: u64| gauge(text, name, help, value);
        write("process_resident_memory_bytes", "Memory that is in use", self.resident_bytes);
        write("process_virtual_memory_bytes", "Address space that is in use", self.virtual_bytes);
        write("process_threads", "Threads", self.threads);
        write("process_open_fds", "Open file descriptors", self.open_files as u64);
        if let Some(limit) = open_files_max() {
            write("process_max_fds", "The most file descriptors that may be open", limit);
        }
    }
}

/// A moment that the kernel counts from its own start.
fn seconds_since_1970(ticks: u64) -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let boot = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    Some(boot.trim().parse::<u64>().ok()? as f64 + ticks as f64 / ticks_per_second())
}

fn open_files_max() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    #[expect(clippy::disallowed_methods, reason = "the kernel's clock is compared with")]
    fn this_process_started_a_moment_ago() {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let start = Process::read().unwrap().start_seconds.unwrap();
        let age = since_1970.unwrap().as_secs_f64() - start;
        // The kernel's own start is told in whole seconds.
        assert!((-2.0..3600.0).contains(&age), "{age}");
    }
}
