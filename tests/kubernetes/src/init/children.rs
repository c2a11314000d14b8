//! The children of a process that is the first of its namespace, or of a node: parts that live
//! long, and programs that run to their end.
//!
//! Who is first inherits every orphan and must bury it, but not steal the end of a program that
//! somebody waits for: both happen under one lock.

use crate::folder::Folder;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

static WAITING: Mutex<()> = Mutex::new(());

/// The parts that this process started.
#[derive(Debug)]
pub struct Children {
    folder: Folder,
    parts: Mutex<BTreeMap<String, Part>>,
}

#[derive(Debug)]
struct Part {
    command: Command,
    pid: Option<Pid>,
}

impl Children {
    /// None so far.
    #[must_use]
    pub fn new(folder: Folder) -> Children {
        Children { folder, parts: Mutex::new(BTreeMap::new()) }
    }

    /// Starts a part, whose output goes to its log.
    pub fn start(&self, name: &str, mut command: Command) -> Result<Pid> {
        let log = File::options().create(true).append(true).open(self.folder.log(name))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let pid = self.spawn(name, &mut command)?;
        self.parts().insert(name.to_owned(), Part { command, pid: Some(pid) });
        Ok(pid)
    }

    /// Starts a part again that was killed.
    pub fn start_again(&self, name: &str) -> Result<()> {
        let mut parts = self.parts();
        let part = parts.get_mut(name).with_context(|| format!("there is no part `{name}`"))?;
        if part.pid.is_some() {
            bail!("{name} runs");
        }
        part.pid = Some(self.spawn(name, &mut part.command)?);
        Ok(())
    }

    /// Whether a part runs.
    #[must_use]
    pub fn runs(&self, name: &str) -> bool {
        self.parts().get(name).is_some_and(|part| part.pid.is_some())
    }

    /// An error that names a part which has ended.
    pub fn check(&self) -> Result<()> {
        match self.parts().iter().find(|(_, part)| part.pid.is_none()) {
            Some((name, _)) => bail!("{name} has ended: see its log"),
            None => Ok(()),
        }
    }

    /// Buries who has ended; says so when it was a part.
    pub fn bury(&self) {
        let _waiting = lock();
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            for (name, part) in self.parts().iter_mut() {
                if part.pid == Some(pid) {
                    part.pid = None;
                    eprintln!("{name} ended: {status:?}");
                }
            }
        }
    }

    fn spawn(&self, name: &str, command: &mut Command) -> Result<Pid> {
        let child = command.spawn().with_context(|| format!("failed to start {name}"))?;
        fs::write(self.folder.number(name), child.id().to_string())?;
        Ok(Pid::from_child(&child))
    }

    fn parts(&self) -> MutexGuard<'_, BTreeMap<String, Part>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a program to its end.
pub fn run(program: &str, words: &[&str]) -> Result<()> {
    let _waiting = lock();
    let output = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("failed to start {program}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("{program} {}: {}", words.join(" "), said.trim());
    }
    Ok(())
}

/// Sends a signal to a part, whoever started it.
pub fn signal(folder: &Folder, part: &str, signal: Signal) -> Result<()> {
    let number = fs::read_to_string(folder.number(part))
        .with_context(|| format!("there is no part `{part}`"))?;
    let pid = Pid::from_raw(number.trim().parse()?).context("numbers of processes are positive")?;
    kill_process(pid, signal).with_context(|| format!("failed to signal {part}"))
}

fn lock() -> MutexGuard<'static, ()> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}
