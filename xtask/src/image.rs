//! `cargo xtask image`: the container image with `klamm`, as one OCI archive, without an engine.

use crate::process::{self, PROFILE, RELEASED, built, cargo, released, root};
use ::image::{Compression, klamm};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// The most bytes of an archive: what a node has to pull before a broker starts there.
const BYTES_MAX: usize = 40_000_000;

/// What to build.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How the program is built: for people, or as tests run it
    #[arg(long, value_enum, default_value_t = Profile::Dist)]
    profile: Profile,
    /// The image's name, REPOSITORY:TAG
    #[arg(long, default_value = concat!("localhost/klamm:", env!("CARGO_PKG_VERSION")))]
    name: String,
    /// Where the archive goes
    #[arg(long, default_value = "target/klamm-image.tar")]
    output: PathBuf,
}

/// The profiles that there are images of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Profile {
    Dist,
    Ci,
}

/// Builds the program, packs it, and says what the image is known by.
pub(crate) fn run(options: &Options) -> Result<()> {
    let program = build(options.profile)?;
    let image = klamm::image(&program, &options.name, Compression::Gzip)?;
    let digest = image.digest().to_owned();
    let output = root().join(&options.output);
    let bytes = image.write(&output)?;
    let megabytes = bytes as f64 / 1e6;
    println!("{}@{digest}\n{megabytes:.1} MB in {}", options.name, output.display());
    if bytes > BYTES_MAX {
        bail!("an image has at most {} MB", BYTES_MAX / 1_000_000);
    }
    Ok(())
}

/// What tests run is built as everything for them is, so that nothing compiles twice.
fn build(profile: Profile) -> Result<PathBuf> {
    match profile {
        Profile::Dist => {
            let words = ["build", "--profile", RELEASED, "--locked", "--bin", "klamm"];
            process::run(&mut cargo(&words))?;
            released("klamm")
        }
        Profile::Ci => {
            let words = ["build", "--workspace", "--bin", "klamm", "--profile", PROFILE];
            process::run(&mut cargo(&words))?;
            built("klamm")
        }
    }
}
