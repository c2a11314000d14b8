//! What groups cost on a real disk: printed, for those who change something about it.
//!
//!     cargo test --profile ci -p node --test group_costs -- --ignored --nocapture
#![expect(clippy::print_stdout, reason = "printing is what it is for")]
#![expect(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "this is a test")]

mod driver;

use std::{collections::VecDeque, path::PathBuf, sync::Arc, time::Duration};

use configuration::Layers;
use node::{
    Effect, Effects, Node, Ticket,
    answer::Answer,
    control::Command,
    coordinator::{
        Generation, GroupId, MemberId,
        answer::{Answer as GroupAnswer, Joined},
        request::{Caller, Commit, CommitOffset, GroupPartition, Heartbeat, Join, Request, Sync},
    },
};
use runtime::{Clock, Disk, SystemClock, SystemDisk};
use types::{LeaderEpoch, Now, Offset, PartitionIndex};

const GROUPS: usize = 1_000;
const PARTITIONS: i32 = 1_000;
const REQUESTS: usize = 100_000;
const ONE_SHARD: &[(&str, &str)] =
    &[("offsets.topic.num.partitions", "1"), ("group.initial.rebalance.delay.ms", "0")];

#[test]
#[ignore = "prints times; takes half a minute"]
fn what_groups_cost() {
    let began = Time::now();
    drop(Shell::start(&Folder::new("topic"), &[]));
    println!("a new broker and the topic of groups: {}", began.since(1));

    let folder = Folder::new("groups");
    let mut shell = Shell::start(&folder, ONE_SHARD);
    let began = Time::now();
    for group in 0..GROUPS {
        let offsets = (0..PARTITIONS).map(|partition| offset_of(partition, 7)).collect();
        assert_eq!(shell.commit(&format!("group-{group}"), outside(), offsets), 1_000);
    }
    println!("a million offsets, {PARTITIONS} in a commit: {}", began.since(1));

    let began = Time::now();
    for request in 0..REQUESTS {
        let group = format!("group-{}", request % GROUPS);
        shell.commit(&group, outside(), vec![offset_of(0, 8)]);
    }
    println!("a commit of one offset: {}", began.since(REQUESTS));

    let joined = shell.join("readers");
    let caller = Caller { member: joined.member, instance: None, generation: joined.generation };
    let began = Time::now();
    for _ in 0..REQUESTS {
        let request = Heartbeat { group: id("readers"), caller: caller.clone() };
        assert_eq!(shell.ask(Request::Heartbeat(request)), GroupAnswer::Heartbeat(Ok(())));
    }
    println!("a heartbeat: {}", began.since(REQUESTS));

    drop(shell);
    let mut shell = Shell::open(&folder, ONE_SHARD);
    let began = Time::now();
    shell.run();
    let took = began.since(1);
    let mut records = 0;
    shell.node.show_committed(|_| records += 1);
    assert_eq!(records, GROUPS * PARTITIONS as usize);
    println!("a start that loads a million offsets and {REQUESTS} later ones: {took}");
}

/// What time it was, and how much of it this thread had got from the processor.
struct Time {
    wall: Duration,
    processor: Duration,
}

impl Time {
    fn now() -> Time {
        let clock = std::fs::read_to_string("/proc/uptime").unwrap();
        let seconds = clock.split(' ').next().unwrap().parse().unwrap();
        let used = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        let nanoseconds = used.split(' ').next().unwrap().parse().unwrap();
        Time {
            wall: Duration::from_secs_f64(seconds),
            processor: Duration::from_nanos(nanoseconds),
        }
    }

    /// The time for one of `count` since then.
    fn since(&self, count: usize) -> String {
        let (now, count) = (Time::now(), u32::try_from(count).unwrap());
        let (wall, processor) = (now.wall - self.wall, now.processor - self.processor);
        format!("{:?}, {:?} of them on the processor", wall / count, processor / count)
    }
}

/// A folder on a real disk, which goes when it is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        Folder(std::env::temp_dir().join(format!("klamm-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A shell that does everything at once, on one thread.
struct Shell {
    node: Node,
    clock: SystemClock,
    pending: VecDeque<Effect>,
    answer: Option<Answer>,
    next: u64,
}

impl Shell {
    fn open(folder: &Folder, file: &[(&str, &str)]) -> Shell {
        let clock = SystemClock::new();
        let mut config = driver::config();
        config.folder.clone_from(&folder.0);
        let file = file.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        config.file = Layers::of_file(Arc::new(file.collect()));
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let node = Node::open(config, &disk, clock.now()).unwrap();
        let mut effects = Effects::new();
        node.control(clock.now(), Command::Start, &mut effects);
        Shell { node, clock, pending: effects.into(), answer: None, next: 0 }
    }

    fn start(folder: &Folder, file: &[(&str, &str)]) -> Shell {
        let mut shell = Shell::open(folder, file);
        shell.run();
        let mut effects = Effects::new();
        shell.node.coordinator_of(shell.now(), &id("any"), &mut effects).unwrap_err();
        shell.pending.extend(effects);
        shell.run();
        shell
    }

    fn now(&self) -> Now {
        self.clock.now()
    }

    fn run(&mut self) {
        while let Some(effect) = self.pending.pop_front() {
            let mut effects = Effects::new();
            match effect {
                Effect::Answer { answer, .. } => self.answer = Some(answer),
                Effect::Run(job) => self.node.complete(self.now(), job.run(), &mut effects),
                Effect::Control(command) => self.node.control(self.now(), command, &mut effects),
                Effect::Fail(reason) => panic!("{reason}"),
                _ => {}
            }
            self.pending.extend(effects);
        }
    }

    fn ask(&mut self, request: Request) -> GroupAnswer {
        self.next += 1;
        let mut effects = Effects::new();
        self.node.coordinate(self.now(), Ticket(self.next), request, &mut effects);
        self.pending.extend(effects);
        self.run();
        if self.answer.is_none() {
            self.tick();
        }
        match self.answer.take() {
            Some(Answer::Group(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn tick(&mut self) {
        let mut effects = Effects::new();
        self.node.tick(self.now(), &mut effects);
        self.pending.extend(effects);
        self.run();
    }

    /// How many offsets were accepted.
    fn commit(&mut self, group: &str, caller: Caller, offsets: Vec<CommitOffset>) -> usize {
        let request = Commit { group: id(group), caller, retention: None, offsets };
        match self.ask(Request::Commit(request)) {
            GroupAnswer::Commit(results) => results.iter().filter(|result| result.is_ok()).count(),
            other => panic!("{other:?}"),
        }
    }

    fn join(&mut self, group: &str) -> Joined {
        let request = Join {
            group: id(group),
            member: MemberId::default(),
            instance: None,
            client: Default::default(),
            session_timeout: Duration::from_secs(45),
            rebalance_timeout: Duration::from_secs(60),
            protocol_type: "consumer".into(),
            protocols: vec![("range".into(), Default::default())],
            reason: None,
            member_id_required: false,
            may_skip_assignment: true,
            unique: "unique".into(),
        };
        let joined = match self.ask(Request::Join(request)) {
            GroupAnswer::Join(joined) => joined.unwrap(),
            other => panic!("{other:?}"),
        };
        let caller =
            Caller { member: joined.member.clone(), instance: None, generation: joined.generation };
        let request = Sync {
            group: id(group),
            caller,
            protocol_type: None,
            protocol: None,
            assignments: vec![(joined.member.clone(), Default::default())],
        };
        assert!(matches!(self.ask(Request::Sync(request)), GroupAnswer::Sync(Ok(_))));
        joined
    }
}

fn id(group: &str) -> GroupId {
    GroupId(group.into())
}

/// Nobody's: a commit from outside the group.
fn outside() -> Caller {
    Caller { member: MemberId::default(), instance: None, generation: Generation::NONE }
}

fn offset_of(partition: i32, offset: i64) -> CommitOffset {
    CommitOffset {
        partition: GroupPartition { topic: "chat".into(), partition: PartitionIndex(partition) },
        topic_id: None,
        offset: Offset(offset),
        leader_epoch: LeaderEpoch::NONE,
        metadata: Default::default(),
        committed_at: types::Timestamp(0),
    }
}
