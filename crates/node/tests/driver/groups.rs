//! What the tests of groups ask for, and how they look at what came of it.

use std::{sync::Arc, time::Duration};

use configuration::Layers;
use metadata::{controller::TopicRef, image::ConfigResource};
use node::{
    Effects, Ticket,
    answer::{self, Leader},
    control::{self, Command},
    coordinator::{
        Generation, GroupError, GroupId, MemberId,
        answer::{Answer, Joined, State, Synced},
        request::{
            Caller, Commit, CommitOffset, GroupPartition, Heartbeat, Join, Request, Sync,
            WantedOffset,
        },
    },
};
use runtime::Disk;
use types::{LeaderEpoch, Offset, PartitionIndex};

use super::Driver;

pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

impl Driver {
    /// A driver whose broker's file says this.
    pub(crate) fn with_file(file: &[(&str, &str)]) -> Driver {
        let mut driver = Driver::new();
        let texts = file.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        driver.config.file = Layers::of_file(Arc::new(texts.collect()));
        driver
    }

    /// A node that serves groups, all of them in one shard.
    pub(crate) fn with_groups(file: &[(&str, &str)]) -> Driver {
        let mut more = vec![("offsets.topic.num.partitions", "1")];
        more.extend_from_slice(file);
        let mut driver = Driver::with_file(&more);
        driver.start();
        driver.create_topic("chat", 3, &[]);
        driver.create_offsets_topic();
        driver
    }

    pub(crate) fn create_offsets_topic(&mut self) {
        assert_eq!(self.coordinator_of("any"), Err(GroupError::NotAvailable));
        self.run_jobs();
        self.coordinator_of("any").unwrap();
    }

    pub(crate) fn coordinator_of(&mut self, group: &str) -> Result<Leader, GroupError> {
        let mut effects = Effects::new();
        let found = self.node().coordinator_of(self.now, &id(group), &mut effects);
        self.carry_out(effects);
        found
    }

    /// Commits are acknowledged when they are on disk.
    pub(crate) fn flush_commits(&mut self) {
        self.configure(&ConfigResource::topic(OFFSETS_TOPIC), "flush.messages", "1");
    }

    pub(crate) fn ask(&mut self, request: Request) -> Ticket {
        let ticket = self.ticket();
        let mut effects = Effects::new();
        self.node().coordinate(self.now, ticket, request, &mut effects);
        self.carry_out(effects);
        ticket
    }

    pub(crate) fn take_group(&mut self, ticket: Ticket) -> Option<Answer> {
        match self.answers.remove(&ticket)? {
            answer::Answer::Group(answer) => Some(answer),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn begin_commit(&mut self, group: &str, topic: &str, offset: i64) -> Ticket {
        let caller =
            Caller { member: MemberId::default(), instance: None, generation: Generation::NONE };
        let commit = CommitOffset {
            partition: partition(topic),
            topic_id: None,
            offset: Offset(offset),
            leader_epoch: LeaderEpoch::NONE,
            metadata: "".into(),
            committed_at: self.now.wall,
        };
        let group = id(group);
        let request = Commit { group, caller, retention: None, offsets: vec![commit] };
        self.ask(Request::Commit(request))
    }

    pub(crate) fn take_committed(&mut self, ticket: Ticket) -> Option<Result<(), GroupError>> {
        match self.take_group(ticket)? {
            Answer::Commit(mut results) => results.pop(),
            other => panic!("{other:?}"),
        }
    }

    /// Commits an offset of the first partition of `chat`; a flush that it waits for is done.
    pub(crate) fn commit(&mut self, group: &str, offset: i64) -> Result<(), GroupError> {
        let ticket = self.begin_commit(group, "chat", offset);
        self.run_jobs();
        self.take_committed(ticket).expect("the commit is answered")
    }

    /// The offset that a group has committed for the first partition of a topic.
    pub(crate) fn committed_in(&self, group: &str, topic: &str) -> Result<Option<i64>, GroupError> {
        let wanted = [WantedOffset { partition: partition(topic), topic_id: None }];
        let mut fetched = self.node().fetch_offsets(&id(group), &wanted, false)?;
        let committed = fetched.pop().expect("one was asked for").committed?;
        Ok(committed.map(|committed| committed.offset.0))
    }

    pub(crate) fn committed(&self, group: &str) -> Result<Option<i64>, GroupError> {
        self.committed_in(group, "chat")
    }

    pub(crate) fn begin_join(&mut self, group: &str, member: &str) -> Ticket {
        self.next += 1;
        self.ask(Request::Join(Join {
            group: id(group),
            member: MemberId(member.into()),
            instance: None,
            client: Default::default(),
            session_timeout: Duration::from_secs(10),
            rebalance_timeout: Duration::from_secs(60),
            protocol_type: "consumer".into(),
            protocols: vec![("range".into(), Default::default())],
            reason: None,
            member_id_required: false,
            may_skip_assignment: true,
            unique: self.next.to_string().into(),
        }))
    }

    pub(crate) fn take_joined(&mut self, ticket: Ticket) -> Option<Result<Joined, GroupError>> {
        match self.take_group(ticket)? {
            Answer::Join(result) => Some(result),
            other => panic!("{other:?}"),
        }
    }

    /// Has one member join a group and assign itself something.
    pub(crate) fn join_alone(&mut self, group: &str) -> Joined {
        let ticket = self.begin_join(group, "");
        self.pass(3_000);
        self.run_jobs();
        let joined = self.take_joined(ticket).expect("nobody else is waited for").unwrap();
        let ticket = self.ask(Request::Sync(Sync {
            group: id(group),
            caller: caller(&joined),
            protocol_type: None,
            protocol: None,
            assignments: vec![(joined.member.clone(), b"all".to_vec().into())],
        }));
        self.run_jobs();
        match self.take_group(ticket) {
            Some(Answer::Sync(Ok(Synced { assignment, .. }))) => assert_eq!(assignment, "all"),
            other => panic!("{other:?}"),
        }
        joined
    }

    pub(crate) fn heartbeat(&mut self, group: &str, joined: &Joined) -> Result<(), GroupError> {
        let request = Heartbeat { group: id(group), caller: caller(joined) };
        let ticket = self.ask(Request::Heartbeat(request));
        match self.take_group(ticket) {
            Some(Answer::Heartbeat(result)) => result,
            other => panic!("{other:?}"),
        }
    }

    /// Asks for the deletion of a topic, of which nothing is done before jobs are run.
    pub(crate) fn begin_delete(&mut self, name: &str) {
        let topics = vec![TopicRef::Name(name.to_owned())];
        let (ticket, mut effects) = (self.ticket(), Effects::new());
        let request = control::Request::DeleteTopics { topics };
        self.node().control(self.now, Command::Request { ticket, request }, &mut effects);
        self.carry_out(effects);
    }

    /// Answers all who wait for a group, as a stop does first.
    pub(crate) fn close_groups(&mut self) {
        let mut effects = Effects::new();
        self.node().close_groups(&mut effects);
        self.carry_out(effects);
    }

    /// Changes bytes of the log of the first shard; the node must not run.
    pub(crate) fn damage_groups(&mut self, damage: impl FnOnce(&mut Vec<u8>)) {
        let path = self.config.folder.join("__consumer_offsets-0/00000000000000000000.log");
        let mut bytes = self.disk.peek(&path).unwrap();
        damage(&mut bytes);
        self.disk.create(&path).unwrap().write_all_at(&bytes, 0).unwrap();
    }

    pub(crate) fn state_of(&self, group: &str) -> Result<State, GroupError> {
        self.node().describe_group(&id(group)).map(|described| described.state)
    }
}

fn id(group: &str) -> GroupId {
    GroupId(group.into())
}

fn partition(topic: &str) -> GroupPartition {
    GroupPartition { topic: topic.into(), partition: PartitionIndex(0) }
}

fn caller(joined: &Joined) -> Caller {
    Caller { member: joined.member.clone(), instance: None, generation: joined.generation }
}
