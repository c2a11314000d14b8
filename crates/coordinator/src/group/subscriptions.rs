//! Which topics the members of a group of consumers read.

use std::collections::BTreeSet;

use bytes::Bytes;
use bytestring::ByteString;

use super::roster::Roster;

/// The topics that members read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Topics {
    /// The members do not say, or in words that we do not know.
    Unknown,
    /// These.
    Known(BTreeSet<ByteString>),
}

impl Topics {
    /// What the members say in their metadata for a protocol, if they are consumers.
    pub(super) fn of(
        protocol_type: &str,
        protocol: Option<&ByteString>,
        roster: &Roster,
    ) -> Topics {
        if protocol_type != "consumer" {
            return Topics::Unknown;
        }
        let mut topics = BTreeSet::new();
        for (_, member) in roster.iter() {
            let metadata = protocol.and_then(|protocol| member.metadata(protocol));
            let Some(theirs) = metadata.and_then(subscribed) else { return Topics::Unknown };
            topics.extend(theirs);
        }
        Topics::Known(topics)
    }
}

/// The topics in a `ConsumerProtocolSubscription`. Its version 0 is the beginning of all others, so
/// that is what is read, as Kafka does: version, topics, user data.
fn subscribed(metadata: &Bytes) -> Option<Vec<ByteString>> {
    let mut rest = metadata.clone();
    let version = i16::from_be_bytes(take(&mut rest)?);
    let count = i32::from_be_bytes(take(&mut rest)?);
    if version < 0 || count < 0 {
        return None;
    }
    let mut topics = Vec::new();
    for _ in 0..count {
        let length = usize::try_from(i16::from_be_bytes(take(&mut rest)?)).ok()?;
        topics.push(ByteString::try_from(split(&mut rest, length)?).ok()?);
    }
    // User data may be missing; a length of -1 says so.
    let length = i32::from_be_bytes(take(&mut rest)?);
    if let Ok(length) = usize::try_from(length) {
        split(&mut rest, length)?;
    }
    Some(topics)
}

fn take<const N: usize>(rest: &mut Bytes) -> Option<[u8; N]> {
    split(rest, N)?.as_ref().try_into().ok()
}

fn split(rest: &mut Bytes, length: usize) -> Option<Bytes> {
    (rest.len() >= length).then(|| rest.split_to(length))
}
