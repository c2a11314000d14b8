//! Every record is what Kafka's own schema of its name says, and goes to and fro unchanged.

use kafka_jars::{assert_round_trips, assert_schema, schemas::metadata_record_count};
use metadata::records::*;
use protocol::Message;

fn check<M: Message + Into<MetadataRecord>>() -> i16 {
    assert_schema::<M>();
    assert_round_trips::<M>();
    let record: MetadataRecord = M::default().into();
    let bytes = record.encode().expect("a default record fits the wire");
    assert_eq!(MetadataRecord::decode(bytes), Ok(record.clone()), "{}", record.type_name());
    record.schema().key.expect("a record type has a number")
}

#[test]
fn all_record_types_are_kafkas() {
    let keys = [
        check::<RegisterBrokerRecord>(),
        check::<UnregisterBrokerRecord>(),
        check::<TopicRecord>(),
        check::<PartitionRecord>(),
        check::<ConfigRecord>(),
        check::<PartitionChangeRecord>(),
        check::<FenceBrokerRecord>(),
        check::<UnfenceBrokerRecord>(),
        check::<RemoveTopicRecord>(),
        check::<DelegationTokenRecord>(),
        check::<UserScramCredentialRecord>(),
        check::<FeatureLevelRecord>(),
        check::<ClientQuotaRecord>(),
        check::<ProducerIdsRecord>(),
        check::<BrokerRegistrationChangeRecord>(),
        check::<AccessControlEntryRecord>(),
        check::<RemoveAccessControlEntryRecord>(),
        check::<NoOpRecord>(),
        check::<ZkMigrationStateRecord>(),
        check::<RemoveUserScramCredentialRecord>(),
        check::<BeginTransactionRecord>(),
        check::<EndTransactionRecord>(),
        check::<AbortTransactionRecord>(),
        check::<RemoveDelegationTokenRecord>(),
        check::<RegisterControllerRecord>(),
        check::<ClearElrRecord>(),
    ];
    assert!(keys.is_sorted(), "each type has a number of its own: {keys:?}");
    assert_eq!(keys.len(), metadata_record_count());
}
