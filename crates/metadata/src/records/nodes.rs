//! Records about brokers and controllers: registration, fencing, leaving.

use bytestring::ByteString;
use protocol::{Message, Struct};
use types::Uuid;

/// A broker, or a new incarnation of one, is known from here on.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 0, versions = 0..=4, flexible = 0..)]
pub struct RegisterBrokerRecord {
    pub broker_id: i32,
    #[field(versions = 2..)]
    pub is_migrating_zk_broker: bool,
    pub incarnation_id: Uuid,
    pub broker_epoch: i64,
    pub end_points: Vec<BrokerEndpoint>,
    pub features: Vec<BrokerFeature>,
    #[field(nullable = 0..)]
    pub rack: Option<ByteString>,
    #[field(default = true)]
    pub fenced: bool,
    #[field(versions = 1..)]
    pub in_controlled_shutdown: bool,
    #[field(versions = 3.., tag = 0)]
    pub log_dirs: Vec<Uuid>,
    #[field(versions = 4.., nullable = 4.., default = None, tag = 1)]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

/// An address a broker can be reached at.
#[derive(Debug, Clone, PartialEq, Struct)]
pub struct BrokerEndpoint {
    pub name: ByteString,
    pub host: ByteString,
    pub port: u16,
    pub security_protocol: i16,
}

/// The levels of one feature that a broker can work with.
#[derive(Debug, Clone, PartialEq, Struct)]
pub struct BrokerFeature {
    pub name: ByteString,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

/// A broker is forgotten.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 1, versions = 0..=0, flexible = 0..)]
pub struct UnregisterBrokerRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
}

/// A broker is fenced (the form of metadata versions before 3.3-IV2).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 7, versions = 0..=0, flexible = 0..)]
pub struct FenceBrokerRecord {
    pub id: i32,
    pub epoch: i64,
}

/// A broker is unfenced (the form of metadata versions before 3.3-IV2).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 8, versions = 0..=0, flexible = 0..)]
pub struct UnfenceBrokerRecord {
    pub id: i32,
    pub epoch: i64,
}

/// Some of what is registered of a broker changes.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 17, versions = 0..=3, flexible = 0..)]
pub struct BrokerRegistrationChangeRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
    /// -1: unfenced, 0: no change, 1: fenced.
    #[field(tag = 0)]
    pub fenced: i8,
    /// 0: no change, 1: in controlled shutdown.
    #[field(versions = 1.., tag = 1)]
    pub in_controlled_shutdown: i8,
    /// Empty: no change.
    #[field(versions = 2.., tag = 2)]
    pub log_dirs: Vec<Uuid>,
    /// `None`: no change.
    #[field(versions = 3.., nullable = 3.., default = None, tag = 3)]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

/// A controller is known from here on.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(kind = metadata, key = 27, versions = 0..=0, flexible = 0..)]
pub struct RegisterControllerRecord {
    pub controller_id: i32,
    pub incarnation_id: Uuid,
    pub zk_migration_ready: bool,
    pub end_points: Vec<ControllerEndpoint>,
    pub features: Vec<ControllerFeature>,
}

/// An address a controller can be reached at.
#[derive(Debug, Clone, PartialEq, Struct)]
pub struct ControllerEndpoint {
    pub name: ByteString,
    pub host: ByteString,
    pub port: u16,
    pub security_protocol: i16,
}

/// The levels of one feature that a controller can work with.
#[derive(Debug, Clone, PartialEq, Struct)]
pub struct ControllerFeature {
    pub name: ByteString,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}
