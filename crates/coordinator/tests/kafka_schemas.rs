//! Every record is what Kafka's own schema of its name says, and goes to and fro unchanged.

use coordinator::records::*;
use kafka_jars::{assert_round_trips, assert_schema};
use protocol::Message;

fn check<M: Message>() {
    assert_schema::<M>();
    assert_round_trips::<M>();
}

#[test]
fn all_records_of_offsets_and_classic_groups_are_kafkas() {
    check::<LegacyOffsetCommitKey>();
    check::<OffsetCommitKey>();
    check::<OffsetCommitValue>();
    check::<GroupMetadataKey>();
    check::<GroupMetadataValue>();
}
