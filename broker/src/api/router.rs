//! From a frame to its handler.

use std::sync::Arc;

use bytes::Bytes;
use node::Ticket;
use protocol::{ApiKey, Decoder, Message, Request, RequestHeader};

use super::{
    alter_configs, api_versions, call::Call, create_partitions, create_topics, delete_groups,
    delete_records, delete_topics, describe_cluster, describe_configs, describe_groups,
    describe_log_dirs, describe_producers, describe_quorum, describe_topic_partitions, fetch,
    find_coordinator, heartbeat, incremental_alter_configs, init_producer_id, join_group,
    leave_group, list_config_resources, list_groups, list_offsets, metadata, offset_commit,
    offset_delete, offset_fetch, offset_for_leader_epoch, produce, produce_refusal, sync_group,
    update_features,
};
use crate::{
    network::{Client, Order, Replier, Reply, Service},
    shell::Shell,
};

/// Serves the requests of all connections.
pub(crate) struct Router {
    shell: Arc<Shell>,
}

impl Router {
    pub(crate) fn new(shell: Arc<Shell>) -> Router {
        Router { shell }
    }

    /// Reads a request of the call's version and hands it over.
    ///
    /// A request of a version that is not served, and one that is malformed, ends its connection,
    /// as in Kafka: there is no answer that such a client would understand. Bytes after the request
    /// do not matter, as in Kafka: librdkafka asks for all topics with an array's length of four
    /// bytes where one is meant, and every client over it reads the metadata that way.
    fn dispatch<R: Request>(
        &self,
        call: Call,
        mut decoder: Decoder,
        handle: impl FnOnce(&Arc<Shell>, Call, R) -> Order,
    ) -> Order {
        let version = call.version;
        let name = call.key;
        if !R::ADVERTISED.contains(version) {
            return self.refuse(call, format!("{name:?} version {version} is not served"));
        }
        match <R as Message>::decode(&mut decoder, version) {
            Ok(request) => handle(&self.shell, call, request),
            Err(error) => {
                self.refuse(call, format!("{name:?} version {version} cannot be read: {error}"))
            }
        }
    }

    fn refuse(&self, call: Call, reason: String) -> Order {
        self.shell.desk.telemetry.requests.malformed.inc();
        call.close(&self.shell.desk, reason);
        Order::Alone
    }
}

impl Service for Router {
    fn call(&self, client: &Arc<Client>, frame: Bytes, replier: Replier) -> Order {
        let now = self.shell.clock.now();
        let mut decoder = Decoder::new(frame);
        let header = match RequestHeader::decode(&mut decoder) {
            Ok(header) => header,
            Err(error) => {
                self.shell.desk.telemetry.requests.malformed.inc();
                replier.send(Reply::Close(format!("a request's header cannot be read: {error}")));
                return Order::Alone;
            }
        };
        let Some(key) = ApiKey::from_code(header.api_key) else {
            self.shell.desk.telemetry.requests.malformed.inc();
            replier.send(Reply::Close(format!("there is no API {}", header.api_key)));
            return Order::Alone;
        };
        let call = Call::new(client, key, &header, now, replier);
        #[expect(clippy::wildcard_enum_match_arm, reason = "what is not served is refused alike")]
        match key {
            ApiKey::Produce if call.version < 3 => {
                produce_refusal::call(&self.shell, call, decoder)
            }
            ApiKey::Produce => self.dispatch(call, decoder, produce::call),
            ApiKey::Fetch => self.dispatch(call, decoder, fetch::call),
            ApiKey::ListOffsets => self.dispatch(call, decoder, list_offsets::call),
            ApiKey::Metadata => self.dispatch(call, decoder, metadata::call),
            ApiKey::ApiVersions if !api_versions::knows(call.version) => {
                api_versions::refuse(&self.shell, call)
            }
            ApiKey::ApiVersions => self.dispatch(call, decoder, api_versions::call),
            ApiKey::CreateTopics => self.dispatch(call, decoder, create_topics::call),
            ApiKey::DeleteTopics => self.dispatch(call, decoder, delete_topics::call),
            ApiKey::DeleteRecords => self.dispatch(call, decoder, delete_records::call),
            ApiKey::InitProducerId => self.dispatch(call, decoder, init_producer_id::call),
            ApiKey::CreatePartitions => self.dispatch(call, decoder, create_partitions::call),
            ApiKey::FindCoordinator => self.dispatch(call, decoder, find_coordinator::call),
            ApiKey::JoinGroup => self.dispatch(call, decoder, |shell, call, request| {
                join_group::call(shell, call, header.client_id.as_ref(), &request)
            }),
            ApiKey::SyncGroup => self.dispatch(call, decoder, sync_group::call),
            ApiKey::Heartbeat => self.dispatch(call, decoder, heartbeat::call),
            ApiKey::LeaveGroup => self.dispatch(call, decoder, leave_group::call),
            ApiKey::OffsetCommit => self.dispatch(call, decoder, offset_commit::call),
            ApiKey::OffsetFetch => self.dispatch(call, decoder, offset_fetch::call),
            ApiKey::OffsetDelete => self.dispatch(call, decoder, offset_delete::call),
            ApiKey::DescribeGroups => self.dispatch(call, decoder, describe_groups::call),
            ApiKey::ListGroups => self.dispatch(call, decoder, list_groups::call),
            ApiKey::DeleteGroups => self.dispatch(call, decoder, delete_groups::call),
            ApiKey::OffsetForLeaderEpoch => {
                self.dispatch(call, decoder, offset_for_leader_epoch::call)
            }
            ApiKey::DescribeLogDirs => self.dispatch(call, decoder, describe_log_dirs::call),
            ApiKey::DescribeQuorum => self.dispatch(call, decoder, describe_quorum::call),
            ApiKey::UpdateFeatures => self.dispatch(call, decoder, update_features::call),
            ApiKey::DescribeCluster => self.dispatch(call, decoder, describe_cluster::call),
            ApiKey::DescribeProducers => self.dispatch(call, decoder, describe_producers::call),
            ApiKey::DescribeTopicPartitions => {
                self.dispatch(call, decoder, describe_topic_partitions::call)
            }
            ApiKey::DescribeConfigs => self.dispatch(call, decoder, describe_configs::call),
            ApiKey::AlterConfigs => self.dispatch(call, decoder, alter_configs::call),
            ApiKey::IncrementalAlterConfigs => {
                self.dispatch(call, decoder, incremental_alter_configs::call)
            }
            ApiKey::ListConfigResources => {
                self.dispatch(call, decoder, list_config_resources::call)
            }
            unserved => self.refuse(call, format!("{unserved:?} is not served")),
        }
    }

    fn resume(&self, ticket: u64) {
        let mut effects = Vec::new();
        self.shell.node.resume(self.shell.clock.now(), Ticket(ticket), &mut effects);
        self.shell.perform(effects);
    }

    fn abandon(&self, ticket: u64) {
        self.shell.desk.forget(Ticket(ticket));
        self.shell.node.cancel(Ticket(ticket));
    }
}
