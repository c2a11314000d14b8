//! What a client may do with a resource, as bits that `authorized_operations` fields hold.
//!
//! Without an authorizer nobody is refused anything, so that the bits name all there is to do.

/// Everything one can do with a topic: read, write, create, delete, alter, describe, and see and
/// change its configuration.
pub(super) const TOPIC: i32 =
    1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
/// Everything one can do with a cluster: create, alter, describe, act as a broker, see and change
/// its configuration, and write idempotently.
pub(super) const CLUSTER: i32 = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;
/// Everything one can do with a group: read, delete, describe, and see and change its
/// configuration.
pub(super) const GROUP: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;
/// "Not asked for".
pub(super) const NOT_ASKED_FOR: i32 = i32::MIN;

/// The bits, when they were asked for.
pub(super) fn when(asked_for: bool, operations: i32) -> i32 {
    if asked_for { operations } else { NOT_ASKED_FOR }
}
