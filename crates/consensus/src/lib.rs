//! The metadata quorum: KRaft as a pure state machine.
