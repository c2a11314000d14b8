//! The commands a running `up` answers.

use tokio::sync::mpsc;

use super::{Up, now};
use crate::local::admission::AdmissionError;
use crate::local::message::{Command, Reply, Report};
use crate::local::server::Call;
use crate::local::watchers::{Until, cluster_of};
use crate::manifest::{Kind, Manifest, ObjectId};
use crate::world::KafkaAdmin;

impl<A: KafkaAdmin> Up<A> {
    /// Returns whom to tell when everything has stopped, if that is what was asked for.
    pub(super) async fn answer(&mut self, call: Call) -> Option<mpsc::Sender<Reply>> {
        let Call { command, replies } = call;
        match command {
            Command::Apply(manifests) => self.answer_apply(manifests, replies).await,
            Command::Plan(manifests) => self.answer_plan(&manifests, &replies).await,
            Command::Approve(hash) => drop(replies.try_send(self.approve(&hash))),
            Command::Status => {
                let report = Report { running: true, objects: self.store.list() };
                drop(replies.try_send(Reply::Report(report)));
            }
            Command::Delete(ids) => self.answer_delete(ids, replies),
            Command::Down => return Some(replies),
        }
        None
    }

    async fn answer_plan(&self, manifests: &[Manifest], replies: &mpsc::Sender<Reply>) {
        let last = match self.admit(manifests).await {
            Ok(proposal) => {
                drop(replies.try_send(Reply::Proposal(proposal)));
                Reply::Done(String::new())
            }
            Err(error) => refusal(error),
        };
        drop(replies.try_send(last));
    }

    async fn answer_apply(&mut self, manifests: Vec<Manifest>, replies: mpsc::Sender<Reply>) {
        let ids = manifests.iter().map(|manifest| manifest.object.id()).collect();
        let proposal = match self.admit(&manifests).await {
            Ok(proposal) => proposal,
            Err(error) => return drop(replies.try_send(refusal(error))),
        };
        drop(replies.try_send(Reply::Proposal(proposal)));
        match self.take_in(manifests) {
            Ok(()) => self.watchers.add(replies, Until::Ready(ids)),
            Err(error) => drop(replies.try_send(Reply::Failed(error.to_string()))),
        }
    }

    fn answer_delete(&mut self, ids: Vec<ObjectId>, replies: mpsc::Sender<Reply>) {
        let missing: Vec<String> = ids
            .iter()
            .filter(|id| self.store.find(id).is_none())
            .map(|id| format!("there is no {id}"))
            .collect();
        if !missing.is_empty() {
            return drop(replies.try_send(Reply::Failed(missing.join("\n"))));
        }
        for id in &ids {
            if let Err(error) = self.store.delete(id, now()) {
                return drop(replies.try_send(Reply::Failed(error.to_string())));
            }
        }
        self.watchers.add(replies, Until::Gone(ids.into_iter().collect()));
    }

    fn approve(&self, hash: &str) -> Reply {
        let name = cluster_of(&self.store).unwrap_or_default();
        let id = ObjectId { kind: Kind::Cluster, name };
        match self.store.approve(&id, hash) {
            Ok(true) => Reply::Done(format!("approved plan {hash} of {id}")),
            Ok(false) => Reply::Failed("there is no cluster".to_owned()),
            Err(error) => Reply::Failed(error.to_string()),
        }
    }
}

fn refusal(error: AdmissionError) -> Reply {
    match error {
        AdmissionError::Refused(problems) => Reply::Refused(problems.0),
        AdmissionError::Workload(_) | AdmissionError::Check(_) => Reply::Failed(error.to_string()),
    }
}
