//! `klamm broker`: one broker, from its server.properties.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    /// Read the broker's rack from this file; it may be written a little after the start
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    rack_file: Option<PathBuf>,
    /// Only say what is wrong with the configuration
    #[arg(long)]
    check: bool,
    /// Only say, as JSON, what is wrong with what topics set for themselves: a JSON list of their
    /// configurations comes on standard input
    #[arg(long, conflicts_with_all = ["config", "check"])]
    check_topics: bool,
}

/// How long a broker waits for its rack.
const RACK_WAIT_MAX: Duration = Duration::from_secs(20);
const RACK_PAUSE: Duration = Duration::from_millis(100);

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
    let mut config = load(path, arguments.check)?;
    if arguments.check {
        return Ok(());
    }
    broker::telemetry::log_to_stderr();
    if let Some(file) = &arguments.rack_file {
        take_rack(&mut config, read_rack(file)?);
    }
    let ready = || print::line("ready");
    broker::run(config, ready, stop()).map_err(|error| Failure::Failed(error.to_string()))
}

/// Where a broker stands is known only when it has been placed, and written down by others then. It
/// must start without them too: a broker without a rack serves clients as well.
fn read_rack(file: &Path) -> Result<Option<String>, Failure> {
    let failed = |error: std::io::Error| Failure::Failed(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let read = async {
        loop {
            let rack = std::fs::read_to_string(file).unwrap_or_default().trim().to_owned();
            if !rack.is_empty() {
                return rack;
            }
            tokio::time::sleep(RACK_PAUSE).await;
        }
    };
    let within = async { tokio::time::timeout(RACK_WAIT_MAX, read).await };
    Ok(runtime.map_err(failed)?.block_on(within).ok())
}

fn take_rack(config: &mut Config, rack: Option<String>) {
    match rack {
        Some(rack) => {
            config.file.insert("broker.rack".to_owned(), rack.clone());
            config.identity.rack = Some(rack);
        }
        None => print::problem("nobody wrote down the broker's rack: it starts without one"),
    }
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
