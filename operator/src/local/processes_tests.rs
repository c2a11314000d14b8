//! Brokers that are shell scripts.

use std::path::Path;

use super::*;

fn program() -> Program {
    Program::at(concat!(env!("CARGO_MANIFEST_DIR"), "/src/fakes/broker.sh"))
}

struct Laptop {
    home: tempfile::TempDir,
    processes: Processes,
    happenings: mpsc::Receiver<Happening>,
}

fn laptop() -> Laptop {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    fs::create_dir_all(folder.broker(BrokerId(0))).unwrap();
    let (processes, happenings) = Processes::new(folder, program());
    Laptop { home, processes, happenings }
}

fn properties(value: &str) -> Properties {
    Properties([("a".to_owned(), value.to_owned())].into())
}

fn starts(home: &Path) -> usize {
    fs::read_to_string(home.join("brokers/0/starts")).unwrap_or_default().lines().count()
}

impl Laptop {
    async fn phase(&self) -> Phase {
        self.processes.observe().await[&BrokerId(0)].phase.clone()
    }

    async fn until(&mut self, wanted: impl Fn(&Phase) -> bool) -> Phase {
        for _ in 0..500 {
            let phase = self.phase().await;
            if wanted(&phase) {
                return phase;
            }
            let pause = Duration::from_millis(20);
            drop(tokio::time::timeout(pause, self.happenings.recv()).await);
        }
        panic!("the broker is still {:?}", self.phase().await);
    }

    async fn run(&mut self, value: &str) {
        self.processes.run(BrokerId(0), &properties(value)).await.unwrap();
    }
}

#[tokio::test]
async fn a_broker_becomes_ready_and_stops_when_asked() {
    let mut laptop = laptop();
    laptop.run("1").await;
    laptop.until(|phase| *phase == Phase::Ready).await;
    laptop.processes.stop(BrokerId(0)).await.unwrap();
    laptop.until(|phase| *phase == Phase::Stopped).await;
    assert_eq!(starts(laptop.home.path()), 1);
    assert!(!laptop.home.path().join("brokers/0/pid").exists());
}

#[tokio::test]
async fn a_broker_that_is_killed_is_started_again_at_once() {
    let mut laptop = laptop();
    laptop.run("1").await;
    laptop.until(|phase| *phase == Phase::Ready).await;
    let pid = fs::read_to_string(laptop.home.path().join("brokers/0/pid")).unwrap();
    let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    loop {
        if let Happening::Ended { why, .. } = laptop.happenings.recv().await.unwrap() {
            assert!(why.contains("signal: 9"), "{why}");
            break;
        }
    }
    laptop.until(|phase| *phase == Phase::Ready).await;
    assert_eq!(starts(laptop.home.path()), 2);
    laptop.processes.stop_all().await;
}

#[tokio::test]
async fn a_broker_that_cannot_start_says_why_and_is_tried_with_pauses() {
    let mut laptop = laptop();
    fs::write(laptop.home.path().join("brokers/0/fail"), "").unwrap();
    laptop.run("1").await;
    let phase = laptop.until(|phase| matches!(phase, Phase::BackingOff { .. })).await;
    let Phase::BackingOff { why } = phase else { panic!("it backs off") };
    assert!(why.contains("exit status: 1, saying: the disk is made of cheese"), "{why}");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!((2..=3).contains(&starts(laptop.home.path())));
    laptop.processes.stop_all().await;
}

#[tokio::test]
async fn other_properties_mean_another_process() {
    let mut laptop = laptop();
    laptop.run("1").await;
    laptop.until(|phase| *phase == Phase::Ready).await;
    laptop.run("2").await;
    assert_eq!(laptop.phase().await, Phase::Stopping);
    laptop.until(|phase| *phase == Phase::Ready).await;
    assert_eq!(starts(laptop.home.path()), 2);
    let file = fs::read_to_string(laptop.home.path().join("brokers/0/server.properties")).unwrap();
    assert!(file.contains("a=2"), "{file}");
    laptop.processes.stop_all().await;
}

#[tokio::test]
async fn stopping_ends_even_a_broker_that_is_waiting_to_be_started_again() {
    let mut laptop = laptop();
    fs::write(laptop.home.path().join("brokers/0/fail"), "").unwrap();
    laptop.run("1").await;
    laptop.until(|phase| matches!(phase, Phase::BackingOff { .. })).await;
    let stopped = tokio::time::timeout(Duration::from_secs(5), laptop.processes.stop_all());
    stopped.await.unwrap();
}

#[tokio::test]
async fn the_identity_of_the_volumes_is_read_back() {
    let laptop = laptop();
    assert_eq!(laptop.processes.identity().await.unwrap(), None);
    let voters =
        [crate::cluster::identity::FirstVoter { id: 0, endpoint: "127.0.0.1:29092".to_owned() }];
    let identity = Identity::draw(&voters, crate::fakes::uuids());
    laptop.processes.write_identity(&identity).await.unwrap();
    assert_eq!(laptop.processes.identity().await.unwrap(), Some(identity));
    laptop.processes.remove_volume(BrokerId(0)).await.unwrap();
    assert_eq!(laptop.processes.identity().await.unwrap(), None);
}

#[tokio::test]
async fn the_broker_is_asked_what_it_thinks_of_its_properties() {
    assert_eq!(program().check(&properties("1")).await.unwrap(), []);
    let bad = Properties([("nonsense".to_owned(), "1".to_owned())].into());
    let found = program().check(&bad).await.unwrap();
    assert_eq!(
        (found[0].line, found[0].sentence.as_str()),
        (Some(2), "'nonsense' is no key of a broker")
    );
}
