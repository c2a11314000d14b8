//! Logs: plain text on standard error, filtered by `RUST_LOG`.

use tracing_subscriber::EnvFilter;

/// Sends what is traced to standard error; `RUST_LOG` says what, else everything from `info` up.
///
/// A second call changes nothing.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .finish();
    // Fails only when a test or the program has set its own before.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
