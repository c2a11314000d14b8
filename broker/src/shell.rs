//! The node's shell: carries out what the node asks for.
//!
//! Effects of one event are carried out in order. Disk work goes to the pool of its lane; what
//! belongs to the controller goes to the metadata lane, whose one thread does nothing else, so that
//! slow data disks never cost a lease.

use std::{sync::Arc, time::Duration};

use node::{
    Completion, Effect, Effects, Job, Lane, Node, Ticket,
    control::{self, Command},
};
use runtime::Clock;
use tokio::sync::watch;
use types::Now;

use crate::{alarm::Alarm, api::Desk, io::Pool, network::Admission};

/// What the node calls the job that makes a partition's log durable.
const FLUSH: &str = "flush";

/// Where a node is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It does not serve yet.
    Starting,
    /// Clients may come.
    Serving,
    /// It cannot go on.
    Failed(String),
    /// All is closed.
    Stopped(Result<(), String>),
}

/// The threads for disk work.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// The controller's own thread.
    pub(crate) metadata: Pool,
    /// For the partitions' logs.
    pub(crate) data: Arc<Pool>,
    /// For the logs that were there at the start.
    pub(crate) recovery: Pool,
    /// For compaction, behind which no flush and no read ever waits.
    pub(crate) cleaner: Pool,
}

/// A node and what it needs of the world.
pub(crate) struct Shell {
    pub(crate) node: Node,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lanes: Lanes,
    pub(crate) alarm: Alarm,
    pub(crate) desk: Desk,
    pub(crate) admission: Arc<Admission>,
    /// What `max.connections` can come to.
    pub(crate) connections_ceiling: usize,
    pub(crate) phase: watch::Sender<Phase>,
}

impl Shell {
    /// Carries out effects, in order.
    pub(crate) fn perform(self: &Arc<Shell>, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Answer { ticket, answer } => self.desk.answer(&self.node, ticket, answer),
                Effect::Resume(ticket) => self.desk.nudge(ticket),
                Effect::Run(job) => self.run(job),
                Effect::Control(command) => self.control(command),
                Effect::WakeAt(at) => self.alarm.ring_at(at),
                // Handlers ask the node for the image in force.
                Effect::Publish(_) => self.allow_connections(),
                Effect::Serving => self.enter(Phase::Serving),
                Effect::Fail(reason) => self.enter(Phase::Failed(reason)),
                Effect::Stopped(outcome) => self.enter(Phase::Stopped(outcome)),
            }
        }
    }

    /// Has the controller decide on a request of a client, which waits for `timeout_ms`, or as long
    /// as requests do when the client does not say.
    pub(crate) fn ask_controller(
        self: &Arc<Shell>,
        now: Now,
        ticket: Ticket,
        timeout_ms: Option<i32>,
        request: control::Request,
    ) {
        let said = timeout_ms.and_then(|timeout_ms| u64::try_from(timeout_ms).ok());
        let patience = said.filter(|timeout_ms| *timeout_ms > 0).map(Duration::from_millis);
        let patience = patience.unwrap_or_else(|| self.node.config().request_timeout);
        let mut effects = Effects::new();
        self.node.ask_controller(now, ticket, patience, request, &mut effects);
        self.perform(effects);
    }

    /// Hands a command to the controller's thread.
    pub(crate) fn control(self: &Arc<Shell>, command: Command) {
        let shell = self.clone();
        self.lanes.metadata.submit(move || {
            let mut effects = Effects::new();
            shell.node.control(shell.clock.now(), command, &mut effects);
            shell.perform(effects);
        });
    }

    /// Tells the node that time has passed.
    pub(crate) fn tick(self: &Arc<Shell>) {
        let mut effects = Effects::new();
        self.node.tick(self.clock.now(), &mut effects);
        self.perform(effects);
    }

    /// Puts into force what may have been configured for the network.
    fn allow_connections(&self) {
        let effective = self.node.effective();
        let limit = |key| usize::try_from(effective.number(key)).unwrap_or_default();
        let most = limit("max.connections").min(self.connections_ceiling);
        self.admission.allow(most, limit("max.connections.per.ip"));
    }

    fn run(self: &Arc<Shell>, job: Job) {
        let shell = self.clone();
        let lane = match job.lane() {
            Lane::Metadata => &self.lanes.metadata,
            Lane::Data => &*self.lanes.data,
            Lane::Recovery => &self.lanes.recovery,
            Lane::Cleaner => &self.lanes.cleaner,
        };
        lane.submit(move || {
            let (is_flush, began) = (job.name() == FLUSH, shell.clock.now().instant);
            let completion = job.run();
            if is_flush {
                let took = shell.clock.now().instant.since(began);
                shell.desk.telemetry.flushes.observe(took.as_secs_f64() * 1000.0);
            }
            shell.complete(completion);
        });
    }

    fn complete(self: &Arc<Shell>, completion: Completion) {
        let mut effects = Effects::new();
        self.node.complete(self.clock.now(), completion, &mut effects);
        self.perform(effects);
    }

    /// A node that failed or stopped does not come back.
    fn enter(&self, next: Phase) {
        self.phase.send_if_modified(|phase| {
            let is_final = matches!(phase, Phase::Failed(_) | Phase::Stopped(_));
            if !is_final {
                *phase = next;
            }
            !is_final
        });
    }
}
