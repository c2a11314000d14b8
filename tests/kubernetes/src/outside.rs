//! A cluster from outside: taking it up, finding it again, ending it.

use crate::folder::Folder;
use crate::init::cgroups;
use crate::level::Level;
use anyhow::{Context, Result, bail};
use rustix::process::Pid;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use workshop::{process, wait};

/// What a cluster gets to be ready, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(180);

/// How a cluster is made.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// How much of Kubernetes.
    pub level: Level,
    /// How many nodes, at [`Level::Node`].
    pub nodes: u8,
    /// Whether it outlives who takes it up.
    pub stay: bool,
}

/// A running cluster's outer process: it and the cluster end together.
#[derive(Debug)]
pub struct Outside {
    folder: Folder,
    /// Holds the pipe whose end tells the cluster that its owner is gone.
    process: Child,
}

impl Outside {
    /// Starts a cluster whose programs are there, and waits until it is ready.
    pub fn start(folder: Folder, shape: Shape, program: &Path) -> Result<Outside> {
        crate::programs::kubernetes()?;
        if shape.level == Level::Node {
            crate::programs::coredns()?;
        }
        sweep()?;
        if folder.path().exists() {
            bail!("a cluster called {} runs already", folder.name());
        }
        for inner in ["logs", "pids"] {
            fs::create_dir_all(folder.file(inner))?;
        }
        let process = spawn(&folder, shape, program)?;
        fs::write(folder.file("outer"), process.id().to_string())?;
        let mut outside = Outside { folder, process };
        if let Err(error) = outside.wait_until_ready() {
            let told = outside.last_words();
            // The reason is worth more than what goes wrong on the way out.
            let _ended = outside.process.kill().and_then(|()| outside.process.wait());
            let _swept = sweep();
            return Err(error.context(told));
        }
        Ok(outside)
    }

    /// The cluster's folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let (ready, failed) = (self.folder.file("ready"), self.folder.file("failed"));
        wait::until(PATIENCE, "the cluster is ready", || {
            if let Ok(reason) = fs::read_to_string(&failed) {
                bail!("the cluster did not start: {reason}");
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("the cluster ended with {status}");
            }
            Ok(ready.exists().then_some(()))
        })
    }

    /// The ends of all logs.
    fn last_words(&self) -> String {
        let Ok(logs) = fs::read_dir(self.folder.file("logs")) else { return String::new() };
        let mut told = String::from("the ends of its logs:\n");
        for log in logs.flatten() {
            let text = fs::read_to_string(log.path()).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(6)..];
            told.push_str(&format!("{:?}:\n{}\n", log.file_name(), last.join("\n")));
        }
        told
    }
}

/// The namespaces, made by util-linux; the first process in them is our own program.
fn spawn(folder: &Folder, shape: Shape, program: &Path) -> Result<Child> {
    let log = File::create(folder.log("init"))?;
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "--net", "--pid", "--uts", "--ipc"]);
    unshare.args(["--fork", "--kill-child=SIGKILL", "--mount-proc", "--"]);
    unshare.arg(program).arg("init").arg(folder.path());
    unshare.args(["--level", shape.level.word(), "--nodes", &shape.nodes.to_string()]);
    unshare.args(shape.stay.then_some("--stay"));
    unshare.stdin(if shape.stay { Stdio::null() } else { Stdio::piped() });
    unshare.stdout(log.try_clone()?).stderr(log).current_dir("/");
    if shape.stay {
        // Ctrl-C in the terminal is not meant for it.
        std::os::unix::process::CommandExt::process_group(&mut unshare, 0);
    }
    unshare.spawn().context("failed to start unshare")
}

/// The process that has the cluster's namespaces; nothing when the cluster has ended.
pub fn first_process(folder: &Folder) -> Result<Option<Pid>> {
    let Some(outer) = outer_process(folder) else { return Ok(None) };
    Ok(process::children(outer)?.into_iter().next())
}

/// The process outside that a cluster ends with; nothing when it has ended.
#[must_use]
pub fn outer_process(folder: &Folder) -> Option<Pid> {
    let number = fs::read_to_string(folder.file("outer")).ok()?.parse().ok()?;
    let outer = Pid::from_raw(number)?;
    // Numbers are used again: it must also be the right program.
    let words = process::command_line(outer).ok()?;
    words.contains(&folder.path().to_string_lossy().into_owned()).then_some(outer)
}

/// Whether the cluster runs.
#[must_use]
pub fn runs(folder: &Folder) -> bool {
    outer_process(folder).is_some()
}

/// Asks the first process for something; see `init::control`.
pub fn ask(folder: &Folder, line: &str) -> Result<()> {
    let mut connection = UnixStream::connect(folder.file("control"))
        .with_context(|| format!("there is no cluster {}", folder.name()))?;
    writeln!(connection, "{line}")?;
    let mut answer = String::new();
    BufReader::new(connection).read_line(&mut answer)?;
    match answer.trim_end() {
        crate::init::control::DONE => Ok(()),
        other => bail!("{line}: {other}"),
    }
}

/// Ends a cluster and waits until nothing of it is left.
pub fn down(folder: &Folder) -> Result<()> {
    if let Some(outer) = outer_process(folder) {
        // The first process ends in the middle of the answer.
        let _cut_off = ask(folder, "down");
        let ended = wait::until(Duration::from_secs(30), "the cluster has ended", || {
            Ok((!runs(folder)).then_some(()))
        });
        if ended.is_err() {
            process::kill(outer)?;
        }
    }
    sweep()
}

/// Removes what clusters left behind whose first process had no time to.
pub fn sweep() -> Result<()> {
    for folder in Folder::all()? {
        let begun = folder.file("outer").exists();
        if begun && !runs(&folder) {
            cgroups::remove(&folder)?;
            // Whoever sweeps at the same time may have been first.
            let _gone = fs::remove_dir_all(folder.path());
        }
    }
    Ok(())
}
