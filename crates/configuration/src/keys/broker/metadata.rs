//! What a broker can be told about the metadata quorum and its log.

use crate::key::{Key, Kind, boolean, int, key, list, long, unset};

pub(super) const KEYS: &[Key] = &[
    key(
        "controller.performance.always.log.threshold.ms",
        long("2000").at_least(0.0).internal(),
        "From which duration on a controller's operation is logged as slow.",
    ),
    key(
        "controller.performance.sample.period.ms",
        long("60000").at_least(100.0).internal(),
        "How often the controller logs how long its operations take.",
    ),
    key(
        "controller.quorum.append.linger.ms",
        int("25").at_least(0.0),
        "How long the leader of the quorum gathers records before it writes them.",
    ),
    key(
        "controller.quorum.auto.join.enable",
        boolean("false").low(),
        "Whether a new controller makes itself a voter.",
    ),
    key(
        "controller.quorum.bootstrap.servers",
        list("").like("non-empty list").high(),
        "Addresses at which a node finds the metadata quorum.",
    ),
    key(
        "controller.quorum.election.backoff.max.ms",
        int("1000").at_least(0.0).high(),
        "The longest pause after an election of the quorum that nobody won.",
    ),
    key(
        "controller.quorum.election.timeout.ms",
        int("1000").at_least(0.0).high(),
        "How long a candidate waits for votes.",
    ),
    key(
        "controller.quorum.fetch.max.bytes",
        int("1048576").at_least(1.0).low(),
        "The most that one fetch of metadata brings.",
    ),
    key(
        "controller.quorum.fetch.snapshot.max.bytes",
        int("1048576").at_least(1.0).low(),
        "The most that one fetch of a metadata snapshot brings.",
    ),
    key(
        "controller.quorum.fetch.timeout.ms",
        int("2000").at_least(0.0).high(),
        "After which time without its leader a voter stands for election.",
    ),
    key(
        "controller.quorum.request.timeout.ms",
        int("2000").at_least(0.0),
        "How long a request within the quorum may take.",
    ),
    key(
        "controller.quorum.retry.backoff.ms",
        int("20").at_least(0.0).low(),
        "The pause before a request within the quorum is tried again.",
    ),
    key(
        "controller.quorum.voters",
        list("").like("non-empty list").high(),
        "The voters of a quorum whose members never change, as `id@host:port`.",
    ),
    key(
        "controller.socket.timeout.ms",
        int("30000"),
        "How long a broker waits for an answer of the controller.",
    ),
    key(
        "internal.metadata.delete.delay.millis",
        long("60000").low().internal(),
        "How long files of the metadata log stay after they have been taken out of use.",
    ),
    key(
        "internal.metadata.log.segment.bytes",
        unset(Kind::Int).low().internal(),
        "A size of the metadata log's segments below the usual least one, for Kafka's own tests.",
    ),
    key(
        "internal.metadata.max.batch.size.in.bytes",
        int("8388608").low().internal(),
        "The largest batch of the metadata log.",
    ),
    key(
        "metadata.log.dir",
        unset(Kind::String).high(),
        "A folder of its own for the metadata log.",
    ),
    key(
        "metadata.log.max.record.bytes.between.snapshots",
        long("20971520").at_least(1.0).high().works(),
        "After how many bytes of new metadata records a snapshot is written.",
    ),
    key(
        "metadata.log.max.snapshot.interval.ms",
        long("3600000").at_least(0.0).high(),
        "After which time a snapshot is written though few metadata have changed.",
    ),
    key(
        "metadata.log.segment.bytes",
        int("1073741824").at_least(8_388_608.0).high(),
        "At which size a segment of the metadata log is closed.",
    ),
    key(
        "metadata.log.segment.ms",
        long("604800000").high(),
        "At which age a segment of the metadata log is closed.",
    ),
    key(
        "metadata.max.idle.interval.ms",
        int("500").at_least(0.0).low(),
        "How often the active controller writes an empty record when nothing else happens.",
    ),
    key(
        "metadata.max.retention.bytes",
        long("104857600").high(),
        "How large the metadata log and its snapshots may grow together.",
    ),
    key(
        "metadata.max.retention.ms",
        long("604800000").high(),
        "How long old metadata snapshots and segments are kept.",
    ),
    key(
        "unstable.api.versions.enable",
        boolean("false").high().internal(),
        "Whether unfinished versions of requests are served.",
    ),
    key(
        "unstable.feature.versions.enable",
        boolean("false").high().internal(),
        "Whether unfinished levels of features may be used.",
    ),
];
