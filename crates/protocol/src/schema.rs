//! What a message looks like on the wire, as a value: written by the derives, compared with Kafka's
//! own schemas by the tests.

use crate::Versions;

/// The schema of a request, a response or a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Message {
    /// Kafka's name of the message.
    pub name: &'static str,
    /// What the message is for.
    pub kind: Kind,
    /// The number of the API, or of the record type.
    pub key: Option<i16>,
    /// The versions that exist.
    pub versions: Versions,
    /// The versions with compact lengths and tagged fields.
    pub flexible: Versions,
    /// Whether the last version is not released.
    pub unstable: bool,
    /// The fields.
    pub body: &'static Struct,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asked of a server.
    Request,
    /// Answered by a server.
    Response,
    /// A record of `__cluster_metadata`.
    Metadata,
    /// Content of a control record or a file.
    Data,
    /// The key of a record in a coordinator's topic.
    CoordinatorKey,
    /// The value of a record in a coordinator's topic.
    CoordinatorValue,
}

/// The schema of a struct.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Struct {
    /// Kafka's name of the struct.
    pub name: &'static str,
    /// The fields, in the order they are written.
    pub fields: &'static [Field],
}

/// The schema of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Kafka's name of the field.
    pub name: &'static str,
    /// What the field holds.
    pub ty: Type,
    /// The versions that have the field.
    pub versions: Versions,
    /// The versions in which it can be null.
    pub nullable: Versions,
    /// Its tag, and the versions in which it is a tagged field.
    pub tag: Option<(u32, Versions)>,
    /// What it is when nothing is said.
    pub default: Default,
    /// Whether a version that lacks the field may drop a value.
    pub ignorable: bool,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Type {
    /// One byte, zero or not.
    Bool,
    /// A signed byte.
    Int8,
    /// Two bytes, signed.
    Int16,
    /// Two bytes, unsigned.
    Uint16,
    /// Four bytes, signed.
    Int32,
    /// Eight bytes, signed.
    Int64,
    /// A double.
    Float64,
    /// 16 bytes.
    Uuid,
    /// UTF-8 text of at most 32767 bytes.
    String,
    /// Bytes.
    Bytes,
    /// Record batches.
    Records,
    /// Several of one type.
    Array(&'static Type),
    /// Several fields.
    Struct(&'static Struct),
}

/// What a field is when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Zero, false or empty.
    Empty,
    /// Null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(i64),
}
