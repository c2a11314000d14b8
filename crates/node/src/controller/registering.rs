//! How this node becomes a broker of the cluster that it is a controller of.

use metadata::{
    controller::{self as decide, Decision, Heartbeat},
    records::MetadataRecord,
};
use types::{Now, Offset};

use super::{Controller, NO_ROOM};

impl Controller {
    /// Registers this process as the broker that it is.
    pub(super) fn register(&mut self, now: Now) {
        let Some(active) = &mut self.active else { return };
        let next_offset = active.decisions.next_offset();
        let decided = decide::register_broker(
            active.decisions.image(),
            &self.defaults,
            &active.sessions,
            now.instant,
            next_offset,
            &self.registration,
        );
        match decided {
            Ok(Decision { records, .. }) => {
                active.sessions.begin(self.broker, now.instant);
                self.write_or_fail(now, &records);
            }
            Err(error) => self.fail(&format!("failed to register: {error}")),
        }
    }

    pub(super) fn unfence(&mut self, now: Now, metadata_offset: Offset) {
        let Some(active) = &mut self.active else { return };
        let Some(own) = active.decisions.image().brokers.get(self.broker) else { return };
        let heartbeat = Heartbeat {
            broker: self.broker,
            epoch: own.epoch,
            metadata_offset,
            wants_fence: false,
            wants_shutdown: false,
        };
        let (image, sessions) = (active.decisions.image(), &mut active.sessions);
        let next_offset = active.decisions.next_offset();
        let decided = decide::heartbeat(
            image,
            &self.defaults,
            sessions,
            now.instant,
            next_offset,
            &heartbeat,
        );
        match decided {
            Ok(Decision { records, .. }) => self.write_or_fail(now, &records),
            Err(error) => self.fail(&format!("failed to begin serving: {error}")),
        }
    }

    /// Writes what this node cannot go on without.
    pub(super) fn write_or_fail(&mut self, now: Now, records: &[MetadataRecord]) {
        if self.write(now, records).is_err() {
            self.fail(NO_ROOM);
        }
    }
}
