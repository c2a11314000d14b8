//! A shell around one node for tests: runs its effects at once, its jobs when told.
#![allow(dead_code, reason = "each test file uses its own part of it")]
#![expect(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "this is a test")]

pub(crate) mod groups;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use metadata::{
    controller::{
        Alteration, ConfigChange, ConfigOperation, CreateTopic, Layout, TopicRef as Named, Wanted,
    },
    image::ConfigResource,
};
use node::{
    CleanerConfig, Config, Effect, Effects, Endpoint, Formatting, Job, Node, Ticket, TopicConfig,
    answer::{Answer, DeleteRecordsError, ListedOffset, PartitionError, ProduceError, Produced},
    control::{Command, Outcome, Request},
    request::{
        Acks, DeleteRecords, DeleteRecordsPartition, Fetch, FetchPartition, Isolation,
        ListOffsetsPartition, Position, Produce, ProducePartition, TopicRef,
    },
};
use protocol::records::{BatchBuilder, Compression, batches};
use runtime::{Disk, simulated::SimDisk};
use types::{
    BrokerId, DirectoryId, Instant, Now, Offset, PartitionIndex, ProducerEpoch, ProducerId,
    Sequence, Timestamp, TopicId, TopicName, Uuid,
};

pub(crate) struct Driver {
    pub(crate) config: Config,
    disk: SimDisk,
    node: Option<Node>,
    now: Now,
    next: u64,
    answers: BTreeMap<Ticket, Answer>,
    jobs: Vec<Job>,
    serving: bool,
    stopped: Option<Result<(), String>>,
    failed: Option<String>,
}

fn setting(resource: &ConfigResource, key: &str, value: &str) -> Request {
    let operation = ConfigOperation::Set(value.to_owned());
    let change = ConfigChange { key: key.to_owned(), operation };
    let wanted = Wanted::Changes(vec![change]);
    let alterations = vec![Alteration { resource: resource.clone(), wanted }];
    Request::AlterConfigs { alterations, validate_only: false }
}

impl Driver {
    pub(crate) fn new() -> Driver {
        Driver::on(SimDisk::new(7))
    }

    /// A driver of a node whose folder is on this disk.
    pub(crate) fn on(disk: SimDisk) -> Driver {
        Driver {
            config: config(),
            disk,
            node: None,
            now: Now { instant: Instant(1_000_000_000), wall: Timestamp(1_700_000_000_000) },
            next: 0,
            answers: BTreeMap::new(),
            jobs: Vec::new(),
            serving: false,
            stopped: None,
            failed: None,
        }
    }

    pub(crate) fn node(&self) -> &Node {
        self.node.as_ref().expect("the node was started")
    }

    pub(crate) fn start(&mut self) {
        self.try_start().unwrap();
    }

    /// Starts the node on what is there, or says why it does not.
    pub(crate) fn try_start(&mut self) -> Result<(), String> {
        self.try_begin_start()?;
        while self.failed.is_none() && !self.jobs.is_empty() {
            self.run_waiting_jobs();
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    fn begin_start(&mut self) {
        self.try_begin_start().unwrap();
    }

    fn try_begin_start(&mut self) -> Result<(), String> {
        self.next += 1;
        self.config.incarnation = Uuid::from_u128(1_000 + u128::from(self.next));
        (self.serving, self.stopped) = (false, None);
        self.jobs.clear();
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let opened = Node::open(self.config.clone(), &disk, self.now);
        self.node = Some(opened.map_err(|error| error.to_string())?);
        let mut effects = Effects::new();
        self.node().control(self.now, Command::Start, &mut effects);
        self.carry_out(effects);
        Ok(())
    }

    /// Starts the node on what is there and runs its jobs but for those of this name.
    pub(crate) fn start_without(&mut self, name: &str) {
        self.begin_start();
        self.run_jobs_but(name);
    }

    /// Runs the jobs that wait and those that they ask for, but for those of this name.
    pub(crate) fn run_jobs_but(&mut self, name: &str) {
        while let Some(index) = self.jobs.iter().position(|job| job.name() != name) {
            let job = self.jobs.remove(index);
            let mut effects = Effects::new();
            self.node().complete(self.now, job.run(), &mut effects);
            self.carry_out(effects);
        }
    }

    pub(crate) fn is_serving(&self) -> bool {
        self.serving
    }

    pub(crate) fn kill(&mut self) {
        self.node = None;
        self.disk = self.disk.kill();
    }

    pub(crate) fn cut_power(&mut self) {
        self.node = None;
        self.disk = self.disk.crash();
    }

    pub(crate) fn stop(&mut self) -> Result<(), String> {
        self.begin_stop();
        self.finish_stop()
    }

    pub(crate) fn pass(&mut self, milliseconds: u64) {
        self.now.instant = self.now.instant.after(Duration::from_millis(milliseconds));
        self.now.wall.0 += i64::try_from(milliseconds).unwrap();
        let mut effects = Effects::new();
        self.node().tick(self.now, &mut effects);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Effects) {
        for effect in effects {
            let mut more = Effects::new();
            match effect {
                Effect::Answer { ticket, answer } => {
                    assert!(self.answers.insert(ticket, answer).is_none(), "answered twice");
                }
                Effect::Resume(ticket) => self.node().resume(self.now, ticket, &mut more),
                Effect::Run(job) => self.jobs.push(job),
                Effect::Control(command) => self.node().control(self.now, command, &mut more),
                Effect::WakeAt(_) | Effect::Publish(_) => {}
                Effect::Serving => self.serving = true,
                Effect::Fail(reason) if !self.serving => self.failed = Some(reason),
                Effect::Fail(reason) => panic!("the node failed: {reason}"),
                Effect::Stopped(outcome) => self.stopped = Some(outcome),
            }
            self.carry_out(more);
        }
    }

    pub(crate) fn run_jobs(&mut self) {
        while !self.jobs.is_empty() {
            self.run_waiting_jobs();
        }
    }

    /// Runs the oldest job; how many are left then.
    pub(crate) fn run_one_job(&mut self) -> usize {
        let job = self.jobs.remove(0);
        let mut effects = Effects::new();
        self.node().complete(self.now, job.run(), &mut effects);
        self.carry_out(effects);
        self.jobs.len()
    }

    /// Asks the node to stop; its jobs are run when told.
    pub(crate) fn begin_stop(&mut self) {
        let mut effects = Effects::new();
        self.node().stop(self.now, &mut effects);
        self.carry_out(effects);
    }

    /// Runs the jobs of a stop to its end.
    pub(crate) fn finish_stop(&mut self) -> Result<(), String> {
        self.run_jobs();
        self.node = None;
        self.stopped.take().expect("the node says when it has stopped")
    }

    /// How many jobs wait.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs.len()
    }

    /// Runs the jobs that wait, but not those that they ask for.
    pub(crate) fn run_waiting_jobs(&mut self) {
        for job in std::mem::take(&mut self.jobs) {
            let mut effects = Effects::new();
            self.node().complete(self.now, job.run(), &mut effects);
            self.carry_out(effects);
        }
    }

    pub(crate) fn now(&self) -> Now {
        self.now
    }

    fn ticket(&mut self) -> Ticket {
        self.next += 1;
        Ticket(self.next)
    }

    fn control(&mut self, request: Request) -> Outcome {
        let ticket = self.ticket();
        let mut effects = Effects::new();
        self.node().control(self.now, Command::Request { ticket, request }, &mut effects);
        self.carry_out(effects);
        self.run_jobs();
        match self.answers.remove(&ticket) {
            Some(Answer::Control(outcome)) => outcome,
            other => panic!("{other:?}"),
        }
    }

    /// Asks for a topic, which nobody waits for longer than a second.
    pub(crate) fn begin_create(&mut self, name: &str) -> Ticket {
        let topic = CreateTopic {
            name: name.to_owned(),
            id: TopicId(Uuid::from_u128(0x7000)),
            layout: Layout::Counts { partitions: 1, replicas: 1 },
            configs: Vec::new(),
            seed: 0,
        };
        let request = Request::CreateTopics { topics: vec![topic], validate_only: false };
        let (ticket, mut effects) = (self.ticket(), Effects::new());
        let second = Duration::from_secs(1);
        self.node().ask_controller(self.now, ticket, second, request, &mut effects);
        self.carry_out(effects);
        ticket
    }

    pub(crate) fn take_control(&mut self, ticket: Ticket) -> Option<Outcome> {
        match self.answers.remove(&ticket)? {
            Answer::Control(outcome) => Some(outcome),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn create_topic(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        self.next += 1;
        let topic = CreateTopic {
            name: name.to_owned(),
            id: TopicId(Uuid::from_u128(0x7000_0000 + u128::from(self.next))),
            layout: Layout::Counts { partitions, replicas: 1 },
            configs: configs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned())))
                .collect(),
            seed: 0,
        };
        let request = Request::CreateTopics { topics: vec![topic], validate_only: false };
        let Outcome::CreateTopics(results) = self.control(request) else { panic!() };
        results[0].outcome.as_ref().unwrap();
    }

    /// Sets one key of a topic, or of brokers.
    pub(crate) fn configure(&mut self, resource: &ConfigResource, key: &str, value: &str) {
        let Outcome::AlterConfigs(results) = self.control(setting(resource, key, value)) else {
            panic!()
        };
        results[0].as_ref().unwrap();
    }

    /// Sets one key; of the jobs only those of the metadata log are run.
    pub(crate) fn configure_before_its_jobs(
        &mut self,
        resource: &ConfigResource,
        key: &str,
        value: &str,
    ) {
        let kept = std::mem::take(&mut self.jobs);
        self.configure(resource, key, value);
        self.jobs.extend(kept);
    }

    pub(crate) fn delete_topic(&mut self, name: &str) {
        let request = Request::DeleteTopics { topics: vec![Named::Name(name.to_owned())] };
        let Outcome::DeleteTopics(results) = self.control(request) else { panic!() };
        results[0].outcome.as_ref().unwrap();
    }

    pub(crate) fn producer_id(&mut self) -> ProducerId {
        let ticket = self.ticket();
        let mut effects = Effects::new();
        self.node().init_producer_id(self.now, ticket, &mut effects);
        self.carry_out(effects);
        self.run_jobs();
        match self.answers.remove(&ticket) {
            Some(Answer::ProducerId(Ok((id, _)))) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Produces one record with a time of its own as an idempotent producer.
    pub(crate) fn produce_as(
        &mut self,
        producer: ProducerId,
        sequence: i32,
        time: i64,
    ) -> Result<Produced, ProduceError> {
        let (epoch, sequence) = (ProducerEpoch(0), Sequence(sequence));
        let mut batch = BatchBuilder::new(Compression::NONE).producer(producer, epoch, sequence);
        batch.push(Timestamp(time), None, Some(b"value"), &[]);
        let ticket = self.send_batch("chat", 0, Acks::All, batch.build());
        self.run_jobs();
        self.take_produced(ticket).expect("the produce is answered")
    }

    pub(crate) fn begin_produce(
        &mut self,
        topic: &str,
        partition: i32,
        acks: Acks,
        values: &[&str],
    ) -> Ticket {
        let mut batch = BatchBuilder::new(Compression::NONE);
        for value in values {
            batch.push(self.now.wall, None, Some(value.as_bytes()), &[]);
        }
        self.send_batch(topic, partition, acks, batch.build())
    }

    /// Produces one record with a key; without a value it is a tombstone.
    pub(crate) fn put(&mut self, topic: &str, key: &str, value: Option<&str>) {
        let mut batch = BatchBuilder::new(Compression::NONE);
        batch.push(self.now.wall, Some(key.as_bytes()), value.map(str::as_bytes), &[]);
        let ticket = self.send_batch(topic, 0, Acks::All, batch.build());
        self.run_jobs();
        self.take_produced(ticket).expect("the produce is answered").unwrap();
    }

    fn send_batch(
        &mut self,
        topic: &str,
        partition: i32,
        acks: Acks,
        records: bytes::Bytes,
    ) -> Ticket {
        let request = Produce {
            acks,
            timeout: Duration::from_secs(30),
            zstd_allowed: true,
            internal_allowed: false,
            partitions: vec![ProducePartition {
                topic: named(topic),
                partition: PartitionIndex(partition),
                records,
            }],
        };
        let ticket = self.ticket();
        let mut effects = Effects::new();
        self.node().produce(self.now, ticket, request, &mut effects);
        self.carry_out(effects);
        ticket
    }

    pub(crate) fn take_produced(
        &mut self,
        ticket: Ticket,
    ) -> Option<Result<Produced, ProduceError>> {
        match self.answers.remove(&ticket)? {
            Answer::Produce(mut results) => results.pop(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn produce(
        &mut self,
        topic: &str,
        partition: i32,
        acks: Acks,
        values: &[&str],
    ) -> Result<Produced, ProduceError> {
        let ticket = self.begin_produce(topic, partition, acks, values);
        self.run_jobs();
        self.take_produced(ticket).expect("the produce is answered")
    }

    pub(crate) fn begin_fetch(&mut self, topic: &str, partition: i32, offset: i64) -> Ticket {
        self.send_fetch(topic, partition, offset, Duration::from_millis(500))
    }

    /// Produces one record of this time.
    pub(crate) fn produce_at(&mut self, time: i64) -> Produced {
        let mut batch = BatchBuilder::new(Compression::NONE);
        batch.push(Timestamp(time), None, Some(b"value"), &[]);
        let ticket = self.send_batch("chat", 0, Acks::All, batch.build());
        self.run_jobs();
        let produced = self.take_produced(ticket).expect("the produce is answered");
        produced.expect("the disk is well")
    }

    fn send_fetch(&mut self, topic: &str, partition: i32, offset: i64, wait: Duration) -> Ticket {
        let request = Fetch {
            isolation: Isolation::Uncommitted,
            wait_max: wait,
            bytes_min: 1,
            bytes_max: 1 << 20,
            partitions: vec![FetchPartition {
                topic: named(topic),
                partition: PartitionIndex(partition),
                current_epoch: None,
                last_fetched_epoch: None,
                offset: Offset(offset),
                bytes_max: 1 << 20,
            }],
        };
        let ticket = self.ticket();
        let mut effects = Effects::new();
        self.node().fetch(self.now, ticket, request, &mut effects);
        self.carry_out(effects);
        ticket
    }

    /// The records from an offset on; none when they are not served.
    pub(crate) fn fetch_if_there(&mut self, topic: &str, offset: i64) -> Option<Vec<String>> {
        let ticket = self.send_fetch(topic, 0, offset, Duration::ZERO);
        let Some(Answer::Fetch(fetched)) = self.answers.get(&ticket) else { panic!() };
        match fetched[0].error {
            None => self.take_fetched(ticket),
            Some(_) => None,
        }
    }

    pub(crate) fn take_fetched(&mut self, ticket: Ticket) -> Option<Vec<String>> {
        let Answer::Fetch(mut fetched) = self.answers.remove(&ticket)? else { panic!() };
        let fetched = fetched.pop().unwrap();
        assert_eq!(fetched.error, None);
        let bytes = fetched.records.map(|slice| slice.read().unwrap()).unwrap_or_default();
        let mut values = Vec::new();
        for batch in batches(&bytes) {
            let batch = batch.unwrap();
            let payload = batch.payload(1 << 20).unwrap();
            for record in payload.records() {
                let value = record.unwrap().value.unwrap_or_default().to_vec();
                values.push(String::from_utf8(value).unwrap());
            }
        }
        Some(values)
    }

    pub(crate) fn fetch(&mut self, topic: &str, partition: i32, offset: i64) -> Vec<String> {
        let ticket = self.send_fetch(topic, partition, offset, Duration::ZERO);
        self.take_fetched(ticket).expect("a fetch that may not wait is answered")
    }

    pub(crate) fn begin_delete_records(
        &mut self,
        topic: &str,
        partitions: &[i32],
        before: i64,
    ) -> Ticket {
        let partitions = partitions.iter().map(|index| DeleteRecordsPartition {
            topic: named(topic),
            partition: PartitionIndex(*index),
            before: Offset(before),
        });
        let request =
            DeleteRecords { timeout: Duration::from_secs(30), partitions: partitions.collect() };
        let ticket = self.ticket();
        let mut effects = Effects::new();
        self.node().delete_records(self.now, ticket, &request, &mut effects);
        self.carry_out(effects);
        ticket
    }

    pub(crate) fn take_deleted(
        &mut self,
        ticket: Ticket,
    ) -> Option<Vec<Result<Offset, DeleteRecordsError>>> {
        match self.answers.remove(&ticket)? {
            Answer::DeleteRecords(outcomes) => Some(outcomes),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn delete_records(
        &mut self,
        topic: &str,
        before: i64,
    ) -> Result<Offset, DeleteRecordsError> {
        let ticket = self.begin_delete_records(topic, &[0], before);
        self.run_jobs();
        let mut outcomes = self.take_deleted(ticket).expect("the deletion is answered");
        outcomes.pop().unwrap()
    }

    /// Fetches what is refused.
    pub(crate) fn fetch_error(&mut self, topic: &str, offset: i64) -> Option<PartitionError> {
        let ticket = self.send_fetch(topic, 0, offset, Duration::ZERO);
        let Answer::Fetch(mut fetched) = self.answers.remove(&ticket).unwrap() else { panic!() };
        fetched.pop().unwrap().error
    }

    pub(crate) fn disk(&self) -> &SimDisk {
        &self.disk
    }

    pub(crate) fn list_offset(
        &self,
        topic: &str,
        partition: i32,
        position: Position,
    ) -> Result<ListedOffset, PartitionError> {
        self.node().list_offset(&ListOffsetsPartition {
            topic: named(topic),
            partition: PartitionIndex(partition),
            current_epoch: None,
            isolation: Some(Isolation::Uncommitted),
            position,
        })
    }
}

fn named(topic: &str) -> TopicRef {
    TopicRef::Name(TopicName::parse(topic).unwrap())
}

pub(crate) fn config() -> Config {
    let endpoint = |name: &str, port| Endpoint {
        name: name.to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
        security_protocol: 0,
    };
    Config {
        broker: BrokerId(0),
        rack: None,
        folder: "data".into(),
        formatting: Formatting::FirstVoter {
            cluster_id: "cluster".to_owned(),
            directory: DirectoryId(Uuid::from_u128(0xd1)),
        },
        incarnation: Uuid::ZERO,
        endpoints: vec![endpoint("PLAINTEXT", 9092)],
        controller_endpoint: endpoint("CONTROLLER", 29092),
        file: Default::default(),
        topics: TopicConfig::default(),
        partitions_default: 1,
        replicas_default: 1,
        request_timeout: Duration::from_secs(30),
        retention_check_interval: Duration::from_secs(300),
        recovery_point_interval: Duration::from_secs(60),
        log_start_interval: Duration::from_secs(60),
        high_watermark_interval: Duration::from_secs(5),
        producer_expiration: Duration::from_secs(86_400),
        producer_expiration_check_interval: Duration::from_secs(600),
        snapshot_bytes: 20 << 20,
        cleaner: CleanerConfig::default(),
        open_files_max: 100,
    }
}
