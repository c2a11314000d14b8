//! Writes the seeds of a target into a folder, one a file: where the fuzzer begins.

#![expect(clippy::print_stderr, reason = "the caller is a person or a script")]

use decoders::{TARGETS, Target};
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(folder)) = (arguments.next(), arguments.next()) else {
        eprintln!("decoders TARGET FOLDER");
        return ExitCode::FAILURE;
    };
    let Some(target) = Target::named(&name) else {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("there is no target '{name}'; there are: {}", names.join(", "));
        return ExitCode::FAILURE;
    };
    if let Err(error) = write_seeds(target, Path::new(&folder)) {
        eprintln!("failed to write to {folder}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn write_seeds(target: Target, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (number, seed) in (target.seeds)().into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number:03}")), seed)?;
    }
    Ok(())
}
