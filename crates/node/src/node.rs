//! The node: its parts, and the routing between them.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use arc_swap::ArcSwap;
use metadata::Image;
use runtime::Disk;
use storage::Flush;
use types::{Instant, Now, Offset, PartitionIndex, TopicIdPartition};

use crate::{
    answer::{Leader, PartitionError},
    cleaner::{CLEANING, Cleaner},
    config::Config,
    control::Command,
    controller::Controller,
    coordinators::Coordinators,
    data_folder::{DataFolder, OpenError},
    deadlines::Deadlines,
    delete_records::Deletions,
    effect::{Completion, Effect, Effects, Finished, Job, Lane, Ticket},
    effective::Effective,
    housekeeping::{FLUSHES, Flushes, HOUSEKEEPING, Removals, Rounds},
    openings::{OPENINGS, Openings},
    partition::{Partition, PartitionEffect},
    producer_ids::ProducerIds,
    recovery::{Progress, RECOVERY},
    request::TopicRef,
    setup::Setup,
    slots::{Slot, Slots, State},
    stop::Closings,
    waits::{FetchWait, ProduceWait},
};

/// A broker and controller without sockets, threads or tasks.
///
/// Every method may be called from any thread, but for [`Node::control`], which belongs to one.
#[derive(Debug)]
pub struct Node {
    pub(crate) config: Config,
    pub(crate) folder: Arc<DataFolder>,
    pub(crate) image: ArcSwap<Image>,
    /// The offset of the last record in the image; -1 before the first image.
    pub(crate) image_offset: AtomicI64,
    pub(crate) effective: ArcSwap<Effective>,
    pub(crate) slots: Arc<Slots>,
    pub(crate) deadlines: Deadlines,
    pub(crate) openings: Openings,
    pub(crate) recovery: Progress,
    pub(crate) removals: Removals,
    pub(crate) flushes: Flushes,
    pub(crate) deletions: Deletions,
    pub(crate) cleaner: Cleaner,
    pub(crate) closing: Closings,
    pub(crate) coordinators: Coordinators,
    rounds: Mutex<Rounds>,
    /// Whether the node is being stopped.
    pub(crate) stopping: AtomicBool,
    /// Whether no image has been put into force yet.
    pub(crate) is_new: AtomicBool,
    produces: Mutex<BTreeMap<Ticket, Arc<ProduceWait>>>,
    fetches: Mutex<BTreeMap<Ticket, Arc<FetchWait>>>,
    producer_ids: Mutex<ProducerIds>,
    /// Requests that the controller has not answered, and until when they wait.
    asked: Mutex<BTreeMap<Ticket, Instant>>,
    controller: Mutex<Controller>,
}

impl Node {
    /// Takes up what the data folder holds, or formats it when that is allowed. The shell then
    /// hands [`Command::Start`] to [`Node::control`].
    ///
    /// # Errors
    /// When the folder is in use, not ours, or damaged where it cannot be recovered.
    pub fn open(config: Config, disk: &Arc<dyn Disk>, now: Now) -> Result<Node, OpenError> {
        let (folder, log) = DataFolder::open(&config, disk, now)?;
        let cleaner = Cleaner::new(now.instant, &config.cleaner);
        let controller = Controller::new(Setup::of(&config, folder.directory()), log, now.instant);
        let effective = Effective::new(&config, &Image::default());
        Ok(Node {
            config,
            folder: Arc::new(folder),
            image: ArcSwap::default(),
            image_offset: AtomicI64::new(-1),
            slots: Arc::default(),
            deadlines: Deadlines::default(),
            openings: Openings::default(),
            recovery: Progress::default(),
            removals: Removals::default(),
            flushes: Flushes::default(),
            deletions: Deletions::default(),
            cleaner,
            closing: Closings::default(),
            coordinators: Coordinators::new(&effective),
            effective: ArcSwap::from_pointee(effective),
            rounds: Mutex::new(Rounds::new(now.instant)),
            stopping: AtomicBool::new(false),
            is_new: AtomicBool::new(true),
            produces: Mutex::default(),
            fetches: Mutex::default(),
            producer_ids: Mutex::default(),
            asked: Mutex::default(),
            controller: Mutex::new(controller),
        })
    }

    /// The metadata in force.
    #[must_use]
    pub fn image(&self) -> Arc<Image> {
        self.image.load_full()
    }

    /// The offset of the last record that the metadata in force hold, or of an earlier one when
    /// they change at this moment.
    #[must_use]
    pub fn image_offset(&self) -> Offset {
        Offset(self.image_offset.load(Ordering::Acquire))
    }

    /// The level of kraft.version, which is in force in every quorum of this software.
    #[must_use]
    pub fn kraft_version(&self) -> i16 {
        consensus::KRAFT_VERSION
    }

    /// The id of the cluster, as the data folder says.
    #[must_use]
    pub fn cluster_id(&self) -> &str {
        self.folder.cluster_id()
    }

    /// This broker's configuration as it is in force, with what the cluster has set for it.
    #[must_use]
    pub fn effective(&self) -> Arc<Effective> {
        self.effective.load_full()
    }

    /// This node's configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Time has passed: answers what waited too long and does what is due.
    pub fn tick(&self, now: Now, effects: &mut Effects) {
        for ticket in self.deadlines.take_due(now.instant) {
            self.expire(now, ticket, effects);
        }
        if let Some(earliest) = self.deadlines.earliest() {
            effects.push(Effect::WakeAt(earliest));
        }
    }

    fn expire(&self, now: Now, ticket: Ticket, effects: &mut Effects) {
        if ticket == HOUSEKEEPING {
            return self.keep_house(now, effects);
        }
        if ticket == RECOVERY {
            return self.tell_of_recovery(now, effects);
        }
        if ticket == FLUSHES {
            return self.flush_by_age(now, effects);
        }
        if ticket == CLEANING {
            return self.clean_logs(now, effects);
        }
        if ticket == OPENINGS {
            return self.open_again(now, effects);
        }
        if self.expire_shard(now, ticket, effects) {
            return;
        }
        if self.expire_producer_id(ticket, effects) || self.expire_asked(ticket, effects) {
            return;
        }
        self.expire_produce(ticket, effects);
        self.expire_deletion(ticket, effects);
        self.resume(now, ticket, effects);
    }

    /// A job is done.
    pub fn complete(&self, now: Now, completion: Completion, effects: &mut Effects) {
        match completion.0 {
            Finished::Metadata(completion) => {
                self.control(now, Command::Completed(completion), effects);
            }
            Finished::Flushed { partition, flush, outcome } => {
                self.finish_flush(now, partition, &flush, outcome, effects);
            }
            Finished::Opened { partition, opened } => self.opened(now, partition, opened, effects),
            Finished::StartsWritten(outcome) => self.starts_written(&outcome, effects),
            Finished::Retained { removals, rolled } => {
                self.retained(now, removals, rolled, effects);
            }
            Finished::Cleaned { round, progress, bytes } => {
                self.cleaned(now, round, progress, bytes, effects);
            }
            Finished::GroupsRead(loaded) => self.groups_read(now, loaded, effects),
            Finished::TopicsDeleted(names) => self.topics_deleted(now, &names, effects),
            Finished::Nothing => {}
            Finished::LogClosed { slot, log, failure } => {
                self.log_closed(slot, *log, failure, effects);
            }
            Finished::Stopped(outcome) => effects.push(Effect::Stopped(outcome)),
        }
    }

    fn finish_flush(
        &self,
        now: Now,
        id: TopicIdPartition,
        flush: &Flush,
        outcome: io::Result<()>,
        effects: &mut Effects,
    ) {
        let Some(slot) = self.slots.find(id) else { return };
        let mut asked = Vec::new();
        match &mut *slot.state() {
            State::Leading(partition) => {
                partition.finish_flush(now.instant, flush, outcome, &mut asked);
            }
            State::Idle(log) => {
                if let Err(error) = log.finish_flush(flush, outcome, now.instant) {
                    tracing::error!(partition = %slot.name, %error, "closed the log");
                }
            }
            State::Away | State::Failed => {}
        }
        self.route(now, &slot, asked, effects);
    }

    /// Turns what a partition asks for into effects. Neither a partition nor a shard may be locked.
    pub(crate) fn route(
        &self,
        now: Now,
        slot: &Slot,
        asked: Vec<PartitionEffect>,
        effects: &mut Effects,
    ) {
        let partition = slot.id;
        for one in asked {
            match one {
                PartitionEffect::Settled { wait, index, result } => {
                    self.settle_produce(&wait, index, result, effects);
                }
                PartitionEffect::Wake(wait) => effects.push(Effect::Resume(wait.ticket)),
                PartitionEffect::FlushAt(at) => self.flush_at(at, partition, effects),
                PartitionEffect::Written(upto) => self.groups_written(now, slot, upto, effects),
                PartitionEffect::Resigned => self.leave_groups(slot, effects),
                PartitionEffect::Flush(flush) => {
                    let work = move || {
                        let outcome = flush.run();
                        Completion(Finished::Flushed { partition, flush, outcome })
                    };
                    effects.push(Effect::Run(Job::new(Lane::Data, "flush", work)));
                }
            }
        }
    }

    /// The slot of a partition that a request names.
    pub(crate) fn find_slot(
        &self,
        topic: &TopicRef,
        partition: PartitionIndex,
    ) -> Result<Arc<Slot>, PartitionError> {
        let image = self.image.load();
        let topic = match topic {
            TopicRef::Name(name) => image.topics.named(name.as_str()),
            TopicRef::Id(id) => Some(image.topics.get(*id).ok_or(PartitionError::UnknownTopicId)?),
            TopicRef::InvalidName => None,
        };
        let topic = topic.ok_or(PartitionError::UnknownPartition)?;
        let known = topic.partition(partition).ok_or(PartitionError::UnknownPartition)?;
        let id = TopicIdPartition { topic: topic.id, partition };
        self.slots.find(id).ok_or_else(|| PartitionError::NotLeader(Leader::of(Some(known))))
    }

    /// Why a slot that is locked in `state` cannot serve.
    pub(crate) fn not_leading(&self, slot: &Slot, state: &State) -> PartitionError {
        match state {
            State::Failed => PartitionError::StorageFailed,
            State::Away | State::Idle(_) | State::Leading(_) => {
                PartitionError::NotLeader(self.leader_of(slot.id))
            }
        }
    }

    /// This node as the leader of a partition.
    pub(crate) fn own_lead(&self, partition: &Partition) -> Leader {
        Leader { broker: self.config.broker, epoch: partition.epoch() }
    }

    pub(crate) fn leader_of(&self, id: TopicIdPartition) -> Leader {
        Leader::of(self.image.load().topics.partition(id))
    }

    pub(crate) fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().expect("no thread panics while it holds the rounds")
    }

    pub(crate) fn parked_produces(&self) -> MutexGuard<'_, BTreeMap<Ticket, Arc<ProduceWait>>> {
        self.produces.lock().expect("no thread panics while it holds the parked produces")
    }

    pub(crate) fn parked_fetches(&self) -> MutexGuard<'_, BTreeMap<Ticket, Arc<FetchWait>>> {
        self.fetches.lock().expect("no thread panics while it holds the parked fetches")
    }

    pub(crate) fn producer_ids(&self) -> MutexGuard<'_, ProducerIds> {
        self.producer_ids.lock().expect("no thread panics while it holds the producer ids")
    }

    pub(crate) fn asked(&self) -> MutexGuard<'_, BTreeMap<Ticket, Instant>> {
        self.asked.lock().expect("no thread panics while it holds who asked the controller")
    }

    pub(crate) fn controller(&self) -> MutexGuard<'_, Controller> {
        self.controller.lock().expect("no thread panics while it holds the controller")
    }
}
