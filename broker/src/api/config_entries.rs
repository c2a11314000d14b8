//! Keys of the configuration as the wire shows them: Kafka's numbers for sources and kinds.

use configuration::{Kind, Source};
use node::metadata::image::ResourceKind;

/// Kafka's number for where a value comes from.
pub(super) fn source_number(source: Source, kind: ResourceKind) -> i8 {
    match (source, kind) {
        (Source::Resource, ResourceKind::Topic) => 1,
        // A broker's own values are a layer of their own.
        (Source::Broker, _) | (Source::Resource, ResourceKind::Broker) => 2,
        (Source::AllBrokers, _) => 3,
        (Source::File, _) => 4,
        (Source::Default, _) => 5,
        (Source::Resource, ResourceKind::ClientMetrics) => 7,
        (Source::Resource, ResourceKind::Group) => 8,
    }
}

/// Kafka's number for a kind of value.
pub(super) fn kind_number(kind: Kind) -> i8 {
    match kind {
        Kind::Boolean => 1,
        Kind::String => 2,
        Kind::Int => 3,
        Kind::Short => 4,
        Kind::Long => 5,
        Kind::Double => 6,
        Kind::List => 7,
        Kind::Class => 8,
        Kind::Password => 9,
    }
}
