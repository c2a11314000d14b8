//! `klamm broker`: one broker, from its server.properties.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use broker::config::{Config, ConfigError, check_topic_config};
use clap::Args;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::{Failure, print};

/// The largest configuration that is read from standard input.
const STDIN_BYTES_MAX: u64 = 1024 * 1024;
/// The most that topics may set for themselves, all together.
const TOPICS_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What `klamm broker` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The broker's server.properties; `-` for standard input with --check
    #[arg(long, value_name = "FILE", required_unless_present = "check_topics")]
    config: Option<PathBuf>,
    /// Only say what is wrong with the configuration
    #[arg(long)]
    check: bool,
    /// Only say, as JSON, what is wrong with what topics set for themselves: a JSON list of their
    /// configurations comes on standard input
    #[arg(long, conflicts_with_all = ["config", "check"])]
    check_topics: bool,
}

/// What is wrong with one key of one topic.
#[derive(Debug, Serialize)]
struct TopicComplaint {
    index: usize,
    key: String,
    sentence: String,
}

/// Runs or checks.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(path) = &arguments.config else { return check_topics() };
    let config = load(path, arguments.check)?;
    if arguments.check {
        return Ok(());
    }
    broker::telemetry::log_to_stderr();
    let ready = || print::line("ready");
    broker::run(config, ready, stop()).map_err(|error| Failure::Failed(error.to_string()))
}

fn check_topics() -> Result<(), Failure> {
    let stdin = std::io::stdin().lock().take(TOPICS_BYTES_MAX);
    let topics: Vec<BTreeMap<String, String>> = serde_json::from_reader(stdin)
        .map_err(|error| Failure::Input(format!("standard input holds no topics: {error}")))?;
    let settings = topics.into_iter().enumerate();
    let settings = settings.flat_map(|(index, keys)| keys.into_iter().map(move |it| (index, it)));
    let complaints = settings.filter_map(|(index, (key, value))| {
        let sentence = check_topic_config(&key, &value).err()?;
        Some(TopicComplaint { index, key, sentence })
    });
    print::json(&complaints.collect::<Vec<_>>());
    Ok(())
}

fn load(path: &Path, check: bool) -> Result<Config, Failure> {
    let loaded = if check && path == Path::new("-") { load_stdin() } else { Config::load(path) };
    loaded.map_err(|error| Failure::Input(error.to_string()))
}

fn load_stdin() -> Result<Config, ConfigError> {
    let path = PathBuf::from("<stdin>");
    let mut text = String::new();
    let mut stdin = std::io::stdin().lock().take(STDIN_BYTES_MAX);
    match stdin.read_to_string(&mut text) {
        Ok(_) => Config::parse(&text).map_err(|problems| ConfigError::Invalid { path, problems }),
        Err(error) => Err(ConfigError::Unreadable { path, error }),
    }
}

async fn stop() {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return print::problem("failed to listen for signals");
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = closed_stdin() => {}
    }
}

/// Resolves when the pipe we are fed by closes; never when there is no pipe.
async fn closed_stdin() {
    let is_pipe = std::fs::metadata("/dev/stdin").is_ok_and(|stdin| stdin.file_type().is_fifo());
    if !is_pipe {
        return std::future::pending().await;
    }
    let (closed, receiver) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        drop(std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
        drop(closed);
    });
    drop(receiver.await);
}
