//! A broker's heartbeat: whether it may serve, has to stop serving, or may stop.

use types::{BrokerEpoch, BrokerId, Instant, Offset};

use super::{BrokerEpochError, Decision, Sessions, Settings, check_broker_epoch, leadership};
use crate::{
    image::{Broker, Image},
    records::{BrokerRegistrationChangeRecord, MetadataRecord},
};

/// What a broker says to the controller again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// Who it is.
    pub broker: BrokerId,
    /// Which incarnation of it.
    pub epoch: BrokerEpoch,
    /// How far it has read the metadata: the offset of the last record.
    pub metadata_offset: Offset,
    /// Whether it does not want to serve yet.
    pub wants_fence: bool,
    /// Whether it wants to stop.
    pub wants_shutdown: bool,
}

/// What the broker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatAnswer {
    /// It has read its own registration.
    pub caught_up: bool,
    /// It may not serve.
    pub fenced: bool,
    /// It is about to stop, and loses what it leads.
    pub in_controlled_shutdown: bool,
    /// It may stop: it leads nothing, and all brokers know.
    pub should_shut_down: bool,
}

/// Where a broker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fenced,
    Unfenced,
    ControlledShutdown,
    ShutdownNow,
}

impl State {
    fn of(broker: &Broker) -> State {
        if broker.fenced {
            State::Fenced
        } else if broker.in_controlled_shutdown {
            State::ControlledShutdown
        } else {
            State::Unfenced
        }
    }
}

/// Takes a heartbeat in, at `next_offset` of the log, and decides what becomes of the broker.
///
/// # Errors
/// When it is not the incarnation that is registered.
pub fn heartbeat(
    image: &Image,
    settings: &dyn Settings,
    sessions: &mut Sessions,
    now: Instant,
    next_offset: Offset,
    heartbeat: &Heartbeat,
) -> Result<Decision<HeartbeatAnswer>, BrokerEpochError> {
    let broker = check_broker_epoch(image, heartbeat.broker, heartbeat.epoch)?;
    let caught_up = heartbeat.metadata_offset.0 >= broker.epoch.0;
    sessions.touch(broker.id, now, heartbeat.metadata_offset);
    let state = next_state(image, sessions, broker, heartbeat);
    let records = match (State::of(broker), state) {
        (State::Fenced, State::Unfenced) => unfence(image, settings, broker),
        (_, State::ControlledShutdown) => {
            let records = begin_shutdown(image, settings, broker);
            sessions.begin_shutdown(broker.id, next_offset.plus(count(&records) - 1));
            records
        }
        (State::Unfenced | State::ControlledShutdown, State::Fenced | State::ShutdownNow) => {
            sessions.end_shutdown(broker.id);
            fence_registered(image, settings, broker)
        }
        (State::Fenced | State::ShutdownNow, State::Fenced | State::ShutdownNow)
        | (State::Unfenced | State::ControlledShutdown | State::ShutdownNow, State::Unfenced) => {
            Vec::new()
        }
    };
    let answer = HeartbeatAnswer {
        caught_up,
        fenced: matches!(state, State::Fenced | State::ShutdownNow),
        in_controlled_shutdown: state == State::ControlledShutdown,
        should_shut_down: state == State::ShutdownNow,
    };
    Ok(Decision { records, answer })
}

fn next_state(image: &Image, sessions: &Sessions, broker: &Broker, heartbeat: &Heartbeat) -> State {
    let state = State::of(broker);
    match state {
        State::Fenced if heartbeat.wants_shutdown => State::ShutdownNow,
        State::Fenced if heartbeat.wants_fence => State::Fenced,
        State::Fenced if heartbeat.metadata_offset.0 < broker.epoch.0 => State::Fenced,
        // It was fenced on its way out; to serve again it has to register again.
        State::Fenced if broker.in_controlled_shutdown => State::Fenced,
        State::Fenced => State::Unfenced,
        State::Unfenced if heartbeat.wants_fence && heartbeat.wants_shutdown => State::ShutdownNow,
        State::Unfenced if heartbeat.wants_fence => State::Fenced,
        State::Unfenced if !heartbeat.wants_shutdown => State::Unfenced,
        State::Unfenced | State::ControlledShutdown => {
            let is_done = !leadership::leads_any(image, broker.id)
                && sessions.all_know_of_shutdown(image, broker.id);
            if is_done { State::ShutdownNow } else { State::ControlledShutdown }
        }
        State::ShutdownNow => State::ShutdownNow,
    }
}

/// Takes a broker whose session ended, or whose process is gone, out of service.
#[must_use]
pub fn fence(
    image: &Image,
    settings: &dyn Settings,
    sessions: &mut Sessions,
    broker: BrokerId,
) -> Decision<()> {
    sessions.end_shutdown(broker);
    let registered = image.brokers.get(broker).filter(|broker| !broker.fenced);
    let records = registered.map(|broker| fence_registered(image, settings, broker));
    Decision { records: records.unwrap_or_default(), answer: () }
}

/// The lead goes first: when only a part is written, the session ends again and the rest follows.
fn fence_registered(
    image: &Image,
    settings: &dyn Settings,
    broker: &Broker,
) -> Vec<MetadataRecord> {
    let mut records = leadership::without(image, settings, broker.id);
    records.push(BrokerRegistrationChangeRecord { fenced: 1, ..change_of(broker) }.into());
    records
}

/// The lead comes first: when only a part is written, the broker is still fenced and asks again.
fn unfence(image: &Image, settings: &dyn Settings, broker: &Broker) -> Vec<MetadataRecord> {
    let mut records = leadership::with(image, settings, broker.id);
    records.push(BrokerRegistrationChangeRecord { fenced: -1, ..change_of(broker) }.into());
    records
}

/// Moves the lead away. Repeated with every heartbeat until nothing is left that can move.
fn begin_shutdown(image: &Image, settings: &dyn Settings, broker: &Broker) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    if !broker.in_controlled_shutdown {
        let change =
            BrokerRegistrationChangeRecord { in_controlled_shutdown: 1, ..change_of(broker) };
        records.push(change.into());
    }
    records.extend(leadership::without(image, settings, broker.id));
    records
}

fn change_of(broker: &Broker) -> BrokerRegistrationChangeRecord {
    BrokerRegistrationChangeRecord {
        broker_id: broker.id.0,
        broker_epoch: broker.epoch.0,
        ..BrokerRegistrationChangeRecord::default()
    }
}

fn count(records: &[MetadataRecord]) -> i64 {
    i64::try_from(records.len()).expect("a cluster has fewer than 2^63 partitions")
}
