//! From a `Cluster` to brokers: observe, plan, apply, status.

pub mod apply;
pub mod identity;
pub mod observe;
pub mod plan;
pub mod properties;
pub mod reconcile;
pub mod rollout;
pub mod status;

pub use identity::Identity;
pub use observe::Observation;
pub use plan::{Plan, Step};
pub use properties::Properties;
