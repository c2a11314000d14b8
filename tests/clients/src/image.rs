//! A small file system in a file, which a test can fill without harm to anything else.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A mounted ext4 file system; it goes with this value.
#[derive(Debug)]
pub struct Image {
    mount: PathBuf,
}

impl Image {
    /// Makes a file system of so many bytes below `folder` and mounts it, which needs root.
    pub fn mount(folder: &Path, bytes: u64) -> Result<Image> {
        let (image, mount) = (folder.join("image"), folder.join("mounted"));
        File::create(&image)?.set_len(bytes)?;
        // No blocks are set aside for root, who may be the one to fill it.
        run(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image))?;
        fs::create_dir(&mount)?;
        run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&mount))?;
        Ok(Image { mount })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.mount
    }

    /// Takes all the room there is.
    pub fn fill(&self) -> Result<()> {
        let mut ballast = File::options().create(true).append(true).open(self.ballast())?;
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0x5a; size];
            loop {
                match ballast.write(&block) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error).context("failed to fill the image"),
                }
            }
        }
        Ok(())
    }

    /// Gives the room back.
    pub fn empty(&self) -> Result<()> {
        Ok(fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.mount.join("ballast")
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // The broker that held it may be on its way out.
        if let Err(error) = run(Command::new("umount").arg("-l").arg(&self.mount)) {
            eprintln!("the image stays mounted: {error:#}");
        }
    }
}

fn run(command: &mut Command) -> Result<()> {
    let Output { status, stderr, .. } =
        command.output().with_context(|| format!("failed to start {command:?}"))?;
    if !status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&stderr));
    }
    Ok(())
}
