//! What Linux knows about a process, and a child that ends with its owner.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a client's program may take for everything it does.
const PATIENCE: Duration = Duration::from_secs(180);

/// A child process that does not outlive this value.
#[derive(Debug)]
pub struct Owned(pub Child);

impl Owned {
    /// Its number.
    #[must_use]
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// An error when it has ended by itself.
    pub fn check(&mut self, name: &str) -> Result<()> {
        match self.0.try_wait()? {
            Some(status) => bail!("{name} ended with {status}"),
            None => Ok(()),
        }
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self, patience: Duration) -> Result<()> {
        kill_process(self.pid(), Signal::TERM)?;
        crate::wait::until(patience, "the process has ended", || Ok(self.0.try_wait()?))?;
        Ok(())
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.0.kill().and_then(|()| self.0.wait()).is_err() {
            eprintln!("process {} could not be ended", self.0.id());
        }
    }
}

/// Ends a process without a word of warning.
pub fn kill(pid: Pid) -> Result<()> {
    kill_process(pid, Signal::KILL).context("failed to kill the process")
}

/// What a program printed, once it has ended; one that does not end is killed, which is an error.
pub fn output(command: &mut Command) -> Result<Output> {
    output_within(PATIENCE, command)
}

fn output_within(patience: Duration, command: &mut Command) -> Result<Output> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start {command:?}"))?;
    let pid = Pid::from_child(&child);
    let (ended, end) = channel::<()>();
    let watch = thread::spawn(move || {
        let is_late = end.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
        is_late && kill(pid).is_ok()
    });
    let output = child.wait_with_output()?;
    drop(ended);
    if watch.join().is_ok_and(|was_killed| was_killed) {
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        bail!("{command:?} had not ended after {} s:\n{printed}", patience.as_secs());
    }
    Ok(output)
}

/// The bytes of memory that a process holds.
pub fn resident_bytes(pid: Pid) -> Result<u64> {
    status(pid, "VmRSS:")
}

/// The most bytes of memory that a process ever held.
pub fn resident_bytes_max(pid: Pid) -> Result<u64> {
    status(pid, "VmHWM:")
}

/// The bytes of memory that a process holds now: its own, and those of files.
pub fn resident_bytes_apart(pid: Pid) -> Result<[u64; 2]> {
    Ok([status(pid, "RssAnon:")?, status(pid, "RssFile:")?])
}

/// The seconds of processor time that a process has used.
pub fn cpu_seconds(pid: Pid) -> Result<f64> {
    let [user, system] = cpu_seconds_apart(pid)?;
    Ok(user + system)
}

/// The same, in the process's own code and in the kernel.
pub fn cpu_seconds_apart(pid: Pid) -> Result<[f64; 2]> {
    let fields = stat(pid.as_raw_nonzero().get())?;
    let seconds = |field: &str| -> Result<f64> {
        let ticks = u32::try_from(field.parse::<u64>()?).context("no test runs for months")?;
        Ok(f64::from(ticks) / 100.0)
    };
    Ok([seconds(&fields[11])?, seconds(&fields[12])?])
}

/// How often the threads that a process has were taken off a processor, most of the time because
/// they had nothing to do.
pub fn context_switches(pid: Pid) -> Result<u64> {
    let mut all = 0;
    for thread in fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()))? {
        let text = fs::read_to_string(thread?.path().join("status"))?;
        let lines = text.lines().filter(|line| line.contains("_ctxt_switches:"));
        let counts = lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        all += counts.sum::<u64>();
    }
    Ok(all)
}

/// The processes that a process started and that still run.
pub fn children(parent: Pid) -> Result<Vec<Pid>> {
    let parent = parent.as_raw_nonzero().get().to_string();
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // A process may have ended since the folder was listed; a zombie holds nothing any more.
        let Ok(fields) = stat(number) else { continue };
        if fields[1] == parent && fields[0] != "Z" {
            children.extend(Pid::from_raw(number));
        }
    }
    Ok(children)
}

/// The words that a process was started with.
pub fn command_line(pid: Pid) -> Result<Vec<String>> {
    let bytes = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.split('\0').map(str::to_owned).collect())
}

fn status(pid: Pid, field: &str) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next());
    Ok(kibibytes.context("the kernel tells this")?.parse::<u64>()? * 1024)
}

/// The fields of `/proc/PID/stat` after the program's name, which may hold blanks: state, parent, …
fn stat(pid: i32) -> Result<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = text.rsplit_once(')').context("the program's name stands in brackets")?;
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_end_is_killed_and_its_last_words_are_told() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo waiting; exec sleep 1000"]);
        let error = output_within(Duration::from_millis(300), &mut shell).unwrap_err();
        assert!(error.to_string().ends_with("waiting\n"), "{error}");
    }

    #[test]
    fn what_a_program_prints_is_told_when_it_has_ended() {
        let output = output(Command::new("echo").arg("done")).unwrap();
        assert_eq!(output.stdout, b"done\n");
    }
}
