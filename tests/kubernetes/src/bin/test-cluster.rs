//! Takes a cluster up for a person, and is the cluster's own first process.

#![expect(clippy::print_stdout, reason = "it talks to a person")]

use anyhow::Result;
use clap::Parser;
use kubernetes_tests::folder::Folder;
use kubernetes_tests::level::Level;
use kubernetes_tests::outside::{self, Outside, Shape};
use kubernetes_tests::{init, programs};
use std::process::ExitCode;

/// A real Kubernetes in namespaces of its own.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask kubernetes", bin_name = "cargo xtask kubernetes")]
enum Command {
    /// Start a cluster that stays until `down`
    Up(Up),
    /// End a cluster; nothing of it stays
    Down {
        /// Which one
        #[arg(long, default_value = "klamm")]
        name: String,
    },
    /// List the clusters of this machine
    Status,
    /// Build the programs, so that no test waits for them
    Build,
    #[command(hide = true)]
    Init(init::Options),
    #[command(hide = true)]
    Node(init::node::Node),
}

#[derive(Debug, clap::Args)]
struct Up {
    /// How it is called
    #[arg(long, default_value = "klamm")]
    name: String,
    /// How much of Kubernetes
    #[arg(long, default_value = "node")]
    level: Level,
    /// How many nodes, in zones of their own
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    nodes: u8,
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Up(options) => up(&options),
        Command::Down { name } => Folder::named(&name).and_then(|folder| outside::down(&folder)),
        Command::Status => status(),
        Command::Build => programs::make_all(),
        Command::Init(options) => return init::serve(options),
        Command::Node(node) => init::node::serve(&node),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn up(options: &Up) -> Result<()> {
    let start = workshop::wait::now();
    let shape = Shape { level: options.level, nodes: options.nodes, stay: true };
    let folder = Folder::named(&options.name)?;
    Outside::start(folder.clone(), shape, &std::env::current_exe()?)?;
    println!("ready after {:.1} s", start.elapsed().as_secs_f32());
    show(&folder)?;
    let kubectl = programs::part(&programs::kubernetes()?, "kubectl");
    println!("inside that network: {} get nodes", kubectl.display());
    Ok(())
}

fn status() -> Result<()> {
    for folder in Folder::all()? {
        println!("cluster {}: {}", folder.name(), state(&folder));
        if outside::runs(&folder) {
            show(&folder)?;
        }
    }
    Ok(())
}

fn state(folder: &Folder) -> &'static str {
    match (outside::runs(folder), folder.file("ready").exists()) {
        (true, true) => "ready",
        (true, false) => "starting",
        (false, _) => "ended",
    }
}

/// How a person gets in.
fn show(folder: &Folder) -> Result<()> {
    println!("export KUBECONFIG={}", folder.kubeconfig().display());
    if let Some(first) = outside::first_process(folder)? {
        println!("nsenter --net --target {} $SHELL   # its network", first.as_raw_nonzero());
    }
    Ok(())
}
