//! A shard with a log beside it that a test can make fail.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use coordinator::{
    Config, Effect, Effects, Generation, GroupError, GroupId, MemberId, Record, Replayed, Shard,
    Ticket, Write, WriteError,
    answer::{Answer, CommittedOffset, FetchedOffset},
    request::{
        Caller, Client, Commit, CommitOffset, DeleteOffsets, GroupPartition, Join, Request, Sync,
        WantedOffset,
    },
};
use protocol::records::{BatchBuilder, BatchView, Compression};
use types::{Instant, LeaderEpoch, Now, Offset, PartitionIndex, Timestamp, TopicId, Uuid};

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3_600);

pub(crate) struct Driver {
    pub(crate) shard: Shard,
    pub(crate) now: Now,
    pub(crate) log: Vec<Vec<Record>>,
    pub(crate) asked: VecDeque<(Write, Vec<Record>)>,
    pub(crate) answers: BTreeMap<Ticket, Answer>,
    tickets: u64,
}

pub(crate) fn config() -> Config {
    Config {
        initial_rebalance_delay: Duration::ZERO,
        session_timeout_min: Duration::from_secs(6),
        session_timeout_max: Duration::from_secs(1_800),
        members_max: 100,
        offset_metadata_bytes_max: 16,
        offsets_retention: 7 * DAY,
        offsets_check_interval: HOUR / 6,
    }
}

impl Driver {
    pub(crate) fn new() -> Driver {
        Driver::loaded(Shard::new(Arc::new(config())))
    }

    /// A driver of a shard that has read its log.
    pub(crate) fn loaded(shard: Shard) -> Driver {
        let now = Now { instant: Instant(1), wall: Timestamp(1_700_000_000_000) };
        let mut driver = Driver {
            shard,
            now,
            log: Vec::new(),
            asked: VecDeque::new(),
            answers: BTreeMap::new(),
            tickets: 0,
        };
        driver.with(|shard, now, effects| shard.start(now, effects));
        driver
    }

    pub(crate) fn with(&mut self, event: impl FnOnce(&mut Shard, Now, &mut Effects)) {
        let mut effects = Effects::new();
        event(&mut self.shard, self.now, &mut effects);
        for effect in effects {
            match effect {
                Effect::Answer { ticket, answer } => {
                    assert!(self.answers.insert(ticket, answer).is_none(), "one answer each");
                }
                Effect::Write { write, records } => {
                    assert!(!records.is_empty());
                    self.asked.push_back((write, records));
                }
            }
        }
    }

    /// Puts a request to the shard; writes wait.
    pub(crate) fn put(&mut self, request: Request) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.with(|shard, now, effects| shard.handle(now, ticket, request, effects));
        ticket
    }

    /// Puts a request to the shard and has all its writes done.
    pub(crate) fn ask(&mut self, request: Request) -> Answer {
        let ticket = self.put(request);
        self.write_all();
        self.answers.remove(&ticket).expect("the request is answered")
    }

    pub(crate) fn write_one(&mut self) {
        let (write, records) = self.asked.pop_front().expect("a write is under way");
        self.log.push(records);
        self.with(|shard, now, effects| shard.written(now, write, Ok(()), effects));
    }

    pub(crate) fn write_all(&mut self) {
        while !self.asked.is_empty() {
            self.write_one();
        }
    }

    pub(crate) fn fail_one(&mut self, error: WriteError) {
        let (write, _) = self.asked.pop_front().expect("a write is under way");
        self.with(|shard, now, effects| shard.written(now, write, Err(error), effects));
    }

    /// Time passes, and everything that falls due is done.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.instant.after(time);
        while let Some(due) = self.shard.deadline().filter(|due| *due <= end) {
            self.advance_to(due.max(self.now.instant));
            self.with(Shard::tick);
            self.write_all();
        }
        self.advance_to(end);
    }

    fn advance_to(&mut self, instant: Instant) {
        let passed = instant.since(self.now.instant);
        self.now.instant = instant;
        self.now.wall.0 += i64::try_from(passed.as_millis()).unwrap();
    }

    /// The offset that a group finds, if any.
    pub(crate) fn offset(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        self.committed(group, topic, partition, false).unwrap().map(|it| it.offset.0)
    }

    pub(crate) fn committed(
        &self,
        group: &str,
        topic: &str,
        partition: i32,
        require_stable: bool,
    ) -> Result<Option<CommittedOffset>, GroupError> {
        let wanted = WantedOffset { partition: place(topic, partition), topic_id: None };
        let fetched = self.shard.fetch_offsets(&id(group), &[wanted], require_stable);
        let [FetchedOffset { committed, .. }] = fetched.try_into().unwrap();
        committed
    }

    pub(crate) fn groups(&self) -> Vec<String> {
        let mut groups: Vec<_> = self.shard.list().iter().map(|it| it.group.to_string()).collect();
        groups.sort();
        groups
    }

    /// A shard that reads what this one has written.
    pub(crate) fn reloaded(&self) -> Shard {
        let mut shard = Shard::new(Arc::new(config()));
        let mut end = Offset(0);
        for records in &self.log {
            let bytes = batch(end, records);
            let view = BatchView::parse(&bytes).unwrap();
            let Replayed { records: read, damaged, fault } = shard.replay(&view);
            assert_eq!((read, damaged), (records.len(), 0), "{fault:?}");
            end = view.last_offset().next();
        }
        shard
    }
}

pub(crate) fn batch(base: Offset, records: &[Record]) -> Bytes {
    fill(BatchBuilder::new(Compression::NONE).base_offset(base), records)
}

pub(crate) fn fill(mut builder: BatchBuilder, records: &[Record]) -> Bytes {
    for record in records {
        builder.push(Timestamp(1), Some(&record.key), record.value.as_deref(), &[]);
    }
    builder.build()
}

pub(crate) fn id(group: &str) -> GroupId {
    GroupId(group.into())
}

pub(crate) fn place(topic: &str, partition: i32) -> GroupPartition {
    GroupPartition { topic: topic.into(), partition: PartitionIndex(partition) }
}

pub(crate) fn topic_id(id: u128) -> TopicId {
    TopicId(Uuid::from_u128(id))
}

/// No member of any group.
pub(crate) fn nobody() -> Caller {
    Caller { member: MemberId::default(), instance: None, generation: Generation::NONE }
}

pub(crate) fn committing(now: Now, topic: &str, partition: i32, offset: i64) -> CommitOffset {
    CommitOffset {
        partition: place(topic, partition),
        topic_id: None,
        offset: Offset(offset),
        leader_epoch: LeaderEpoch::NONE,
        metadata: "".into(),
        committed_at: now.wall,
    }
}

/// A commit of nobody's for one partition.
pub(crate) fn commit(now: Now, group: &str, topic: &str, partition: i32, offset: i64) -> Request {
    commit_as(nobody(), group, vec![committing(now, topic, partition, offset)])
}

pub(crate) fn commit_as(caller: Caller, group: &str, offsets: Vec<CommitOffset>) -> Request {
    Request::Commit(Commit { group: id(group), caller, retention: None, offsets })
}

pub(crate) fn delete_offsets(group: &str, partitions: &[GroupPartition]) -> Request {
    Request::DeleteOffsets(DeleteOffsets { group: id(group), partitions: partitions.to_vec() })
}

pub(crate) fn delete_group(group: &str) -> Request {
    Request::DeleteGroup(id(group))
}

/// A consumer without an id asks to join, and reads these topics.
pub(crate) fn join(group: &str, member: &MemberId, topics: &[&str]) -> Request {
    Request::Join(Join {
        group: id(group),
        member: member.clone(),
        instance: None,
        client: Client { id: "client".into(), host: "/127.0.0.1".into() },
        session_timeout: Duration::from_secs(10),
        rebalance_timeout: Duration::from_secs(60),
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), subscription(topics))],
        reason: None,
        member_id_required: false,
        may_skip_assignment: false,
        unique: "unique".into(),
    })
}

/// What a consumer of version 0 says that it reads.
fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = vec![0, 0];
    bytes.extend(i32::try_from(topics.len()).unwrap().to_be_bytes());
    for topic in topics {
        bytes.extend(i16::try_from(topic.len()).unwrap().to_be_bytes());
        bytes.extend(topic.as_bytes());
    }
    bytes.extend((-1_i32).to_be_bytes());
    bytes.into()
}

impl Driver {
    /// One consumer of these topics in a stable group.
    pub(crate) fn member(&mut self, group: &str, topics: &[&str]) -> Caller {
        let ticket = self.put(join(group, &MemberId::default(), topics));
        for _ in 0..10 {
            self.write_all();
            if self.answers.contains_key(&ticket) {
                break;
            }
            self.pass(Duration::from_secs(1));
        }
        let Some(Answer::Join(Ok(joined))) = self.answers.remove(&ticket) else {
            panic!("the consumer is not in");
        };
        let caller =
            Caller { member: joined.member.clone(), instance: None, generation: joined.generation };
        let answer = self.ask(Request::Sync(Sync {
            group: id(group),
            caller: caller.clone(),
            protocol_type: None,
            protocol: None,
            assignments: vec![(joined.member, Bytes::from_static(b"all"))],
        }));
        assert!(matches!(answer, Answer::Sync(Ok(_))), "{answer:?}");
        caller
    }
}
