//! How many files and sockets this process may hold open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Descriptors for everything that is neither a log's file nor a client's connection.
const RESERVE: usize = 128;

/// Raises the process's limit as far as it may, and lowers those of the configuration to what then
/// fits: rather a client that waits than a log that cannot be opened.
pub(crate) fn fit(config: &mut Config) {
    let Some(descriptors) = raise_limit() else { return };
    let (files, connections) =
        share(descriptors, config.upkeep.open_files_max, config.limits.connections_ceiling);
    config.upkeep.open_files_max = files;
    config.limits.connections_ceiling = connections;
    config.limits.connections_max = config.limits.connections_max.min(connections);
    tracing::debug!(descriptors, files, connections, "shared out the descriptors");
}

/// The number of descriptors; none when there is no limit.
fn raise_limit() -> Option<usize> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "failed to raise the limit of open files");
    }
    let current = getrlimit(Resource::Nofile).current?;
    Some(usize::try_from(current).unwrap_or(usize::MAX))
}

/// Files for logs and connections: logs get what they want up to a quarter.
fn share(descriptors: usize, files: usize, connections: usize) -> (usize, usize) {
    let free = descriptors.saturating_sub(RESERVE).max(64);
    let files = files.min(free / 4).max(16);
    (files, connections.min(free - files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_get_a_quarter_at_most_and_connections_the_rest() {
        assert_eq!(share(20_000, 4096, usize::MAX), (4096, 20_000 - RESERVE - 4096));
        assert_eq!(share(1024, 4096, usize::MAX), (224, 672));
        assert_eq!(share(1024, 4096, 10), (224, 10));
        assert_eq!(share(0, 4096, 100), (16, 48));
    }
}
