//! Apache Kafka itself, as the judge in tests: its tools and its schemas.
//!
//! Maven fetches Kafka's jars once into a cache folder outside the checkout; `pom.xml` beside this
//! crate pins them. Only tests depend on this crate, so it panics with a sentence when something is
//! missing.

mod broker;
pub mod cleaner;
pub mod schemas;
mod wire;

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
};

pub use broker::Broker;
pub use schemas::assert_schema;
pub use wire::{arbitrary, assert_round_trips};

/// The version of Kafka that judges us; the pom says the same.
pub const KAFKA_VERSION: &str = "4.3.1";

/// The folder with Kafka's jars and all they need.
///
/// It is `$KLAMM_KAFKA_JARS` when that is set; else a cache folder that Maven fills at the first
/// call, while calls from other processes wait.
///
/// # Panics
/// Says what is missing.
#[must_use]
pub fn jars() -> PathBuf {
    if let Some(folder) = env::var_os("KLAMM_KAFKA_JARS") {
        return folder.into();
    }
    let cache = cache_folder();
    let lib = cache.join("lib");
    if !lib.exists() {
        fetch_once(&cache, &lib);
    }
    lib
}

fn cache_folder() -> PathBuf {
    let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).unwrap_or_else(|| {
        let home = env::var_os("HOME").expect("HOME or XDG_CACHE_HOME says where caches go");
        Path::new(&home).join(".cache")
    });
    caches.join("klamm").join(format!("kafka-{KAFKA_VERSION}"))
}

/// Fetches the jars unless another process does so meanwhile.
fn fetch_once(cache: &Path, lib: &Path) {
    fs::create_dir_all(cache).expect("the cache folder can be made");
    let lock = File::create(cache.join(".lock")).expect("the cache folder can be written to");
    lock.lock().expect("a file can be locked");
    if lib.exists() {
        return;
    }
    let partial = cache.join("lib.partial");
    run_maven(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pom.xml"), &partial);
    fs::rename(&partial, lib).expect("a folder can be renamed beside itself");
}

/// Has Maven put the jars that a pom names, and all they need, into a folder.
///
/// # Panics
/// Says that Maven is missing, or what it could not fetch.
pub fn run_maven(pom: &Path, target: &Path) {
    let output = Command::new("mvn")
        .args(["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", target.display()))
        .arg("-f")
        .arg(pom)
        .output()
        .unwrap_or_else(|error| panic!("Kafka's jars need Maven (apt-get install maven): {error}"));
    assert!(output.status.success(), "Maven could not fetch Kafka's jars:\n{}", text(&output));
}

/// Runs one of Kafka's tools, by the name of its class, to its end.
///
/// Some tools report what they find with exit code 0: read [`text`].
///
/// # Panics
/// Says that Java is missing.
#[must_use]
pub fn tool(class: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
    java(class)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("Kafka's tools need Java 17 or later: {error}"))
}

/// The command that runs a class of Kafka's; arguments can be added.
#[must_use]
pub fn java(class: &str) -> Command {
    let mut command = Command::new("java");
    command.args(["-Xmx256M", "-XX:TieredStopAtLevel=1", "-cp"]).arg(jars().join("*")).arg(class);
    command
}

/// All that a tool wrote.
#[must_use]
pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
