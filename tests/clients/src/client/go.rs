//! Programs in Go, one a folder of `go`.

use crate::cache;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go");

/// What they are compiled from.
const SOURCES: [&str; 12] = [
    include_str!("../../go/go.mod"),
    include_str!("../../go/go.sum"),
    include_str!("../../go/driver/driver.go"),
    include_str!("../../go/driver/record.go"),
    include_str!("../../go/franz/main.go"),
    include_str!("../../go/franzclient/consumer.go"),
    include_str!("../../go/franzclient/main.go"),
    include_str!("../../go/group/group.go"),
    include_str!("../../go/sarama/main.go"),
    include_str!("../../go/saramaclient/consumer.go"),
    include_str!("../../go/saramaclient/main.go"),
    include_str!("../../go/saramaclient/producer.go"),
];

const PROGRAMS: [&str; 4] = ["./franz", "./franzclient", "./sarama", "./saramaclient"];

/// The command that runs a program, which is compiled with the modules that `go.sum` names.
pub(crate) fn program(name: &str) -> Result<Command> {
    let programs: PathBuf = cache::folder("go-clients", &SOURCES, |folder| {
        let mut go = Command::new("go");
        go.args(["build", "-mod=readonly", "-o"]).arg(folder).args(PROGRAMS);
        cache::run(go.current_dir(Path::new(FOLDER)))
    })?;
    Ok(Command::new(programs.join(name)))
}
