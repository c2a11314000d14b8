//! What new metadata mean for this broker: logs to open, to lead, to let go of.

use std::sync::{Arc, atomic::Ordering};

use metadata::{
    Image,
    image::{ConfigResource, Delta, ResourceKind, Topic},
};
use storage::{Log, LogConfig, OpenError, Recovery};
use types::{Now, Offset, TopicId, TopicIdPartition, TopicName, TopicPartition};

use crate::{
    Node,
    answer::{PartitionError, ProduceError},
    checkpoint::Kind,
    consequence::Consequence,
    control::{Command, Outcome},
    coordinators::CREATION,
    effect::{Completion, Effect, Effects, Finished, Job, Lane, Ticket},
    effective::Effective,
    openings::{OPEN_AGAIN_PAUSE, OPENINGS},
    partition::Partition,
    producer_ids,
    slots::{Slot, State},
    topic_config::TopicConfig,
};

/// The outcome of opening a log.
#[derive(Debug)]
pub(crate) struct Opened {
    log: Result<(Box<Log>, Recovery), OpenError>,
    /// Up to where it was known to be replicated.
    replicated: Offset,
    /// It was there at the start.
    was_found: bool,
}

impl Node {
    /// Hands a command to the controller and carries out what follows. Belongs to one thread.
    pub fn control(&self, now: Now, command: Command, effects: &mut Effects) {
        let consequences = self.controller().handle(now, command);
        for consequence in consequences {
            self.follow(now, consequence, effects);
        }
    }

    fn follow(&self, now: Now, consequence: Consequence, effects: &mut Effects) {
        match consequence {
            Consequence::Run(job) => effects.push(Effect::Run(job)),
            Consequence::Answer { ticket, outcome } => self.answer(ticket, outcome, effects),
            Consequence::Committed { image, delta, last } => {
                self.apply(now, image, &delta, last, effects);
            }
            Consequence::ProducerIds(block) => {
                let first = block.first.0;
                self.take_producer_ids(first..first + i64::from(block.count), effects);
            }
            Consequence::NoProducerIds => self.refuse_producer_ids(effects),
            Consequence::Stopped(outcome) => self.close_logs(now, outcome, effects),
            Consequence::Fail(reason) => effects.push(Effect::Fail(reason)),
        }
    }

    /// Answers once the logs are open that the change asked for: who creates a topic shall be able
    /// to produce when told that it exists.
    fn answer(&self, ticket: Ticket, outcome: Outcome, effects: &mut Effects) {
        self.forget_asked(ticket);
        if ticket == CREATION {
            return self.offsets_topic_asked(&outcome);
        }
        let answer = crate::answer::Answer::Control(outcome);
        self.openings.hold(Effect::Answer { ticket, answer }, effects);
    }

    /// Puts a new image into force.
    fn apply(
        &self,
        now: Now,
        image: Arc<Image>,
        delta: &Delta,
        last: Offset,
        effects: &mut Effects,
    ) {
        self.image.store(Arc::clone(&image));
        self.image_offset.store(last.0, Ordering::Release);
        if self.is_new.swap(false, Ordering::Relaxed) {
            self.begin(now, &image, effects);
        }
        let defaults_changed = self.update_effective(&image, delta);
        for topic in delta.topics_deleted.values() {
            self.delete_topic(now, topic, effects);
        }
        self.forget_topics(&delta.topics_deleted, effects);
        for &id in &delta.partitions {
            self.update_partition(now, &image, id, effects);
        }
        self.update_configs(now, &image, delta, defaults_changed, effects);
        effects.push(Effect::Publish(Arc::clone(&image)));
        if delta.brokers.contains(&self.config.broker) {
            self.update_registration(&image, last, effects);
        }
    }

    /// What is done once, with the first image: what is in the data folder but not in the cluster
    /// goes out of the way.
    fn begin(&self, now: Now, image: &Image, effects: &mut Effects) {
        self.folder.set_strays_aside(image, self.config.broker);
        match self.folder.leftovers() {
            Ok(leftovers) => {
                for removal in leftovers {
                    self.remove_later(now, removal, effects);
                }
            }
            Err(error) => tracing::warn!(%error, "left deleted logs behind"),
        }
        self.begin_recovery(now, self.folder.unopened().len(), effects);
        self.begin_housekeeping(now, effects);
        self.begin_cleaning(now, effects);
    }

    fn update_registration(&self, image: &Image, last: Offset, effects: &mut Effects) {
        let Some(own) = image.brokers.get(self.config.broker) else { return };
        if own.incarnation != self.config.incarnation {
            return;
        }
        if own.fenced {
            let command = Command::Unfence { metadata_offset: last };
            self.openings.hold(Effect::Control(command), effects);
        } else {
            effects.push(Effect::Serving);
        }
    }

    fn update_partition(
        &self,
        now: Now,
        image: &Image,
        id: TopicIdPartition,
        effects: &mut Effects,
    ) {
        let Some(topic) = image.topics.get(id.topic) else { return };
        let Some(partition) = topic.partition(id.partition) else { return };
        if !partition.replicas.contains(&self.config.broker) {
            return;
        }
        match self.slots.find(id) {
            None => self.open_log(now, image, topic, id, effects),
            Some(slot) => self.update_lead(now, image, &slot, effects),
        }
    }

    fn open_log(
        &self,
        now: Now,
        image: &Image,
        topic: &Topic,
        id: TopicIdPartition,
        effects: &mut Effects,
    ) {
        if self.stopping.load(Ordering::Relaxed) {
            // The next process will open it.
            return;
        }
        let config = self.topic_config(image, &topic.name);
        let name = TopicPartition { topic: topic.name.clone(), partition: id.partition };
        let slot = Arc::new(Slot::new(id, name.clone(), config.produce_rules()));
        self.slots.insert(Arc::clone(&slot));
        self.openings.begin(id);
        let was_found = self.folder.is_found(&name);
        self.run_opening(now, &slot, was_found, Arc::new(config.log), effects);
    }

    fn run_opening(
        &self,
        now: Now,
        slot: &Slot,
        was_found: bool,
        config: Arc<LogConfig>,
        effects: &mut Effects,
    ) {
        let (folder, id, name) = (Arc::clone(&self.folder), slot.id, slot.name.clone());
        let lane = if was_found { Lane::Recovery } else { Lane::Data };
        effects.push(Effect::Run(Job::new(lane, "open a log", move || {
            let log = folder.open_log(&name, id.topic, config, now);
            let log = log.map(|(log, recovery)| (Box::new(log), recovery));
            let replicated = folder.checkpoint(Kind::HighWatermarks).of(&name);
            let opened = Opened { log, replicated, was_found };
            Completion(Finished::Opened { partition: id, opened })
        })));
    }

    /// Tries once more to open the logs that a full disk kept from being opened.
    pub(crate) fn open_again(&self, now: Now, effects: &mut Effects) {
        let image = self.image();
        for id in self.openings.take_unroomed() {
            let Some(slot) = self.slots.find(id) else { continue };
            let config = Arc::new(self.topic_config(&image, &slot.name.topic).log);
            self.openings.begin(id);
            // It was counted when it was given up for the first time.
            self.run_opening(now, &slot, false, config, effects);
        }
    }

    /// A log is open, or could not be opened.
    pub(crate) fn opened(
        &self,
        now: Now,
        id: TopicIdPartition,
        opened: Opened,
        effects: &mut Effects,
    ) {
        let Opened { log, replicated, was_found } = opened;
        if was_found {
            self.recovered(now, log.as_ref().ok().map(|(_, recovery)| *recovery));
        }
        if let Some(slot) = self.slots.find(id) {
            slot.set_replicated(replicated);
            let image = self.image();
            match log {
                Ok((mut log, _)) => {
                    // It may have been configured otherwise while it was being opened.
                    let config = self.topic_config(&image, &slot.name.topic);
                    slot.set_rules(config.produce_rules());
                    log.set_config(Arc::new(config.log));
                    *slot.state() = State::Idle(log);
                }
                Err(error) => {
                    tracing::error!(partition = %slot.name, %error, "failed to open a log");
                    *slot.state() = State::Failed;
                    if error.is_full() {
                        self.openings.found_no_room(id);
                        let at = now.instant.after(OPEN_AGAIN_PAUSE);
                        self.deadlines.add(at, OPENINGS, effects);
                    }
                }
            }
            self.update_lead(now, &image, &slot, effects);
        } else if let Ok((log, _)) = log {
            // The topic was deleted while its log was being opened.
            self.remove_log(now, id.topic, *log, effects);
        }
        self.openings.end(id, effects);
    }

    /// Leads, or no longer leads, as the image says.
    fn update_lead(&self, now: Now, image: &Image, slot: &Arc<Slot>, effects: &mut Effects) {
        let known = image.topics.partition(slot.id);
        let lead = known.filter(|known| known.leader == Some(self.config.broker));
        let mut asked = Vec::new();
        {
            let mut state = slot.state();
            *state = match (std::mem::replace(&mut *state, State::Away), lead) {
                (State::Idle(log), Some(known)) => {
                    let epoch = known.leader_epoch;
                    let (replicated, now) = (slot.replicated(), now.instant);
                    State::Leading(Partition::lead(*log, epoch, replicated, now, &mut asked))
                }
                (State::Leading(mut partition), Some(known)) => {
                    partition.begin_epoch(known.leader_epoch);
                    State::Leading(partition)
                }
                (State::Leading(mut partition), None) => {
                    let error = PartitionError::NotLeader(self.leader_of(slot.id));
                    partition.resign(&ProduceError::Partition(error), &mut asked);
                    slot.set_replicated(partition.high_watermark());
                    State::Idle(Box::new(partition.into_log()))
                }
                (unchanged, _) => unchanged,
            };
        }
        self.route(now, slot, asked, effects);
        if lead.is_some() {
            self.take_up_groups(now, slot, effects);
        }
    }

    fn delete_topic(&self, now: Now, topic: &Topic, effects: &mut Effects) {
        for (partition, _) in topic.partitions() {
            let id = TopicIdPartition { topic: topic.id, partition };
            if let Some(slot) = self.slots.remove(id) {
                self.delete_partition(now, &slot, effects);
            }
        }
    }

    fn delete_partition(&self, now: Now, slot: &Arc<Slot>, effects: &mut Effects) {
        let mut asked = Vec::new();
        let state = std::mem::replace(&mut *slot.state(), State::Away);
        match state {
            State::Leading(mut partition) => {
                partition.resign(&PartitionError::UnknownPartition.into(), &mut asked);
                self.remove_log(now, slot.id.topic, partition.into_log(), effects);
            }
            State::Idle(log) => self.remove_log(now, slot.id.topic, *log, effects),
            State::Away | State::Failed => {}
        }
        self.route(now, slot, asked, effects);
    }

    /// Takes a log's folder out of the way at once, so that a topic of the same name can be
    /// created, and its files after a while.
    fn remove_log(&self, now: Now, topic: TopicId, mut log: Log, effects: &mut Effects) {
        match log.delete(topic.0) {
            Ok(removal) => self.remove_later(now, removal, effects),
            Err(error) => tracing::error!(%error, "failed to delete a log"),
        }
    }

    /// Puts into force what is configured for this broker, before anything goes by it.
    fn update_effective(&self, image: &Image, delta: &Delta) -> bool {
        let own = [ConfigResource::broker(self.config.broker), ConfigResource::all_brokers()];
        let has_changed = own.iter().any(|resource| delta.configs.contains(resource));
        if has_changed {
            self.effective.store(Arc::new(Effective::new(&self.config, image)));
        }
        has_changed
    }

    /// Hands partitions what was configured for their topics or, by way of the defaults, for this
    /// broker.
    fn update_configs(
        &self,
        now: Now,
        image: &Image,
        delta: &Delta,
        defaults_changed: bool,
        effects: &mut Effects,
    ) {
        if defaults_changed {
            self.change_pace(now, effects);
            for topic in image.topics.iter() {
                self.update_topic_config(now, image, topic, effects);
            }
            return;
        }
        for resource in &delta.configs {
            if resource.kind == ResourceKind::Topic
                && let Some(topic) = image.topics.named(&resource.name)
            {
                self.update_topic_config(now, image, topic, effects);
            }
        }
    }

    fn update_topic_config(&self, now: Now, image: &Image, topic: &Topic, effects: &mut Effects) {
        let config = self.topic_config(image, &topic.name);
        let log_config = Arc::new(config.log.clone());
        for (partition, _) in topic.partitions() {
            let id = TopicIdPartition { topic: topic.id, partition };
            let Some(slot) = self.slots.find(id) else { continue };
            slot.set_rules(config.produce_rules());
            let mut asked = Vec::new();
            match &mut *slot.state() {
                State::Leading(partition) => {
                    partition.set_config(now.instant, Arc::clone(&log_config), &mut asked);
                }
                State::Idle(log) => log.set_config(Arc::clone(&log_config)),
                // It gets its configuration when it is open.
                State::Away | State::Failed => {}
            }
            self.route(now, &slot, asked, effects);
        }
    }

    /// The configuration of a topic: the broker's defaults with the topic's own keys on top.
    #[must_use]
    pub fn topic_config(&self, image: &Image, topic: &TopicName) -> TopicConfig {
        let resource = ConfigResource::topic(topic.as_str());
        self.effective.load().topics().with(image.configs.of(&resource))
    }

    pub(crate) fn expire_producer_id(&self, ticket: Ticket, effects: &mut Effects) -> bool {
        let waited = self.producer_ids().forget(ticket);
        if waited {
            effects.push(producer_ids::refused(ticket));
        }
        waited
    }
}
