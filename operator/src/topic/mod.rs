//! From a `Topic` to a topic in its cluster: observe, plan, apply, status.

pub mod apply;
pub mod observe;
pub mod plan;
pub mod reconcile;
pub mod rivals;
pub mod status;

pub use observe::{Found, Observation, Reach};
pub use plan::{Plan, Step};
