//! The first five minutes of the README and the laptop's half of the tutorial, word for word.
//!
//! Every `console` block of such a section is carried out: `$ ` begins a command, what follows is what
//! it prints, and `…` stands for any number of lines. A block that starts `up` waits for the last of
//! its lines and leaves it running; the next such block, which the text begins with Ctrl-C, ends it
//! that way first.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use client_tests::process::Owned;
use client_tests::server::klamm;
use client_tests::wait;
use rustix::process::{Signal, kill_process};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);
const ANY_LINES: &str = "…";

#[test]
#[ignore = "needs a built broker and kcat"]
fn the_first_five_minutes_of_the_readme_work_word_for_word() {
    walk_through("README.md", "## The first five minutes\n");
}

#[test]
#[ignore = "needs a built broker and kcat"]
fn the_laptops_half_of_the_tutorial_works_word_for_word() {
    walk_through("docs/tutorial.md", "## On a laptop\n");
}

fn walk_through(document: &str, section: &str) {
    /// The documents name the same ports.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let section = text.split_once(section).unwrap().1.split("\n## ").next().unwrap();
    let mut terminal = Terminal { home: TempDir::new().unwrap(), running: None };
    let steps = steps(section);
    assert!(steps.len() > 3, "the section has fewer steps than a beginner needs");
    for step in steps {
        terminal.carry_out(&step);
    }
    terminal.press_ctrl_c();
}

/// A command and the lines that it prints.
struct Step {
    command: String,
    printed: Vec<String>,
}

fn steps(section: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in section.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    steps.push(Step { command: command.to_owned(), printed: Vec::new() });
                }
                (None, Some(step)) => step.printed.push(line.to_owned()),
                (None, None) => panic!("a block begins with a command, not with `{line}`"),
            }
        }
    }
    steps
}

/// Where the reader types: an empty home folder, and perhaps an `up` in another window.
struct Terminal {
    home: TempDir,
    running: Option<Owned>,
}

impl Terminal {
    fn carry_out(&mut self, step: &Step) {
        let is_up = ["-- up -f", "klamm up -f"].iter().any(|up| step.command.contains(up));
        if is_up && !step.command.contains("| ") {
            self.press_ctrl_c();
            self.start(step);
        } else {
            let printed = self.shell(&step.command).output().unwrap();
            let text = String::from_utf8(printed.stdout).unwrap();
            let errors = String::from_utf8_lossy(&printed.stderr);
            assert!(matches(&step.printed, &text), "`{}` printed:\n{text}{errors}", step.command);
        }
    }

    /// Starts a command that goes on, and waits until it has printed its lines.
    fn start(&mut self, step: &Step) {
        let output = self.home.path().join("output");
        let file = std::fs::File::create(&output).unwrap();
        let child = self.shell(&step.command).stdout(file).spawn().unwrap();
        self.running = Some(Owned(child));
        let start = wait::now();
        wait::until(PATIENCE, "the command prints what the document says", || {
            let text = std::fs::read_to_string(&output)?;
            Ok(matches(&step.printed, &text).then_some(()))
        })
        .unwrap_or_else(|_| {
            panic!("`{}` printed:\n{}", step.command, std::fs::read_to_string(&output).unwrap())
        });
        eprintln!("`{}` was ready after {} ms", step.command, start.elapsed().as_millis());
    }

    fn press_ctrl_c(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        kill_process(running.pid(), Signal::INT).unwrap();
        let status =
            wait::until(PATIENCE, "Ctrl-C has ended it", || Ok(running.0.try_wait()?)).unwrap();
        assert!(status.success(), "after Ctrl-C: {status}");
    }

    /// The command with the program that is built already in place of one that cargo would build, or
    /// that the reader has put into his path.
    fn shell(&self, command: &str) -> Command {
        let klamm = klamm::program().unwrap();
        let command = command.replace("cargo run --release --", &klamm.display().to_string());
        let mut bash = Command::new("bash");
        bash.arg("-c").arg(format!("exec {command}").replace("exec printf", "printf"));
        bash.current_dir(root()).stdin(Stdio::null());
        let folder = klamm.parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap();
        let path = std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&path)));
        bash.env("PATH", path.unwrap());
        bash.env("HOME", self.home.path()).env_remove("XDG_DATA_HOME");
        bash
    }
}

/// Whether a text is these lines, where `…` is any number of lines.
fn matches(wanted: &[String], text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    fits(wanted, &lines)
}

fn fits(wanted: &[String], lines: &[&str]) -> bool {
    match wanted {
        [] => lines.is_empty(),
        [any, rest @ ..] if any == ANY_LINES => {
            (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..]))
        }
        [first, rest @ ..] => lines
            .split_first()
            .is_some_and(|(line, lines)| line.trim_end() == first.trim_end() && fits(rest, lines)),
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
