//! The cases, one file an API.

mod alter_configs;
mod api_versions;
mod codecs;
mod create_partitions;
mod create_topics;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod fetch;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod lives;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod remembered_fetches;
mod sequences;
mod sync_group;
mod update_features;

use crate::case::Case;

/// All cases of all APIs.
pub(crate) fn all() -> Vec<Case> {
    [
        // First, while there is one group.
        list_groups::cases(),
        alter_configs::cases(),
        api_versions::cases(),
        create_partitions::cases(),
        create_topics::cases(),
        delete_groups::cases(),
        delete_records::cases(),
        delete_topics::cases(),
        describe_cluster::cases(),
        describe_configs::cases(),
        describe_groups::cases(),
        describe_log_dirs::cases(),
        describe_producers::cases(),
        describe_quorum::cases(),
        describe_topic_partitions::cases(),
        fetch::cases(),
        find_coordinator::cases(),
        heartbeat::cases(),
        incremental_alter_configs::cases(),
        init_producer_id::cases(),
        join_group::cases(),
        leave_group::cases(),
        list_config_resources::cases(),
        list_offsets::cases(),
        metadata::cases(),
        offset_commit::cases(),
        offset_delete::cases(),
        offset_fetch::cases(),
        offset_for_leader_epoch::cases(),
        produce::cases(),
        sync_group::cases(),
        update_features::cases(),
        codecs::cases(),
        lives::cases(),
        remembered_fetches::cases(),
        sequences::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A name that is too long for a topic.
pub(crate) fn too_long() -> String {
    "x".repeat(250)
}
