//! Whole `up`s over brokers that are shell scripts and a Kafka that only remembers.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::config;
use crate::fakes::World;
use crate::local::message::Command;
use crate::local::{client, stopped};
use crate::manifest::{self, Kind, Object, ObjectId, Source};
use crate::world::{AdminError, ConfigChanges, HeldAlone, KafkaTopic, NewTopic, TopicChange};
use types::BrokerId;

/// A port nobody else here uses: the tests of one process count upwards, processes differ. All of it,
/// and the cluster's own ports 15000 and 20000 above, lies below what systems hand out by themselves.
fn port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() % 60).unwrap();
    1_100 + process * 25 + NEXT.fetch_add(1, Ordering::Relaxed)
}

fn options(home: &Path) -> Options {
    Options {
        folder: Folder::at(home.join("chat")),
        program: Program::at(concat!(env!("CARGO_MANIFEST_DIR"), "/src/fakes/broker.sh")),
        version: "0.1.0".to_owned(),
    }
}

fn manifests(text: &str) -> Vec<Manifest> {
    manifest::parse(&[Source { name: "chat.yaml".to_owned(), text: text.to_owned() }]).unwrap()
}

fn cluster(port: u16, more: &str) -> String {
    format!(
        "apiVersion: klamm.dev/v1alpha1\nkind: Cluster\nmetadata: {{ name: chat }}\nspec:\n  listeners:\n  - {{ name: plain, port: {port} }}\n{more}"
    )
}

fn topic(more: &str) -> String {
    format!(
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: {{ name: messages }}\nspec:\n  cluster: chat\n{more}"
    )
}

fn both(port: u16) -> String {
    format!("{}---\n{}", cluster(port, ""), topic("  partitions: 10\n"))
}

/// A test beside this one may be between fork and exec, where it holds our locks as well.
fn lock(folder: &Folder) -> Lock {
    for _ in 0..10_000 {
        if let Some(lock) = folder.lock().unwrap() {
            return lock;
        }
        std::thread::yield_now();
    }
    panic!("{} is still locked", folder.root().display());
}

struct Running {
    options: Options,
    terminal: mpsc::Receiver<Reply>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), UpError>>,
}

struct Shared(Arc<World>);

impl KafkaAdmin for Shared {
    async fn describe(&self, at: &str, topic: &str) -> Result<Option<KafkaTopic>, AdminError> {
        self.0.describe(at, topic).await
    }
    async fn create_topic(
        &self,
        at: &str,
        topic: &NewTopic,
    ) -> Result<Option<KafkaTopic>, AdminError> {
        self.0.create_topic(at, topic).await
    }

    async fn validate_change(
        &self,
        at: &str,
        topic: &str,
        change: &TopicChange,
    ) -> Result<(), AdminError> {
        self.0.validate_change(at, topic, change).await
    }
    async fn create_partitions(&self, at: &str, topic: &str, total: i32) -> Result<(), AdminError> {
        self.0.create_partitions(at, topic, total).await
    }
    async fn alter_topic(
        &self,
        at: &str,
        topic: &str,
        changes: &ConfigChanges,
    ) -> Result<(), AdminError> {
        self.0.alter_topic(at, topic, changes).await
    }
    async fn describe_all_brokers(&self, at: &str) -> Result<config::Found, AdminError> {
        self.0.describe_all_brokers(at).await
    }
    async fn alter_all_brokers(&self, at: &str, changes: &ConfigChanges) -> Result<(), AdminError> {
        self.0.alter_all_brokers(at, changes).await
    }
    async fn held_alone(&self, at: &str) -> Result<BTreeMap<BrokerId, HeldAlone>, AdminError> {
        self.0.held_alone(at).await
    }
    async fn delete_topic(&self, at: &str, topic: &str) -> Result<(), AdminError> {
        self.0.delete_topic(at, topic).await
    }
}

fn start(home: &Path, kafka: &Arc<World>, text: &str) -> Running {
    let options = options(home);
    options.folder.create().unwrap();
    let lock = lock(&options.folder);
    let up = Up::new(options.clone(), lock, Shared(Arc::clone(kafka))).unwrap();
    let (replies, terminal) = mpsc::channel(1_000);
    let (stop, stopped) = oneshot::channel();
    let manifests = if text.is_empty() { Vec::new() } else { manifests(text) };
    let task = tokio::spawn(up.run(manifests, replies, async { drop(stopped.await) }));
    Running { options, terminal, stop, task }
}

impl Running {
    async fn until_last(&mut self) -> (Vec<Reply>, Reply) {
        let mut before = Vec::new();
        while let Some(reply) = self.terminal.recv().await {
            if reply.is_last() {
                return (before, reply);
            }
            before.push(reply);
        }
        panic!("the terminal closed after {before:?}");
    }

    async fn ready(&mut self) -> Vec<Reply> {
        let (before, last) = self.until_last().await;
        assert!(matches!(last, Reply::Ready(_)), "{before:?} {last:?}");
        before
    }

    async fn ask(&self, command: Command) -> (Vec<Reply>, Reply) {
        let mut before = Vec::new();
        let last = client::ask(&self.options.folder, "0.1.0", command, |reply| before.push(reply));
        let last = last.await.unwrap();
        (before, last)
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
        drop(lock(&self.options.folder));
    }

    fn starts(&self) -> usize {
        let file = self.options.folder.broker(BrokerId(0)).join("starts");
        std::fs::read_to_string(file).unwrap_or_default().lines().count()
    }
}

async fn versions(running: &Running) -> Vec<Option<String>> {
    let (_, last) = running.ask(Command::Status).await;
    let Reply::Report(report) = last else { panic!("{last:?}") };
    assert!(report.running);
    report.objects.iter().map(|object| object.meta().resource_version.clone()).collect()
}

fn refused(reply: Reply) -> Vec<String> {
    let Reply::Refused(problems) = reply else { panic!("{reply:?}") };
    problems.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn manifests_become_a_running_cluster_with_its_topic() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    let told = running.ready().await;
    let Reply::Proposal(proposal) = &told[0] else { panic!("{told:?}") };
    assert_eq!(proposal.objects[1].steps, ["create it with 10 partitions, 1 replica"]);
    let progress: Vec<String> = told[1..].iter().map(|reply| format!("{reply:?}")).collect();
    let address = format!("start broker 0 on 127.0.0.1:{port}");
    for sentence in ["draw the ids", &address, "broker 0 is ready", "topic messages: create it"] {
        assert!(progress.iter().any(|told| told.contains(sentence)), "{sentence}: {progress:?}");
    }
    assert_eq!(kafka.with(|state| state.kafka["messages"].partitions), 10);
    running.stop().await;
}

#[tokio::test]
async fn run_again_everything_is_still_there() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    running.stop().await;
    let id = |options: &Options| {
        let store = ObjectStore::open(&options.folder.objects()).unwrap();
        let cluster = store.list().into_iter().find_map(Object::into_cluster).unwrap();
        cluster.status.unwrap().cluster_id.unwrap()
    };
    let before = id(&options(home.path()));
    let mut running = start(home.path(), &kafka, "");
    running.ready().await;
    assert_eq!(id(&running.options), before);
    let properties = running.options.folder.broker(BrokerId(0)).join("server.properties");
    assert!(!std::fs::read_to_string(properties).unwrap().contains("initial.controllers"));
    running.stop().await;
}

#[tokio::test]
async fn what_is_as_wanted_is_not_written_again() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    // Ready can be told before the last note is written down.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = versions(&running).await;
    let (_, last) = running.ask(Command::Apply(manifests(&both(port)))).await;
    assert!(matches!(last, Reply::Ready(_)), "{last:?}");
    assert_eq!(versions(&running).await, before);
    assert_eq!(running.starts(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_second_up_hands_its_manifests_over_and_waits_until_they_are_ready() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    let (told, last) = running.ask(Command::Apply(manifests(&topic("  partitions: 12\n")))).await;
    assert!(matches!(last, Reply::Ready(_)), "{last:?}");
    let Reply::Proposal(proposal) = &told[0] else { panic!("{told:?}") };
    assert_eq!(proposal.objects[0].steps, ["grow it from 10 to 12 partitions"]);
    assert_eq!(kafka.with(|state| state.kafka["messages"].partitions), 12);
    running.stop().await;
}

#[tokio::test]
async fn a_changed_key_restarts_the_broker() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    let changed = cluster(port, "  config: { num.partitions: \"3\" }\n");
    let (told, last) = running.ask(Command::Apply(manifests(&changed))).await;
    assert!(matches!(last, Reply::Ready(_)), "{last:?}");
    assert!(format!("{told:?}").contains("restart broker 0: num.partitions becomes 3"), "{told:?}");
    assert_eq!(running.starts(), 2);
    running.stop().await;
}

#[tokio::test]
async fn a_changed_config_of_a_topic_is_shown_and_then_done() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    let changed = topic("  partitions: 10\n  config: { retention.ms: \"5\" }\n");
    let (told, last) = running.ask(Command::Apply(manifests(&changed))).await;
    assert!(matches!(last, Reply::Ready(_)), "{last:?}");
    let Reply::Proposal(proposal) = &told[0] else { panic!("{told:?}") };
    assert_eq!(proposal.objects[0].steps, ["change its config: retention.ms becomes 5"]);
    assert_eq!(kafka.with(|state| state.kafka["messages"].config.set["retention.ms"].clone()), "5");
    assert_eq!(running.starts(), 1, "no broker was restarted");
    running.stop().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_line_and_nothing_is_touched() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = versions(&running).await;
    let apply = async |text: &str| refused(running.ask(Command::Apply(manifests(text))).await.1);
    assert_eq!(
        apply(&topic("  partitions: 4\n")).await[0],
        "chat.yaml:6: spec.partitions: partitions can only grow: there are 10, and 4 would lose records"
    );
    assert_eq!(
        apply(&cluster(port, "  config:\n    nonsense: \"1\"\n")).await,
        ["chat.yaml:8: spec.config.nonsense: 'nonsense' is no key of a broker"]
    );
    assert_eq!(
        apply(&topic("  partitions: 10\n  config:\n    nonsense: \"1\"\n")).await[0],
        "chat.yaml:8: spec.config.nonsense: Unknown topic config name: nonsense"
    );
    assert!(
        apply(&cluster(port, "  version: 9.9.9\n")).await[0]
            .starts_with("chat.yaml:7: spec.version: this is Klamm 0.1.0")
    );
    assert!(
        apply(&topic("").replace("cluster: chat", "cluster: mail")).await[0]
            .contains("spec.cluster: cluster is immutable")
    );
    let stranger =
        topic("").replace("cluster: chat", "cluster: mail").replace("name: messages", "name: a");
    assert_eq!(
        apply(&stranger).await,
        [
            "chat.yaml:5: spec.cluster: there is no cluster mail, neither in these manifests nor in this folder"
        ]
    );
    let twin = topic("  name: messages\n").replace("{ name: messages }", "{ name: twin }");
    assert_eq!(
        apply(&twin).await,
        ["chat.yaml:6: spec.name: topic messages stands for the Kafka topic `messages` already"]
    );
    let other = cluster(port, "").replace("name: chat", "name: mail");
    assert!(apply(&other).await[0].contains("this folder holds cluster chat already"));
    assert_eq!(versions(&running).await, before);
    assert_eq!(running.starts(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_refused_before_anything_is_made() {
    let (home, kafka) = (tempfile::tempdir().unwrap(), Arc::default());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let running = start(home.path(), &kafka, &both(port));
    let error = running.task.await.unwrap().unwrap_err().to_string();
    assert!(
        error.starts_with(&format!(
            "chat.yaml:6: spec.listeners[0].port: 127.0.0.1:{port} is taken"
        )),
        "{error}"
    );
    assert!(!running.options.folder.objects().exists());
}

#[tokio::test]
async fn a_plan_changes_nothing() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = versions(&running).await;
    let changed = cluster(port, "  config: { num.partitions: \"3\" }\n");
    let (told, _) = running.ask(Command::Plan(manifests(&changed))).await;
    assert!(format!("{told:?}").contains("restart broker 0"), "{told:?}");
    assert_eq!(versions(&running).await, before);
    running.stop().await;
}

#[tokio::test]
async fn down_stops_everything_and_keeps_it() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    let (_, last) = running.ask(Command::Down).await;
    assert_eq!(last, Reply::Done("stopped".to_owned()));
    running.task.await.unwrap().unwrap();
    let report = stopped::report(&running.options).await.unwrap();
    assert!(!report.running);
    assert_eq!(report.objects.len(), 2);
    assert!(format!("{:?}", report.objects[0]).contains("broker 0 does not run"));
}

#[tokio::test]
async fn deleting_a_topic_keeps_its_records_unless_asked_otherwise() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    let id = ObjectId { kind: Kind::Topic, name: "messages".to_owned() };
    let (_, last) = running.ask(Command::Delete(vec![id.clone()])).await;
    assert_eq!(last, Reply::Done("deleted".to_owned()));
    assert!(kafka.with(|state| state.kafka.contains_key("messages")));
    let with_records = topic("  partitions: 10\n  deletionPolicy: Delete\n");
    let (_, last) = running.ask(Command::Apply(manifests(&with_records))).await;
    assert!(matches!(last, Reply::Ready(_)), "{last:?}");
    running.ask(Command::Delete(vec![id.clone()])).await;
    assert!(!kafka.with(|state| state.kafka.contains_key("messages")));
    let (_, last) = running.ask(Command::Delete(vec![id])).await;
    assert_eq!(last, Reply::Failed("there is no topic messages".to_owned()));
    running.stop().await;
}

#[tokio::test]
async fn deleting_the_cluster_ends_its_up_and_keeps_its_data_for_a_later_one() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &cluster(port, ""));
    running.ready().await;
    let id = ObjectId { kind: Kind::Cluster, name: "chat".to_owned() };
    let (_, last) = running.ask(Command::Delete(vec![id])).await;
    assert_eq!(last, Reply::Done("deleted".to_owned()));
    running.task.await.unwrap().unwrap();
    let mut running = start(home.path(), &kafka, &cluster(port, ""));
    let told = running.ready().await;
    assert!(format!("{told:?}").contains("take over the data of cluster id"), "{told:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_stopped_cluster_can_be_deleted_with_its_data() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let pools = "  pools: [{ name: brokers, storage: { deletionPolicy: Delete } }]\n";
    let mut running = start(
        home.path(),
        &kafka,
        &format!("{}---\n{}", cluster(port, pools), topic("  deletionPolicy: Delete\n")),
    );
    running.ready().await;
    running.stop().await;
    let topic = ObjectId { kind: Kind::Topic, name: "messages".to_owned() };
    let error =
        stopped::delete(&options(home.path()), &World::default(), std::slice::from_ref(&topic))
            .await
            .unwrap_err();
    assert!(error.to_string().contains("its cluster has to run"), "{error}");
    let cluster = ObjectId { kind: Kind::Cluster, name: "chat".to_owned() };
    stopped::delete(&options(home.path()), &World::default(), &[topic, cluster]).await.unwrap();
    assert!(stopped::report(&options(home.path())).await.unwrap().objects.is_empty());
    assert!(!options(home.path()).folder.broker(BrokerId(0)).exists());
}

#[tokio::test]
async fn a_broker_that_dies_is_back_and_ready_is_said_again() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    let pid = running.options.folder.broker(BrokerId(0)).join("pid");
    let pid = std::fs::read_to_string(pid).unwrap().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let told = running.ready().await;
    assert!(format!("{told:?}").contains("signal: 9"), "{told:?}");
    running.stop().await;
}

#[tokio::test]
async fn another_version_of_the_program_is_told_so() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &both(port));
    running.ready().await;
    let last =
        client::ask(&running.options.folder, "0.2.0", Command::Status, |_| {}).await.unwrap();
    let Reply::Failed(sentence) = last else { panic!("{last:?}") };
    assert!(sentence.contains("version 0.1.0, and this program of 0.2.0"), "{sentence}");
    running.stop().await;
}

#[tokio::test]
async fn an_empty_folder_without_manifests_has_nothing_to_run() {
    let (home, kafka) = (tempfile::tempdir().unwrap(), Arc::default());
    let running = start(home.path(), &kafka, "");
    let error = running.task.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("holds no cluster: give its manifest with -f"), "{error}");
}

#[tokio::test]
async fn a_manual_cluster_is_restarted_when_its_plan_is_approved() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::default(), port());
    let mut running = start(home.path(), &kafka, &cluster(port, "  apply: Manual\n"));
    running.ready().await;
    let changed = cluster(port, "  apply: Manual\n  config: { num.partitions: \"3\" }\n");
    let (_, last) = running.ask(Command::Apply(manifests(&changed))).await;
    let Reply::Failed(sentence) = last else { panic!("{last:?}") };
    assert!(sentence.contains("the plan waits for approval"), "{sentence}");
    assert_eq!(running.starts(), 1);
    let hash = sentence.rsplit_once("--approve ").unwrap().1.trim_end_matches('`').to_owned();
    running.ask(Command::Approve(hash)).await;
    running.ready().await;
    assert_eq!(running.starts(), 2);
    running.stop().await;
}

#[tokio::test]
async fn a_topic_the_cluster_refuses_does_not_keep_the_others_waiting_for_ever() {
    let (home, kafka, port) = (tempfile::tempdir().unwrap(), Arc::<World>::default(), port());
    let no = AdminError::Refused {
        code: "INVALID_CONFIG".to_owned(),
        sentence: "x is no number".to_owned(),
    };
    kafka.with(|state| state.refuse = Some(no));
    let mut running = start(home.path(), &kafka, &both(port));
    let (_, last) = running.until_last().await;
    assert_eq!(last, Reply::Failed("topic messages: x is no number".to_owned()));
    running.stop().await;
}
