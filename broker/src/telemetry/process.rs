//! What the operating system says about this process, under Prometheus's usual names.

use std::fmt::Write;

/// Writes the figures of this process as Prometheus's text; nothing where there is no `/proc`.
pub(super) fn write_process(text: &mut String) {
    if let Some(process) = Process::read() {
        process.write(text);
    }
}

/// What `/proc/self` holds.
struct Process {
    cpu_seconds: f64,
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
            threads: number(17)?,
            virtual_bytes: number(20)?,
            resident_bytes: number(21)? * page_size(),
            open_files: std::fs::read_dir("/proc/self/fd").ok()?.count(),
        })
    }

    fn write(&self, text: &mut String) {
        write_one(text, "process_cpu_seconds_total", "counter", self.cpu_seconds);
        write_one(text, "process_resident_memory_bytes", "gauge", self.resident_bytes as f64);
        write_one(text, "process_virtual_memory_bytes", "gauge", self.virtual_bytes as f64);
        write_one(text, "process_threads", "gauge", self.threads as f64);
        write_one(text, "process_open_fds", "gauge", self.open_files as f64);
        if let Some(limit) = open_files_max() {
            write_one(text, "process_max_fds", "gauge", limit as f64);
        }
    }
}

fn write_one(text: &mut String, name: &str, kind: &str, value: f64) {
    writeln!(text, "# TYPE {name} {kind}\n{name} {value}").expect("a text takes what is written");
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
