//! What clients ask of the active controller: decided at once, answered when it is committed.

use metadata::controller::{self as decide, LocalFeatures};
use types::Now;

use super::{Controller, DiskFull, Reply, Waiting};
use crate::{
    consequence::Consequence,
    control::{Outcome, Refusal, Request},
    effect::Ticket,
    inspect::QuorumDescription,
};

impl Controller {
    pub(super) fn decide_request(&mut self, now: Now, ticket: Ticket, request: &Request) {
        let Some(active) = &self.active else { return self.refuse(ticket, Refusal::NotController) };
        let image = active.decisions.image();
        let decided = match request {
            Request::CreateTopics { topics, validate_only } => {
                decide::create_topics(image, &self.defaults, topics, *validate_only)
                    .map(|decided| (decided.records, Outcome::CreateTopics(decided.answer)))
            }
            Request::AlterConfigs { alterations, validate_only } => {
                decide::alter_configs(image, &self.defaults, alterations, *validate_only)
                    .map(|decided| (decided.records, Outcome::AlterConfigs(decided.answer)))
            }
            Request::DeleteTopics { topics } => decide::delete_topics(image, topics)
                .map(|decided| (decided.records, Outcome::DeleteTopics(decided.answer))),
            Request::CreatePartitions { topics, validate_only } => {
                decide::create_partitions(image, topics, *validate_only)
                    .map(|decided| (decided.records, Outcome::CreatePartitions(decided.answer)))
            }
            Request::UpdateFeatures { updates, validate_only } => {
                let local = LocalFeatures {
                    controller: self.broker,
                    supported: &self.registration.features,
                    kraft_version: consensus::KRAFT_VERSION,
                };
                let decided = decide::update_features(image, local, updates, *validate_only);
                Ok((decided.records, Outcome::UpdateFeatures(decided.answer)))
            }
            Request::DescribeQuorum => return self.describe_quorum(ticket),
        };
        match decided {
            Ok((records, outcome)) => match self.write(now, &records) {
                Ok(end) => {
                    let reply = Reply::Request(ticket, outcome);
                    self.waiting.push_back(Waiting { end, reply });
                    self.reply_to_committed();
                }
                Err(DiskFull) => self.refuse(ticket, Refusal::DiskFull),
            },
            Err(decide::TooManyRecords) => self.refuse(ticket, Refusal::TooManyRecords),
        }
    }

    /// Tells of the quorum at once, since somebody may ask because nothing is committed any more.
    fn describe_quorum(&mut self, ticket: Ticket) {
        let Some(quorum) = &self.quorum else {
            return self.refuse(ticket, Refusal::NotController);
        };
        let voters = quorum.voters().iter();
        let outcome = Outcome::DescribeQuorum(QuorumDescription {
            leader: self.broker,
            epoch: quorum.epoch(),
            high_watermark: quorum.high_watermark(),
            voters: voters.map(|voter| (voter.clone(), self.log.end())).collect(),
        });
        self.consequences.push(Consequence::Answer { ticket, outcome });
    }
}
