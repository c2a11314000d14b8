//! One partition of `__consumer_offsets`: its groups, and the requests that wait.

use std::sync::Arc;

use crate::Config;

/// The groups of one partition of `__consumer_offsets`.
#[derive(Debug)]
pub struct Shard {
    config: Arc<Config>,
}

impl Shard {
    /// A shard without groups, to be loaded.
    #[must_use]
    pub fn new(config: Arc<Config>) -> Shard {
        Shard { config }
    }

    /// What the shard goes by.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }
}
