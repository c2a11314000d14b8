//! One broker's process: run, watched, stopped, started again when it ends by itself.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use types::BrokerId;

use super::backoff::Backoff;
use super::folder;
use super::program::Program;
use crate::cluster::Properties;
use crate::world::Phase;

/// How long a broker may take to stop before it is killed.
const STOP_WAIT_MAX: Duration = Duration::from_secs(30);
/// A log longer than this makes room for a new one at the next start; one old one is kept.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How much of a log's end is looked at for its last sentence.
const LOG_TAIL_BYTES: u64 = 4 * 1024;

/// What a broker is meant to run with; nothing when it is meant to stop.
pub(super) type Wanted = Option<Properties>;

/// Something that happened to a broker by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happening {
    /// Its phase changed.
    Phase,
    /// It ended and is started again.
    Ended {
        /// Which.
        broker: BrokerId,
        /// How.
        why: String,
    },
}

/// The task that minds one broker.
pub(super) struct Supervisor {
    pub(super) broker: BrokerId,
    pub(super) program: Program,
    pub(super) folder: PathBuf,
    pub(super) wanted: watch::Receiver<Wanted>,
    pub(super) phase: Arc<Mutex<Phase>>,
    pub(super) happenings: mpsc::Sender<Happening>,
}

/// How a run of the broker came to its end.
enum End {
    /// It was asked to, for other properties or for good.
    Asked,
    /// By itself.
    ByItself(String),
}

impl Supervisor {
    /// Minds the broker until nobody can want it to run any more.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::default();
        // Once nobody can want anything any more, `has_changed` is an error.
        while self.wanted.has_changed().is_ok() {
            let wanted = self.wanted.borrow_and_update().clone();
            let Some(properties) = wanted else {
                self.set(Phase::Stopped);
                drop(self.wanted.changed().await);
                continue;
            };
            let started = Instant::now();
            let end = match self.run_once(&properties).await {
                Ok(end) => end,
                Err(error) => End::ByItself(format!("it could not be started: {error}")),
            };
            if let End::ByItself(why) = end {
                self.tell(Happening::Ended { broker: self.broker, why: why.clone() });
                self.set(Phase::BackingOff { why });
                let pause = tokio::time::sleep(backoff.pause(started.elapsed()));
                tokio::select! {
                    () = pause => {}
                    _ = self.wanted.changed() => {}
                }
            }
        }
    }

    async fn run_once(&mut self, properties: &Properties) -> io::Result<End> {
        let config = self.folder.join("server.properties");
        folder::replace(&config, properties.text().as_bytes())?;
        let mut child = self.spawn(&config)?;
        self.set(Phase::Starting);
        let stdin = child.stdin.take().expect("the standard input is a pipe");
        let stdout = child.stdout.take().expect("the standard output is a pipe");
        let end = self.watch(&mut child, stdin, stdout).await;
        drop(fs::remove_file(self.pid_file()));
        end
    }

    fn spawn(&self, config: &Path) -> io::Result<Child> {
        let mut command = self.program.broker(config);
        let log = open_log(&self.log_file())?;
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
        if let Some(pid) = child.id() {
            fs::write(self.pid_file(), pid.to_string())?;
        }
        Ok(child)
    }

    async fn watch(
        &mut self,
        child: &mut Child,
        stdin: ChildStdin,
        stdout: ChildStdout,
    ) -> io::Result<End> {
        let mut lines = BufReader::new(stdout).lines();
        let mut says_more = true;
        loop {
            tokio::select! {
                status = child.wait() => return Ok(End::ByItself(self.how_it_ended(status?))),
                line = lines.next_line(), if says_more => match line? {
                    Some(line) if line == "ready" => self.set(Phase::Ready),
                    Some(_) => {}
                    None => says_more = false,
                },
                // An error means that nobody is left to want it: it stops as well.
                _ = self.wanted.changed() => {
                    self.set(Phase::Stopping);
                    stop(child, stdin, lines).await?;
                    return Ok(End::Asked);
                }
            }
        }
    }

    /// Nothing is said of a process that is no longer the wanted one, except that it stops.
    fn set(&self, phase: Phase) {
        let mut shown = self.phase.lock().expect("nobody panics while holding a phase");
        let is_outdated = self.wanted.has_changed().unwrap_or(false);
        if !is_outdated {
            *shown = phase;
        }
        drop(shown);
        self.tell(Happening::Phase);
    }

    /// When the queue is full its reader is about to look at everything anyway.
    fn tell(&self, happening: Happening) {
        drop(self.happenings.try_send(happening));
    }

    fn how_it_ended(&self, status: ExitStatus) -> String {
        let log = self.log_file();
        match last_line(&log) {
            Some(line) => {
                format!("it ended with {status}, saying: {line} (more in {})", log.display())
            }
            None => format!("it ended with {status} (see {})", log.display()),
        }
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("broker.log")
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.join("pid")
    }
}

/// A broker stops when its standard input closes; one that does not is killed.
async fn stop(
    child: &mut Child,
    stdin: ChildStdin,
    mut lines: Lines<BufReader<ChildStdout>>,
) -> io::Result<()> {
    drop(stdin);
    let drain = async { while let Ok(Some(_)) = lines.next_line().await {} };
    let ended = async { tokio::join!(child.wait(), drain).0 };
    match tokio::time::timeout(STOP_WAIT_MAX, ended).await {
        Ok(status) => status.map(drop),
        Err(_) => child.kill().await,
    }
}

fn open_log(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_BYTES_MAX) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    File::options().create(true).append(true).open(path)
}

fn last_line(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES))).ok()?;
    let mut tail = Vec::new();
    file.take(LOG_TAIL_BYTES).read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail).into_owned();
    tail.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
}
