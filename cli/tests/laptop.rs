//! The program as a person uses it: real brokers, real signals, exit codes.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A port nobody else here uses: the tests of one process count upwards, processes differ. All of it,
/// and the cluster's own ports 15000 and 20000 above, lies below what systems hand out by themselves.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() % 60).unwrap();
    1_100 + process * 25 + NEXT.fetch_add(1, Ordering::Relaxed)
}

struct Laptop {
    home: TempDir,
    port: u16,
}

struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Laptop {
    fn new() -> Self {
        let laptop = Self { home: tempfile::tempdir().unwrap(), port: port() };
        laptop.write("chat.yaml", 10);
        laptop
    }

    fn write(&self, name: &str, partitions: u16) {
        let port = self.port;
        let text = format!(
            "apiVersion: klamm.dev/v1alpha1
kind: Cluster
metadata: {{ name: chat }}
spec:
  listeners:
  - {{ name: plain, port: {port} }}
---
apiVersion: klamm.dev/v1alpha1
kind: Topic
metadata: {{ name: messages }}
spec:
  cluster: chat
  partitions: {partitions}
"
        );
        std::fs::write(self.home.path().join(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_klamm"));
        command.args(arguments).current_dir(self.home.path());
        command.env("XDG_DATA_HOME", self.home.path().join("data")).env_remove("KLAMM_DATA");
        command.env_remove("KLAMM_BOOTSTRAP");
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn up(&self) -> Running {
        let mut child =
            self.command(&["up", "-f", "chat.yaml"]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, lines }
    }

    /// What a plan for these manifests would do, a sentence a step.
    fn steps(&self, manifests: &str) -> Vec<String> {
        let plan = self.run(&["plan", "-f", manifests, "-o", "json"]);
        let plan: serde_json::Value = serde_json::from_slice(&plan.stdout).unwrap();
        let objects = plan["objects"].as_array().unwrap().iter();
        let steps = objects.flat_map(|object| object["steps"].as_array().unwrap());
        steps.map(|step| step.as_str().unwrap().to_owned()).collect()
    }

    fn broker(&self) -> Pid {
        let file = self.home.path().join("data/klamm/chat/brokers/0/pid");
        Pid::from_raw(std::fs::read_to_string(file).unwrap().parse().unwrap()).unwrap()
    }

    fn ready(&self) -> String {
        format!("ready 127.0.0.1:{}", self.port)
    }
}

impl Running {
    fn until(&mut self, wanted: &str) {
        let found = self.lines.by_ref().map_while(Result::ok).any(|line| line == wanted);
        assert!(found, "`klamm up` ended without saying {wanted}");
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn stop(mut self) {
        self.signal(Signal::INT);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[expect(clippy::disallowed_methods, reason = "a test of processes has nothing better to wait for")]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what}");
}

#[test]
fn up_plans_runs_and_is_ready_and_the_next_one_finds_everything() {
    let laptop = Laptop::new();
    for _ in 0..2 {
        let mut up = laptop.up();
        up.until(&laptop.ready());
        let (status, _) = said(&laptop.run(&["status"]));
        assert!(status.contains("topic/messages  True"), "{status}");
        up.stop();
    }
    let (status, _) = said(&laptop.run(&["status"]));
    assert!(status.contains("broker 0 does not run"), "{status}");
}

#[test]
fn a_second_up_changes_what_runs_and_ends() {
    let laptop = Laptop::new();
    let mut up = laptop.up();
    up.until(&laptop.ready());
    laptop.write("more.yaml", 12);
    let plan = laptop.run(&["plan", "-f", "more.yaml", "-o", "json"]);
    let plan: serde_json::Value = serde_json::from_slice(&plan.stdout).unwrap();
    assert_eq!(plan["objects"][1]["steps"][0], "grow it from 10 to 12 partitions");
    let second = laptop.run(&["up", "-f", "more.yaml"]);
    assert_eq!(code(&second), 0);
    assert_eq!(said(&second).0.lines().last(), Some(laptop.ready().as_str()));
    let status = laptop.run(&["status", "-o", "json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["items"][1]["status"]["partitions"], 12);
    let down = laptop.run(&["down"]);
    assert_eq!((code(&down), said(&down).0.lines().last()), (0, Some("stopped")));
    assert_eq!(up.child.wait().unwrap().code(), Some(0));
    assert_eq!(said(&laptop.run(&["down"])).0, "nothing runs\n");
}

#[test]
fn commands_find_the_cluster_here_and_leave_to_the_operator_what_is_the_operators() {
    let laptop = Laptop::new();
    let nowhere = laptop.run(&["topic", "list"]);
    assert_eq!(code(&nowhere), 2);
    assert!(said(&nowhere).1.starts_with("no cluster runs on this machine: say where"));
    let mut up = laptop.up();
    up.until(&laptop.ready());
    assert_eq!(code(&laptop.run(&["topic", "create", "events", "--partitions", "2"])), 0);
    let (listed, _) = said(&laptop.run(&["topic", "list", "--exclude-internal"]));
    assert!(listed.ends_with("events    2           1\nmessages  10          1\n"), "{listed}");
    let address = format!("127.0.0.1:{}", laptop.port);
    for place in [&[][..], &["-b", &address]] {
        let altered =
            laptop.run(&[&["topic", "alter", "messages", "--set", "flush.ms=9"], place].concat());
        let (_, refusal) = said(&altered);
        assert_eq!(code(&altered), 1);
        assert!(refusal.contains("is described by a manifest"), "{refusal}");
    }
    assert_eq!(code(&laptop.run(&["topic", "delete", "messages"])), 1);
    assert_eq!(code(&laptop.run(&["topic", "alter", "events", "--set", "flush.ms=9"])), 0);
    up.stop();
    let stopped = laptop.run(&["topic", "list"]);
    assert_eq!(code(&stopped), 1);
    assert!(said(&stopped).1.contains("does not run: start it with `klamm up`"));
}

#[test]
fn configs_are_changed_while_everything_runs() {
    let laptop = Laptop::new();
    let mut up = laptop.up();
    up.until(&laptop.ready());
    let broker = laptop.broker();
    let plain = std::fs::read_to_string(laptop.home.path().join("chat.yaml")).unwrap();
    let changed = plain
        .replace("  partitions: 10\n", "  partitions: 10\n  config: { retention.ms: \"5000\" }\n")
        .replace(
            "spec:\n  listeners",
            "spec:\n  config: { log.retention.bytes: \"7\" }\n  listeners",
        );
    std::fs::write(laptop.home.path().join("changed.yaml"), changed).unwrap();

    assert_eq!(
        laptop.steps("changed.yaml"),
        [
            "tell all brokers: log.retention.bytes becomes 7",
            "change its config: retention.ms 604800000 becomes 5000"
        ]
    );
    assert_eq!(code(&laptop.run(&["up", "-f", "changed.yaml"])), 0);
    assert!(laptop.steps("changed.yaml").is_empty(), "everything is as wanted");

    assert_eq!(
        laptop.steps("chat.yaml"),
        [
            "tell all brokers: log.retention.bytes 7 becomes the default",
            "change its config: retention.ms 5000 becomes the default"
        ]
    );
    assert_eq!(code(&laptop.run(&["up", "-f", "chat.yaml"])), 0);
    assert!(laptop.steps("chat.yaml").is_empty(), "everything is as wanted");
    assert_eq!(laptop.broker(), broker, "no broker was restarted");
    up.stop();
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_exit_code_2() {
    let laptop = Laptop::new();
    let mut up = laptop.up();
    up.until(&laptop.ready());
    let broker = laptop.broker();
    laptop.write("few.yaml", 3);
    let few = laptop.run(&["up", "-f", "few.yaml"]);
    assert_eq!(code(&few), 2);
    assert!(
        said(&few).1.starts_with("few.yaml:13: spec.partitions: partitions can only grow"),
        "{few:?}"
    );
    let text = std::fs::read_to_string(laptop.home.path().join("chat.yaml")).unwrap();
    let config = text.replace(
        "spec:\n  listeners",
        "spec:\n  config: { max.connection.creation.rate: \"7\" }\n  listeners",
    );
    std::fs::write(laptop.home.path().join("config.yaml"), config).unwrap();
    let config = laptop.run(&["up", "-f", "config.yaml"]);
    assert_eq!(code(&config), 2);
    assert!(
        said(&config).1.starts_with("config.yaml:5: spec.config.max.connection.creation.rate:"),
        "{config:?}"
    );
    let topic =
        text.replace("  partitions: 10\n", "  partitions: 10\n  config:\n    retention.ms: soon\n");
    std::fs::write(laptop.home.path().join("topic.yaml"), topic).unwrap();
    let topic = laptop.run(&["up", "-f", "topic.yaml"]);
    assert_eq!(code(&topic), 2);
    assert!(said(&topic).1.starts_with("topic.yaml:15: spec.config.retention.ms:"), "{topic:?}");
    let missing = laptop.run(&["up", "-f", "nowhere.yaml"]);
    assert_eq!(code(&missing), 2);
    assert_eq!(laptop.broker(), broker, "nothing that runs was touched");
    up.stop();
}

#[test]
fn a_taken_port_is_said_before_anything_is_made() {
    let laptop = Laptop::new();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", laptop.port)).unwrap();
    let up = laptop.run(&["up", "-f", "chat.yaml"]);
    assert_eq!(code(&up), 2);
    let sentence =
        format!("chat.yaml:6: spec.listeners[0].port: 127.0.0.1:{} is taken", laptop.port);
    assert!(said(&up).1.starts_with(&sentence), "{up:?}");
    assert!(!laptop.home.path().join("data/klamm/chat/objects").exists());
}

#[test]
fn manifests_may_come_from_standard_input() {
    let laptop = Laptop::new();
    let mut plan = laptop.command(&["plan", "-f", "-"]);
    let mut plan = plan.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    plan.stdin.take().unwrap().write_all(b"kind: Topci\n").unwrap();
    let output = plan.wait_with_output().unwrap();
    assert_eq!(code(&output), 2);
    assert_eq!(said(&output).1, "<stdin>:1: kind: unknown kind `Topci`; did you mean `Topic`?\n");
}

#[test]
fn a_killed_broker_is_back_and_ready_is_said_again() {
    let laptop = Laptop::new();
    let mut up = laptop.up();
    up.until(&laptop.ready());
    kill_process(laptop.broker(), Signal::KILL).unwrap();
    up.until(&laptop.ready());
    up.stop();
}

#[test]
fn brokers_end_when_up_is_killed_and_the_next_up_takes_over() {
    let laptop = Laptop::new();
    let mut up = laptop.up();
    up.until(&laptop.ready());
    let broker = laptop.broker();
    up.signal(Signal::KILL);
    up.child.wait().unwrap();
    wait_until("the broker ends with its `up`", || {
        rustix::process::test_kill_process(broker).is_err() || is_zombie(broker)
    });
    let mut up = laptop.up();
    up.until(&laptop.ready());
    up.stop();
}

/// A container without an init leaves what nobody waits for.
fn is_zombie(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()));
    status.unwrap_or_default().lines().any(|line| line.starts_with("State:") && line.contains('Z'))
}

#[test]
fn deleting_takes_objects_down() {
    let laptop = Laptop::new();
    let mut up = laptop.up();
    up.until(&laptop.ready());
    assert_eq!(code(&laptop.run(&["delete", "topic/messages"])), 0);
    assert_eq!(code(&laptop.run(&["delete", "topic/messages"])), 1);
    assert_eq!(code(&laptop.run(&["delete", "cluster/chat"])), 0);
    assert_eq!(up.child.wait().unwrap().code(), Some(0));
    let data = laptop.home.path().join("data/klamm/chat/brokers/0/data");
    assert!(Path::new(&data).is_dir(), "data are retained unless asked otherwise");
}

#[test]
fn the_definitions_are_printed_and_written() {
    let laptop = Laptop::new();
    let (printed, _) = said(&laptop.run(&["crds"]));
    assert_eq!(printed.matches("kind: CustomResourceDefinition").count(), 2);
    assert_eq!(code(&laptop.run(&["crds", "--write", "crds"])), 0);
    assert!(laptop.home.path().join("crds/topics.klamm.dev.yaml").is_file());
}

#[test]
fn without_any_cluster_there_is_a_sentence() {
    let laptop = Laptop::new();
    let status = laptop.run(&["status"]);
    assert_eq!(code(&status), 2);
    assert!(
        said(&status).1.starts_with("there is no cluster yet: start one with `klamm up"),
        "{status:?}"
    );
}
