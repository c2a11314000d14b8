//! The brokers of a laptop: one child process each, one folder each.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use types::BrokerId;

use super::folder::{self, Folder};
use super::ports;
use super::program::Program;
use super::supervisor::{Happening, Supervisor, Wanted};
use crate::cluster::observe::WantedBroker;
use crate::cluster::{Identity, Properties};
use crate::crd::Cluster;
use crate::refusal::Refusal;
use crate::world::{Brokers, ObservedBroker, Phase, Site, Template, WorkloadError};

/// How long brokers of an earlier `up` that was killed may take to end.
const ORPHAN_WAIT_MAX: Duration = Duration::from_secs(10);
/// How many happenings wait to be looked at.
const HAPPENINGS_MAX: usize = 64;
const ORPHAN_POLL: Duration = Duration::from_millis(10);

/// The brokers that run as children of this process.
pub struct Processes {
    folder: Folder,
    program: Program,
    happenings: mpsc::Sender<Happening>,
    children: Mutex<BTreeMap<BrokerId, Child>>,
}

struct Child {
    wanted: watch::Sender<Wanted>,
    phase: Arc<Mutex<Phase>>,
    task: JoinHandle<()>,
}

impl Child {
    /// The phase changes together with the wish, so that nobody takes the old process for the new.
    fn want(&self, wanted: Wanted) {
        let mut phase = self.phase.lock().expect("nobody panics while holding a phase");
        *phase = match *phase {
            Phase::Ready | Phase::Starting | Phase::Stopping => Phase::Stopping,
            Phase::Stopped | Phase::Held { .. } | Phase::BackingOff { .. } if wanted.is_some() => {
                Phase::Starting
            }
            Phase::Stopped | Phase::Held { .. } | Phase::BackingOff { .. } => Phase::Stopped,
        };
        self.wanted.send_replace(wanted);
    }
}

impl Processes {
    /// Nothing runs yet; what happens to the brokers comes out at the other end.
    pub(super) fn new(folder: Folder, program: Program) -> (Self, mpsc::Receiver<Happening>) {
        let (happenings, receiver) = mpsc::channel(HAPPENINGS_MAX);
        (Self { folder, program, happenings, children: Mutex::default() }, receiver)
    }

    /// Waits until brokers of an earlier `up` that was killed have ended.
    pub async fn await_orphans(&self) {
        let deadline = Instant::now() + ORPHAN_WAIT_MAX;
        for pid_file in self.pid_files() {
            while is_alive(&pid_file) && Instant::now() < deadline {
                tokio::time::sleep(ORPHAN_POLL).await;
            }
            drop(fs::remove_file(&pid_file));
        }
    }

    /// Stops all brokers and waits until they have ended.
    pub async fn stop_all(&self) {
        let children = std::mem::take(&mut *self.lock());
        let stopping = children.into_values().map(|child| {
            child.want(None);
            child.task
        });
        for task in stopping.collect::<Vec<_>>() {
            if let Err(error) = task.await {
                tracing::error!(%error, "a broker's supervisor failed");
            }
        }
    }

    fn spawn(&self, broker: BrokerId) -> Child {
        let (wanted, receiver) = watch::channel(None);
        let phase = Arc::new(Mutex::new(Phase::Stopped));
        let supervisor = Supervisor {
            broker,
            program: self.program.clone(),
            folder: self.folder.broker(broker),
            wanted: receiver,
            phase: Arc::clone(&phase),
            happenings: self.happenings.clone(),
        };
        Child { wanted, phase, task: tokio::spawn(supervisor.run()) }
    }

    fn pid_files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.folder.brokers()) else { return Vec::new() };
        let files = entries.filter_map(Result::ok).map(|entry| entry.path().join("pid"));
        files.filter(|file| file.exists()).collect()
    }

    fn volume_file(&self, broker: BrokerId) -> PathBuf {
        self.folder.broker(broker).join("volume.json")
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<BrokerId, Child>> {
        self.children.lock().expect("nobody panics while holding the children")
    }
}

impl Brokers for Processes {
    fn site(&self, cluster: &Cluster, index: usize, broker: BrokerId) -> Site {
        let log_dir = self.folder.broker(broker).join("data");
        Site {
            endpoints: ports::endpoints(&cluster.spec, index),
            log_dir: log_dir.display().to_string(),
            bound: BTreeMap::new(),
            template: Template::new(),
            waits_for: None,
        }
    }

    /// What cannot be had here is refused before it is stored.
    async fn refusal(&self, _: &Cluster, _: &BTreeMap<BrokerId, WantedBroker>) -> Option<Refusal> {
        None
    }

    async fn observe(&self) -> BTreeMap<BrokerId, ObservedBroker> {
        let children = self.lock();
        let observed = children.iter().map(|(id, child)| {
            let phase = child.phase.lock().expect("nobody panics while holding a phase").clone();
            let properties = child.wanted.borrow().clone();
            (*id, ObservedBroker { phase, properties, template: Template::new(), rack: None })
        });
        observed.collect()
    }

    async fn identity(&self) -> Result<Option<Identity>, WorkloadError> {
        let Ok(entries) = fs::read_dir(self.folder.brokers()) else { return Ok(None) };
        let mut files: Vec<PathBuf> =
            entries.filter_map(Result::ok).map(|entry| entry.path().join("volume.json")).collect();
        files.sort();
        let Some(file) = files.into_iter().find(|file| file.exists()) else { return Ok(None) };
        let name = file.display().to_string();
        let text = fs::read(&file).map_err(|error| WorkloadError::Io(name.clone(), error))?;
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| WorkloadError::Malformed(name, error))
    }

    async fn write_identity(&self, identity: &Identity) -> Result<(), WorkloadError> {
        let text = serde_json::to_vec_pretty(identity).expect("an identity is plain data");
        for voter in &identity.quorum.voters {
            let file = self.volume_file(BrokerId(voter.id));
            folder::replace(&file, &text)
                .map_err(|error| WorkloadError::Io(file.display().to_string(), error))?;
        }
        Ok(())
    }

    /// A child process stands on nothing that `run` does not make.
    async fn prepare(
        &self,
        _: &Cluster,
        _: Option<&BTreeMap<BrokerId, Properties>>,
    ) -> Result<(), WorkloadError> {
        Ok(())
    }

    async fn run(&self, broker: BrokerId, properties: &Properties) -> Result<(), WorkloadError> {
        let mut children = self.lock();
        let child = children.entry(broker).or_insert_with(|| self.spawn(broker));
        child.want(Some(properties.clone()));
        Ok(())
    }

    async fn stop(&self, broker: BrokerId) -> Result<(), WorkloadError> {
        if let Some(child) = self.lock().get(&broker)
            && child.wanted.borrow().is_some()
        {
            child.want(None);
        }
        Ok(())
    }

    async fn remove_volume(&self, broker: BrokerId) -> Result<(), WorkloadError> {
        let folder = self.folder.broker(broker);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(WorkloadError::Io(folder.display().to_string(), error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[cfg(unix)]
fn is_alive(pid_file: &std::path::Path) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let pid = text.parse().ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

#[cfg(not(unix))]
fn is_alive(_: &std::path::Path) -> bool {
    false
}

#[cfg(test)]
#[path = "processes_tests.rs"]
mod tests;
