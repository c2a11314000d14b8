//! Other programs: run one, show what it prints, count the tests it ran.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The one profile that everything is built with, so that nothing compiles twice.
pub(crate) const PROFILE: &str = "ci";

/// The profile of what is given to people, and of what is measured.
pub(crate) const RELEASED: &str = "dist";

/// How long a test program may take in CI; the slowest takes a fifth of it on two processors.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// How many tests the runs of a test program closed with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl Tally {
    /// Adds the numbers of one closing line, `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn add_line(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        let counts = rest.split_once(". ").map_or(rest, |(_, counts)| counts);
        for part in counts.split(';') {
            let mut words = part.split_whitespace();
            let count = words.next().and_then(|word| word.parse::<u32>().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += count,
                Some("failed") => self.failed += count,
                Some(_) | None => {}
            }
        }
    }

    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The folder of the checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the checkout's root")
}

/// The `cargo` that runs us, working in the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Where cargo put a program of [`PROFILE`]: beside this one.
pub(crate) fn built(program: &str) -> Result<PathBuf> {
    let xtask = std::env::current_exe().context("failed to find this program's own folder")?;
    Ok(xtask.with_file_name(program))
}

/// Where cargo put a program that was built with [`RELEASED`].
pub(crate) fn released(program: &str) -> Result<PathBuf> {
    let beside = built(program)?;
    let target = beside.ancestors().nth(2).context("programs lie two folders deep")?;
    Ok(target.join(RELEASED).join(program))
}

/// Runs a program to its end and gives what it prints.
pub(crate) fn printed(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("failed to start {}", line(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", line(command), output.status);
    }
    Ok(output.stdout)
}

/// Runs a program to its end with our own input and output.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("failed to start {}", line(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", line(command));
    }
    Ok(())
}

/// Runs a test program, passing its output on, and counts the tests it reports. In CI, where nobody
/// looks on, a program that does not end within [`LIMIT`] is killed with all that it started.
pub(crate) fn run_tests(command: &mut Command) -> Result<Tally> {
    if is_ci() {
        command.process_group(0);
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start {}", line(command)))?;
    let watch = is_ci().then(|| Watch::start(&child, LIMIT));
    let output = child.stdout.take().expect("stdout was asked for as a pipe");
    let mut tally = Tally::default();
    let mut screen = std::io::stdout().lock();
    for printed in BufReader::new(output).split(b'\n') {
        let printed = printed.context("failed to read what the tests print")?;
        tally.add_line(&String::from_utf8_lossy(&printed));
        screen.write_all(&printed).and_then(|()| screen.write_all(b"\n"))?;
    }
    drop(screen);
    let status = child.wait()?;
    if watch.is_some_and(Watch::has_killed) {
        bail!("{} had not ended after {} s and was killed", line(command), LIMIT.as_secs());
    }
    if !status.success() && tally.failed == 0 {
        bail!("{} ended with {status}", line(command));
    }
    Ok(tally)
}

/// Kills the process group of a child that takes too long.
struct Watch {
    ended: Sender<()>,
    thread: JoinHandle<bool>,
}

impl Watch {
    fn start(child: &Child, limit: Duration) -> Watch {
        let group = Pid::from_child(child);
        let (ended, end) = channel();
        let thread = thread::spawn(move || {
            let is_late = end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            is_late && kill_process_group(group, Signal::KILL).is_ok()
        });
        Watch { ended, thread }
    }

    fn has_killed(self) -> bool {
        drop(self.ended);
        self.thread.join().is_ok_and(|has_killed| has_killed)
    }
}

/// Whether this run is CI's.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Whether a program of this name is on the `PATH`.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    format!("`{}`", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_test_programs_add_up() {
        let mut tally = Tally::default();
        tally
            .add_line("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 9 filtered out");
        tally.add_line("test broker::starts ... ok");
        tally.add_line("test result: FAILED. 2 passed; 1 failed; 0 ignored; finished in 0.01s");
        assert_eq!(tally, Tally { passed: 5, failed: 1 });
    }

    #[test]
    fn program_that_does_not_end_is_killed_with_what_it_started() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 1000 & wait"]).process_group(0).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let watch = Watch::start(&child, Duration::from_millis(100));
        let mut output = child.stdout.take().unwrap();
        // The pipe is closed when nobody holds its other end any more.
        assert_eq!(std::io::copy(&mut output, &mut std::io::sink()).unwrap(), 0);
        child.wait().unwrap();
        assert!(watch.has_killed());
    }

    #[test]
    fn program_that_ends_in_time_is_not_killed() {
        let mut child = Command::new("true").process_group(0).spawn().unwrap();
        let watch = Watch::start(&child, Duration::from_secs(1000));
        child.wait().unwrap();
        assert!(!watch.has_killed());
    }

    #[test]
    fn command_is_shown_without_its_folder() {
        assert_eq!(line(Command::new("/a/b/cargo").arg("fmt")), "`cargo fmt`");
    }
}
