//! The project's own commands, behind `cargo xtask`.
//!
//! Needs nothing but the toolchain: every command is a list of other programs to run, in order.

#![expect(clippy::print_stdout, reason = "these commands talk to a person or to CI's log")]

mod bench;
mod check;
mod compat;
mod crds;
mod dashboards;
mod docs;
mod fix;
mod fuzz;
mod image;
mod kubernetes;
mod matrix;
mod prerequisites;
mod process;
mod sim;
mod stages;
mod test;
#[cfg(test)]
mod tidy;

use clap::Parser;
use std::process::ExitCode;

/// Klamm's own commands: one for every chore, the same on a laptop and in CI.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Look for what CI would refuse: format, lints, tidy, licences, spelling. Writes nothing
    Check,
    /// Mend what a program can mend: format, lints with one answer, generated files
    Fix,
    /// Run simulated clusters from seeds; the same seed gives the same run
    Sim(sim::Options),
    /// Fuzz one of the decoders of wire and disk; needs nightly and cargo-fuzz
    Fuzz(fuzz::Options),
    /// Set up and pass all tests, as CI does
    Test(test::Options),
    /// Send the same requests to Apache Kafka and to Klamm; print every difference
    Compat,
    /// Start and end a real Kubernetes on this machine, in namespaces of its own
    Kubernetes(kubernetes::Options),
    /// Pack the program into a container image, one OCI archive, without an engine
    Image(image::Options),
    /// Write the resource definitions in crds/ and docs/reference.md, which tells of their fields
    Crds,
    /// Write the pages of docs/ that are made from the code
    Docs,
    /// Write Grafana's dashboards in dashboards/
    Dashboards,
    /// Measure speed and memory of a release build beside Apache Kafka's and beside what the machine
    /// itself asks for the same, or those of two builds beside each other
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Check => check::run(),
        Command::Fix => fix::run(),
        Command::Sim(options) => sim::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Compat => compat::run(),
        Command::Kubernetes(options) => kubernetes::run(&options),
        Command::Image(options) => image::run(&options),
        Command::Crds => crds::run(),
        Command::Docs => docs::run(),
        Command::Dashboards => dashboards::run(),
        Command::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
