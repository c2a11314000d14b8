//! Dashboards and alerts in front of a real Prometheus.

use anyhow::{Context, Result};
use client_tests::client::librdkafka::Librdkafka;
use client_tests::client::{Client, node};
use client_tests::load::{Load, PARTITIONS};
use client_tests::process::{self, Owned};
use client_tests::server::{Server, klamm, ports};
use client_tests::wait;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use workshop::prometheus::{self, Prometheus};

const PATIENCE: Duration = Duration::from_secs(60);
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dashboards");
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/grafana");
/// Of the brokers; that of the operator is asked about where it runs, on a test cluster.
const DASHBOARDS: [&str; 3] = ["overview", "topics", "groups"];

#[test]
#[ignore = "needs a built broker and Prometheus"]
fn every_panel_shows_something_of_a_broker_at_work() {
    // Flushes are among what is shown, and a topic that is not there among the errors.
    let config = [("log.flush.interval.messages", "100"), ("auto.create.topics.enable", "false")];
    let server = Server::configured(&config).unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    assert_eq!(client.create("chat", PARTITIONS).unwrap(), "NONE");
    let load = Load::start(server.bootstrap(), "chat").unwrap();
    let _reader = reader(&server).unwrap();
    let prometheus = {
        let (port, target) = (ports::free().unwrap(), admin(&server).unwrap());
        Prometheus::start(port, &target, "{}").unwrap()
    };
    for query in DASHBOARDS.iter().flat_map(|name| queries(name).unwrap()) {
        let waited_for = format!("`{query}` shows something");
        wait::until(PATIENCE, &waited_for, || {
            fail_once(&server)?;
            Ok(prometheus.query(&query)?.into_iter().next())
        })
        .unwrap();
    }
    load.finish().unwrap();
}

#[test]
#[ignore = "needs Prometheus"]
fn alerts_fire_when_they_should_and_only_then() {
    let mut promtool = Command::new("promtool");
    promtool.args([
        "test",
        "rules",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../alerts/tests.yaml"),
    ]);
    let output = process::output(&mut promtool).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs Node.js"]
fn dashboards_are_what_grafana_takes_a_dashboard_to_be() {
    let packages = node::packages(Path::new(SCHEMA)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&packages, folder.path().join("node_modules")).unwrap();
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let json = std::fs::read_to_string(&path).unwrap();
        let source = std::fs::read_to_string(Path::new(SCHEMA).join("check.ts")).unwrap() + &json;
        let name = path.with_extension("ts").file_name().unwrap().to_owned();
        std::fs::write(folder.path().join(&name), source).unwrap();
        let mut compiler = Command::new(packages.join(".bin/tsc"));
        compiler.args(["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"]);
        compiler.args(["--module", "esnext", "--moduleResolution", "bundler"]).arg(&name);
        let output = process::output(compiler.current_dir(folder.path())).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Where the broker's metrics are.
fn admin(server: &Server) -> Result<String> {
    let (host, port) = server.bootstrap().rsplit_once(':').context("an address has a port")?;
    Ok(format!("{host}:{}", port.parse::<u16>()? + 15_000))
}

/// A member of a group that reads and commits until it is dropped.
fn reader(server: &Server) -> Result<Owned> {
    let mut klamm = Command::new(klamm::program()?);
    klamm.args(["consume", "chat", "--group", "readers", "-b", server.bootstrap()]);
    Ok(Owned(klamm.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
}

/// A request that is refused.
fn fail_once(server: &Server) -> Result<()> {
    let mut klamm = Command::new(klamm::program()?);
    klamm.args(["topic", "describe", "missing", "-b", server.bootstrap()]);
    assert!(!process::output(&mut klamm)?.status.success());
    Ok(())
}

/// With everything chosen.
fn queries(dashboard: &str) -> Result<Vec<String>> {
    prometheus::queries(&Path::new(FOLDER).join(format!("{dashboard}.json")), &[])
}
