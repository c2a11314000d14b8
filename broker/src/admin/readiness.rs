//! Whether the broker serves clients, and if not, why.

use std::sync::{Arc, Mutex, PoisonError};

/// Where a broker is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It does not serve yet; the text says what it waits for.
    Starting(String),
    /// Clients are served.
    Serving,
    /// It finishes what it began.
    Stopping,
}

/// The broker's state, shared with those who ask.
#[derive(Debug, Clone)]
pub struct Readiness(Arc<Mutex<State>>);

impl Readiness {
    /// Not ready, for this reason.
    #[must_use]
    pub fn starting(reason: &str) -> Readiness {
        Readiness(Arc::new(Mutex::new(State::Starting(reason.to_owned()))))
    }

    /// Takes a new state.
    pub fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl State {
    /// Why clients are not served; none when they are.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            State::Starting(reason) => Some(reason),
            State::Serving => None,
            State::Stopping => Some("the broker stops"),
        }
    }
}
