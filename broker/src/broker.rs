//! A broker's life: its parts are put together, started, and stopped in good order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use node::{Node, OpenError, control::Command};
use runtime::{Clock, Disk, Random, SystemClock, SystemDisk, SystemRandom};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};
use tracing::{error, info, warn};

use crate::{
    admin::{self, Admin, Readiness, State},
    alarm::Alarm,
    api::{Desk, Router, SERVED, Settings},
    config::Config,
    descriptors,
    figures::NodeFigures,
    io::Pool,
    network::{self, Admission, Shared},
    node_config::node_config,
    shell::{Lanes, Phase, Shell},
    telemetry::Telemetry,
};

/// How long the logs may take to close in good order.
const CLOSE_MAX: Duration = Duration::from_secs(30);

/// How often, and how many times, it is looked at whether the last threads have let go.
const LET_GO_ROUND: Duration = Duration::from_millis(1);
const LET_GO_ROUNDS_MAX: u32 = 500;

/// Why a broker cannot start, or ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The system refused threads or sockets.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The data folder cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The folder belongs to another cluster than the configuration says.
    #[error("the data folder belongs to cluster {found}, klamm.cluster.id is {expected}")]
    OtherCluster {
        /// What the folder says.
        found: String,
        /// What the configuration says.
        expected: String,
    },
    /// The node cannot go on.
    #[error("{0}")]
    Failed(String),
    /// Not everything was closed in good order; the next start recovers it.
    #[error("failed to close in good order: {0}")]
    Unclean(String),
}

/// A broker that was started.
pub struct Broker {
    shell: Arc<Shell>,
    shared: Arc<Shared<Router>>,
    readiness: Readiness,
    phase: watch::Receiver<Phase>,
    /// The client listeners that no connection is accepted from yet, with their numbers.
    listeners: Vec<TcpListener>,
    serving: Vec<JoinHandle<()>>,
    admin: Option<JoinHandle<()>>,
    alarm: JoinHandle<()>,
    addresses: Vec<SocketAddr>,
    admin_address: Option<SocketAddr>,
}

/// Runs a broker until `stop` is ready, or until it cannot go on. `ready` is called once, when
/// clients are served.
///
/// # Errors
/// When it cannot start, fails while it runs, or cannot close in good order.
pub fn run(
    config: Config,
    ready: impl FnOnce(),
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    abort_on_panic();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.limits.network_threads.min(cores))
        .thread_name("network")
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut broker = Broker::start(config).await?;
        let ended = {
            let serve = async {
                broker.serving().await?;
                ready();
                Err(broker.failure().await)
            };
            tokio::select! {
                ended = serve => ended,
                () = stop => Ok(()),
            }
        };
        let stopped = broker.stop().await;
        ended.and(stopped)
    })
}

/// A thread that panicked may hold a lock or owe an answer: nothing that depends on it can go on,
/// while a process that ends is started again within a moment.
fn abort_on_panic() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print(panic);
        std::process::abort();
    }));
}

impl Broker {
    /// Takes hold of ports and data folder, and starts to become part of the cluster.
    ///
    /// # Errors
    /// When a port is taken or the folder cannot be used.
    pub async fn start(mut config: Config) -> Result<Broker, RunError> {
        descriptors::fit(&mut config);
        let listeners = bind_clients(&mut config).await?;
        let addresses = listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
        let telemetry = Arc::new(Telemetry::new(&SERVED));
        let readiness = Readiness::starting("the metadata are being read");
        let shell = open(&config, telemetry.clone())?;
        let (admin, admin_address) =
            start_admin(&config, &shell, &telemetry, &readiness).await?.unzip();
        let router = Router::new(shell.clone());
        let (limits, pool) = (config.limits.clone(), shell.lanes.data.clone());
        let (admission, metrics) = (shell.admission.clone(), telemetry.network.clone());
        let shared = Arc::new(Shared::new(router, limits, admission, pool, metrics));
        let alarm = tokio::spawn(Alarm::run(shell.clone()));
        shell.control(Command::Start);
        Ok(Broker {
            phase: shell.phase.subscribe(),
            shell,
            shared,
            readiness,
            listeners,
            serving: Vec::new(),
            admin,
            alarm,
            addresses,
            admin_address,
        })
    }

    /// Where clients are served, in the order of `listeners`.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where `/metrics` is served.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_address
    }

    /// Waits until clients may come, and lets them in.
    ///
    /// # Errors
    /// When the node fails before.
    pub async fn serving(&mut self) -> Result<(), RunError> {
        let is_decided = |phase: &Phase| *phase != Phase::Starting;
        let phase = self.phase.wait_for(is_decided).await;
        if let Phase::Failed(reason) = &*phase.expect("the shell outlives its broker") {
            return Err(RunError::Failed(reason.clone()));
        }
        for (index, listener) in self.listeners.drain(..).enumerate() {
            self.serving.push(tokio::spawn(network::serve(listener, index, self.shared.clone())));
        }
        self.readiness.set(State::Serving);
        info!(addresses = ?self.addresses, "serving");
        Ok(())
    }

    /// Waits until the node cannot go on.
    pub async fn failure(&mut self) -> RunError {
        let has_failed = |phase: &Phase| matches!(phase, Phase::Failed(_));
        let phase = self.phase.wait_for(has_failed).await;
        let phase = phase.expect("the shell outlives its broker");
        let Phase::Failed(reason) = &*phase else { unreachable!("{phase:?} is no failure") };
        RunError::Failed(reason.clone())
    }

    /// Stops in good order: no new connections, answers to requests in flight, logs closed.
    ///
    /// # Errors
    /// When not everything could be closed; the next start then recovers it.
    pub async fn stop(mut self) -> Result<(), RunError> {
        info!("stopping");
        self.readiness.set(State::Stopping);
        self.shared.stop.set();
        for ticket in self.shell.desk.close_fetches() {
            self.shell.node.cancel(ticket);
        }
        let mut effects = Vec::new();
        self.shell.node.close_groups(&mut effects);
        self.shell.perform(effects);
        for listener in self.serving.drain(..) {
            if let Err(error) = listener.await {
                error!(%error, "a listener's task has failed");
            }
        }
        let closed = self.close_logs().await;
        self.alarm.abort();
        if let Some(admin) = &self.admin {
            admin.abort();
        }
        self.let_go().await;
        closed
    }

    /// Waits until nobody else holds the node, with which the lock of the data folder goes: who
    /// starts a broker there next shall find it free.
    async fn let_go(self) {
        let Broker { shell, shared, .. } = self;
        drop(shared);
        for _ in 0..LET_GO_ROUNDS_MAX {
            if Arc::strong_count(&shell) == 1 {
                return;
            }
            tokio::time::sleep(LET_GO_ROUND).await;
        }
        warn!("something still holds the data folder");
    }

    async fn close_logs(&mut self) -> Result<(), RunError> {
        let mut effects = Vec::new();
        self.shell.node.stop(self.shell.clock.now(), &mut effects);
        self.shell.perform(effects);
        let is_final = |phase: &Phase| matches!(phase, Phase::Stopped(_) | Phase::Failed(_));
        let Ok(phase) = timeout(CLOSE_MAX, self.phase.wait_for(is_final)).await else {
            warn!("the logs took too long to close");
            return Err(RunError::Unclean("the logs took too long".to_owned()));
        };
        match &*phase.expect("the shell outlives its broker") {
            Phase::Stopped(Err(reason)) => Err(RunError::Unclean(reason.clone())),
            Phase::Failed(reason) => Err(RunError::Failed(reason.clone())),
            Phase::Stopped(Ok(())) | Phase::Starting | Phase::Serving => Ok(()),
        }
    }
}

/// Binds the client listeners; those whose port the system chose advertise that port.
async fn bind_clients(config: &mut Config) -> Result<Vec<TcpListener>, std::io::Error> {
    let mut listeners = Vec::with_capacity(config.listeners.clients.len());
    for client in &mut config.listeners.clients {
        let listener = network::bind(&client.bind, &config.limits).await?;
        if client.advertised.port == 0 {
            client.advertised.port = listener.local_addr()?.port();
        }
        listeners.push(listener);
    }
    Ok(listeners)
}

fn open(config: &Config, telemetry: Arc<Telemetry>) -> Result<Arc<Shell>, RunError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let mut random = SystemRandom::new();
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let node = Node::open(node_config(config, random.uuid()), &disk, clock.now())?;
    let expected = config.identity.cluster_id.to_string();
    if node.cluster_id() != expected {
        let found = node.cluster_id().to_owned();
        return Err(RunError::OtherCluster { found, expected });
    }
    let lanes = Lanes {
        metadata: Pool::start("metadata", 1)?,
        data: Arc::new(Pool::start("data", config.limits.io_threads)?),
        recovery: Pool::start("recovery", config.limits.recovery_threads)?,
        cleaner: Pool::start("cleaner", config.cleaner.threads.max(1))?,
    };
    let desk = Desk::new(settings(config), clock.clone(), telemetry, Box::new(random));
    let (phase, _) = watch::channel(Phase::Starting);
    let limits = &config.limits;
    let admission = Admission::new(limits.connections_max, limits.connections_per_ip_max);
    Ok(Arc::new(Shell {
        node,
        clock,
        lanes,
        alarm: Alarm::default(),
        desk,
        admission: Arc::new(admission),
        connections_ceiling: limits.connections_ceiling,
        phase,
    }))
}

fn settings(config: &Config) -> Settings {
    Settings {
        cluster_id: config.identity.cluster_id,
        listeners: config.listeners.clients.clone(),
        auto_create: config.topics.auto_create,
        topics_may_be_deleted: config.topics.may_be_deleted,
        fetch_bytes_max: config.limits.fetch_bytes_max,
        fetch_sessions_max: config.limits.fetch_sessions_max,
        described_partitions_max: config.limits.described_partitions_max,
    }
}

async fn start_admin(
    config: &Config,
    shell: &Arc<Shell>,
    telemetry: &Arc<Telemetry>,
    readiness: &Readiness,
) -> Result<Option<(JoinHandle<()>, SocketAddr)>, std::io::Error> {
    let Some(address) = &config.listeners.admin else { return Ok(None) };
    let listener = network::bind(address, &config.limits).await?;
    let address = listener.local_addr()?;
    let admin = Admin {
        telemetry: telemetry.clone(),
        figures: Arc::new(NodeFigures { shell: shell.clone(), readiness: readiness.clone() }),
        readiness: readiness.clone(),
    };
    // Probes are answered until the very end, so it is aborted last rather than stopped.
    let stop = network::Stop::default();
    Ok(Some((tokio::spawn(admin::serve(listener, Arc::new(admin), stop)), address)))
}
