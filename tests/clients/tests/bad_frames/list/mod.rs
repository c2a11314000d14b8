//! The list, one file for each kind of wrong.

mod batches;
mod codecs;
mod conversations;
mod headers;
mod lengths;
mod records;
mod sizes;

use crate::bad_frame::BadFrame;

/// Why a fate is another one than Kafka's.
mod reason {
    pub(super) const NULL: &str = "A length below -1 is wrong; Kafka takes it for null";
    pub(super) const UTF_8: &str = "Text is UTF-8; Kafka puts question marks where it is not";
    pub(super) const TAG: &str = "A tag's size is checked; Kafka reads past it";
    pub(super) const FAILS: &str = "Kafka fails at it; ours says what is wrong";
    pub(super) const TORN: &str =
        "Nothing is dropped silently; Kafka drops the bytes behind the batch";
    pub(super) const TIME: &str =
        "Only a leader stamps its own time; Kafka takes the batch and clears the mark";
    pub(super) const PRODUCER: &str = "An id, an epoch and a sequence are there together or not at all; Kafka looks at the sequence";
    pub(super) const BOMB: &str =
        "A batch may unpack to 256 MiB at most; Kafka hands on to consumers whatever it unpacks to";
}

/// All of it.
pub(crate) fn all() -> Vec<BadFrame> {
    let kinds = [
        sizes::frames(),
        headers::frames(),
        lengths::frames(),
        batches::frames(),
        records::frames(),
        codecs::frames(),
        conversations::frames(),
    ];
    kinds.into_iter().flatten().collect()
}
