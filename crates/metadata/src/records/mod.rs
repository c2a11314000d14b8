//! The records of `__cluster_metadata`, in Kafka's schemas and frame.
//!
//! A record's value is a frame version, the record type and its version, each an unsigned varint,
//! and the record itself. All 26 types of Kafka 4.3 are known; what each does is the image's affair.

#[expect(missing_docs, reason = "the fields are those of Kafka's schemas, which describe them")]
mod configs;
#[expect(missing_docs, reason = "the fields are those of Kafka's schemas, which describe them")]
mod features;
#[expect(missing_docs, reason = "the fields are those of Kafka's schemas, which describe them")]
mod nodes;
#[expect(missing_docs, reason = "the fields are those of Kafka's schemas, which describe them")]
mod security;
#[expect(missing_docs, reason = "the fields are those of Kafka's schemas, which describe them")]
mod topics;

use bytes::Bytes;
use derive_more::From;
use protocol::{DecodeError, Decoder, EncodeError, Encoder, Message, schema};

pub use configs::{ClientQuotaRecord, ConfigRecord, EntityData};
pub use features::{
    AbortTransactionRecord, BeginTransactionRecord, EndTransactionRecord, FeatureLevelRecord,
    NoOpRecord, ProducerIdsRecord, ZkMigrationStateRecord,
};
pub use nodes::{
    BrokerEndpoint, BrokerFeature, BrokerRegistrationChangeRecord, ControllerEndpoint,
    ControllerFeature, FenceBrokerRecord, RegisterBrokerRecord, RegisterControllerRecord,
    UnfenceBrokerRecord, UnregisterBrokerRecord,
};
pub use security::{
    AccessControlEntryRecord, DelegationTokenRecord, RemoveAccessControlEntryRecord,
    RemoveDelegationTokenRecord, RemoveUserScramCredentialRecord, UserScramCredentialRecord,
};
pub use topics::{
    ClearElrRecord, PartitionChangeRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
};

/// The only frame version there is.
const FRAME_VERSION: u32 = 1;

/// One record of the metadata log.
#[derive(Debug, Clone, PartialEq, From)]
#[expect(missing_docs, reason = "each variant is the record it holds")]
pub enum MetadataRecord {
    RegisterBroker(RegisterBrokerRecord),
    UnregisterBroker(UnregisterBrokerRecord),
    Topic(TopicRecord),
    Partition(PartitionRecord),
    Config(ConfigRecord),
    PartitionChange(PartitionChangeRecord),
    FenceBroker(FenceBrokerRecord),
    UnfenceBroker(UnfenceBrokerRecord),
    RemoveTopic(RemoveTopicRecord),
    DelegationToken(DelegationTokenRecord),
    UserScramCredential(UserScramCredentialRecord),
    FeatureLevel(FeatureLevelRecord),
    ClientQuota(ClientQuotaRecord),
    ProducerIds(ProducerIdsRecord),
    BrokerRegistrationChange(BrokerRegistrationChangeRecord),
    AccessControlEntry(AccessControlEntryRecord),
    RemoveAccessControlEntry(RemoveAccessControlEntryRecord),
    NoOp(NoOpRecord),
    ZkMigrationState(ZkMigrationStateRecord),
    RemoveUserScramCredential(RemoveUserScramCredentialRecord),
    BeginTransaction(BeginTransactionRecord),
    EndTransaction(EndTransactionRecord),
    AbortTransaction(AbortTransactionRecord),
    RemoveDelegationToken(RemoveDelegationTokenRecord),
    RegisterController(RegisterControllerRecord),
    ClearElr(ClearElrRecord),
}

/// Why bytes are no metadata record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The frame is of a kind that does not exist yet.
    #[error("frame version {0} of a metadata record is unknown")]
    FrameVersion(u32),
    /// The record is of a type that does not exist in Kafka 4.3.
    #[error("metadata record type {0} is unknown")]
    UnknownType(u32),
    /// The record's version is no number a version can have.
    #[error("version {0} of a metadata record is unknown")]
    UnknownVersion(u32),
    /// The frame or the record in it is damaged, or of a version that does not exist.
    #[error("failed to decode a metadata record")]
    Malformed(#[from] DecodeError),
}

impl MetadataRecord {
    /// The record in its frame, in its newest version: what metadata.version 4.3-IV0 asks for.
    ///
    /// # Errors
    /// When a text is too long for the wire.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        match self {
            MetadataRecord::RegisterBroker(record) => write(record),
            MetadataRecord::UnregisterBroker(record) => write(record),
            MetadataRecord::Topic(record) => write(record),
            MetadataRecord::Partition(record) => write(record),
            MetadataRecord::Config(record) => write(record),
            MetadataRecord::PartitionChange(record) => write(record),
            MetadataRecord::FenceBroker(record) => write(record),
            MetadataRecord::UnfenceBroker(record) => write(record),
            MetadataRecord::RemoveTopic(record) => write(record),
            MetadataRecord::DelegationToken(record) => write(record),
            MetadataRecord::UserScramCredential(record) => write(record),
            MetadataRecord::FeatureLevel(record) => write(record),
            MetadataRecord::ClientQuota(record) => write(record),
            MetadataRecord::ProducerIds(record) => write(record),
            MetadataRecord::BrokerRegistrationChange(record) => write(record),
            MetadataRecord::AccessControlEntry(record) => write(record),
            MetadataRecord::RemoveAccessControlEntry(record) => write(record),
            MetadataRecord::NoOp(record) => write(record),
            MetadataRecord::ZkMigrationState(record) => write(record),
            MetadataRecord::RemoveUserScramCredential(record) => write(record),
            MetadataRecord::BeginTransaction(record) => write(record),
            MetadataRecord::EndTransaction(record) => write(record),
            MetadataRecord::AbortTransaction(record) => write(record),
            MetadataRecord::RemoveDelegationToken(record) => write(record),
            MetadataRecord::RegisterController(record) => write(record),
            MetadataRecord::ClearElr(record) => write(record),
        }
    }

    /// Reads a record in its frame.
    ///
    /// # Errors
    /// When frame, type or version is unknown, the record is damaged or something follows it.
    pub fn decode(value: Bytes) -> Result<MetadataRecord, RecordError> {
        let mut decoder = Decoder::new(value);
        let frame = decoder.unsigned_varint()?;
        if frame != FRAME_VERSION {
            return Err(RecordError::FrameVersion(frame));
        }
        let key = decoder.unsigned_varint()?;
        let version = decoder.unsigned_varint()?;
        let version = i16::try_from(version).map_err(|_| RecordError::UnknownVersion(version))?;
        match key {
            0 => read::<RegisterBrokerRecord>(&mut decoder, version),
            1 => read::<UnregisterBrokerRecord>(&mut decoder, version),
            2 => read::<TopicRecord>(&mut decoder, version),
            3 => read::<PartitionRecord>(&mut decoder, version),
            4 => read::<ConfigRecord>(&mut decoder, version),
            5 => read::<PartitionChangeRecord>(&mut decoder, version),
            7 => read::<FenceBrokerRecord>(&mut decoder, version),
            8 => read::<UnfenceBrokerRecord>(&mut decoder, version),
            9 => read::<RemoveTopicRecord>(&mut decoder, version),
            10 => read::<DelegationTokenRecord>(&mut decoder, version),
            11 => read::<UserScramCredentialRecord>(&mut decoder, version),
            12 => read::<FeatureLevelRecord>(&mut decoder, version),
            14 => read::<ClientQuotaRecord>(&mut decoder, version),
            15 => read::<ProducerIdsRecord>(&mut decoder, version),
            17 => read::<BrokerRegistrationChangeRecord>(&mut decoder, version),
            18 => read::<AccessControlEntryRecord>(&mut decoder, version),
            19 => read::<RemoveAccessControlEntryRecord>(&mut decoder, version),
            20 => read::<NoOpRecord>(&mut decoder, version),
            21 => read::<ZkMigrationStateRecord>(&mut decoder, version),
            22 => read::<RemoveUserScramCredentialRecord>(&mut decoder, version),
            23 => read::<BeginTransactionRecord>(&mut decoder, version),
            24 => read::<EndTransactionRecord>(&mut decoder, version),
            25 => read::<AbortTransactionRecord>(&mut decoder, version),
            26 => read::<RemoveDelegationTokenRecord>(&mut decoder, version),
            27 => read::<RegisterControllerRecord>(&mut decoder, version),
            28 => read::<ClearElrRecord>(&mut decoder, version),
            unknown => Err(RecordError::UnknownType(unknown)),
        }
    }

    /// Kafka's name of the record's type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.schema().name
    }

    /// The record type's versions and fields.
    #[must_use]
    pub fn schema(&self) -> schema::Message {
        match self {
            MetadataRecord::RegisterBroker(record) => schema_of(record),
            MetadataRecord::UnregisterBroker(record) => schema_of(record),
            MetadataRecord::Topic(record) => schema_of(record),
            MetadataRecord::Partition(record) => schema_of(record),
            MetadataRecord::Config(record) => schema_of(record),
            MetadataRecord::PartitionChange(record) => schema_of(record),
            MetadataRecord::FenceBroker(record) => schema_of(record),
            MetadataRecord::UnfenceBroker(record) => schema_of(record),
            MetadataRecord::RemoveTopic(record) => schema_of(record),
            MetadataRecord::DelegationToken(record) => schema_of(record),
            MetadataRecord::UserScramCredential(record) => schema_of(record),
            MetadataRecord::FeatureLevel(record) => schema_of(record),
            MetadataRecord::ClientQuota(record) => schema_of(record),
            MetadataRecord::ProducerIds(record) => schema_of(record),
            MetadataRecord::BrokerRegistrationChange(record) => schema_of(record),
            MetadataRecord::AccessControlEntry(record) => schema_of(record),
            MetadataRecord::RemoveAccessControlEntry(record) => schema_of(record),
            MetadataRecord::NoOp(record) => schema_of(record),
            MetadataRecord::ZkMigrationState(record) => schema_of(record),
            MetadataRecord::RemoveUserScramCredential(record) => schema_of(record),
            MetadataRecord::BeginTransaction(record) => schema_of(record),
            MetadataRecord::EndTransaction(record) => schema_of(record),
            MetadataRecord::AbortTransaction(record) => schema_of(record),
            MetadataRecord::RemoveDelegationToken(record) => schema_of(record),
            MetadataRecord::RegisterController(record) => schema_of(record),
            MetadataRecord::ClearElr(record) => schema_of(record),
        }
    }
}

fn schema_of<T: Message>(_: &T) -> schema::Message {
    <T as Message>::SCHEMA
}

fn write<T: Message>(record: &T) -> Result<Bytes, EncodeError> {
    let schema = <T as Message>::SCHEMA;
    let key = schema.key.and_then(|key| u32::try_from(key).ok()).expect("a record type has a key");
    let version = schema.versions.last();
    let mut encoder = Encoder::new();
    encoder.put_unsigned_varint(FRAME_VERSION);
    encoder.put_unsigned_varint(key);
    encoder.put_unsigned_varint(u32::try_from(version).expect("no version is negative"));
    Message::encode(record, &mut encoder, version)?;
    encoder.into_bytes()
}

fn read<T>(decoder: &mut Decoder, version: i16) -> Result<MetadataRecord, RecordError>
where
    T: Message + Into<MetadataRecord>,
{
    let record = <T as Message>::decode(decoder, version)?;
    decoder.finish()?;
    Ok(record.into())
}
