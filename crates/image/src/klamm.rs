//! The image of `klamm`: the program, the libraries it is linked with, and the name of its user.
//!
//! There is no shell in it and nothing to write to: it runs on a read-only root file system, as
//! nobody, without any capability.

use crate::{Compression, Image, Start, Tree, libraries};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Where the program lies.
const PROGRAM: &str = "usr/bin/klamm";

/// A user without a name elsewhere, a home or a right.
const USER: &str = "65532:65532";

/// Who that is, for programs that ask.
const USERS: &str = "root:x:0:0::/:/\nklamm:x:65532:65532::/:/\n";
const GROUPS: &str = "root:x:0:\nklamm:x:65532:\n";

/// Names are looked up in the Pod's own table first, then asked for.
const NAMES: &str = "hosts: files dns\n";

/// Our own terms, and where this machine keeps those of the libraries.
const LICENSE: &str = include_str!("../../../LICENSE");
const TERMS: [&str; 2] = ["/usr/share/doc/libc6/copyright", "/usr/share/doc/libgcc-s1/copyright"];

/// What images are described with everywhere.
const LABELS: [(&str, &str); 4] = [
    ("org.opencontainers.image.title", "klamm"),
    ("org.opencontainers.image.description", "A Kafka-compatible broker and its operator"),
    ("org.opencontainers.image.version", env!("CARGO_PKG_VERSION")),
    ("org.opencontainers.image.licenses", "Apache-2.0"),
];

/// Makes the image from a program that cargo built on this machine.
pub fn image(program: &Path, name: &str, compression: Compression) -> Result<Image> {
    let start =
        Start { entrypoint: &["/usr/bin/klamm"], arguments: &[], user: USER, labels: &LABELS };
    Image::new(name, &files(program)?, &start, compression)
}

/// The program, and the libraries where its loader looks for them.
fn files(program: &Path) -> Result<Tree> {
    let mut files = Tree::default();
    files.file(PROGRAM, 0o755, stripped(program)?);
    for library in libraries::of(program)? {
        let inside = library.to_string_lossy().trim_start_matches('/').to_owned();
        files.copy(&inside, 0o755, &library)?;
    }
    files.file("etc/passwd", 0o644, USERS.into());
    files.file("etc/group", 0o644, GROUPS.into());
    files.file("etc/nsswitch.conf", 0o644, NAMES.into());
    files.folder("tmp", 0o1777);
    files.file("usr/share/doc/klamm/copyright", 0o644, LICENSE.into());
    for terms in TERMS.iter().filter(|terms| Path::new(terms).is_file()) {
        files.copy(terms.trim_start_matches('/'), 0o644, Path::new(terms))?;
    }
    Ok(files)
}

/// The program without what only debuggers read.
fn stripped(program: &Path) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let small = folder.path().join("program");
    let output = Command::new("strip").arg("-o").arg(&small).arg(program).output();
    let output = output.context("failed to start strip, which comes with the C compiler")?;
    if !output.status.success() {
        bail!("strip {}: {}", program.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(fs::read(small)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeMap;
    use std::io::Read;

    /// A program that is linked as `klamm` is, and at hand: this one.
    fn own() -> std::path::PathBuf {
        std::env::current_exe().expect("it runs")
    }

    fn made() -> Image {
        image(&own(), "localhost/klamm:test", Compression::None).expect("it can be packed")
    }

    fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(archive);
        let entries = archive.entries().expect("it is a tar").map(|entry| {
            let (mut entry, mut bytes) = (entry.expect("whole"), Vec::new());
            entry.read_to_end(&mut bytes).expect("whole");
            (entry.path().expect("a name").display().to_string(), bytes)
        });
        entries.collect()
    }

    fn archive() -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("image.tar");
        made().write(&path).expect("the folder can be written");
        unpacked(&fs::read(path).expect("it was written"))
    }

    /// What a descriptor leads to.
    fn blob<'a>(archive: &'a BTreeMap<String, Vec<u8>>, descriptor: &Value) -> &'a [u8] {
        let digest = descriptor["digest"].as_str().expect("a descriptor has a digest");
        &archive[&format!("blobs/{}", digest.replace(':', "/"))]
    }

    fn json(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).expect("it is JSON")
    }

    fn manifest(archive: &BTreeMap<String, Vec<u8>>) -> Value {
        json(blob(archive, &json(&archive["index.json"])["manifests"][0]))
    }

    #[test]
    fn same_program_gives_the_same_digest() {
        assert_eq!(made().digest(), made().digest());
    }

    #[test]
    fn image_runs_the_program_as_nobody() {
        let archive = archive();
        let config = json(blob(&archive, &manifest(&archive)["config"]));
        assert_eq!(config["config"]["User"], "65532:65532");
        assert_eq!(config["config"]["Entrypoint"], serde_json::json!(["/usr/bin/klamm"]));
        assert_eq!(config["config"]["Labels"]["org.opencontainers.image.title"], "klamm");
    }

    #[test]
    fn program_comes_with_its_libraries_and_without_what_debuggers_read() {
        let archive = archive();
        let files = unpacked(blob(&archive, &manifest(&archive)["layers"][0]));
        let has_debug = |bytes: &[u8]| bytes.windows(12).any(|window| window == b".debug_line\0");
        assert!(has_debug(&fs::read(own()).expect("it can be read")));
        assert!(!has_debug(&files[PROGRAM]));
        for library in libraries::of(&own()).expect("it is linked") {
            assert!(files.contains_key(library.to_string_lossy().trim_start_matches('/')));
        }
    }

    #[test]
    fn terms_of_what_it_holds_lie_in_it() {
        let archive = archive();
        let files = unpacked(blob(&archive, &manifest(&archive)["layers"][0]));
        assert_eq!(files["usr/share/doc/klamm/copyright"], LICENSE.as_bytes());
        for terms in TERMS.iter().filter(|terms| Path::new(terms).is_file()) {
            assert!(files.contains_key(terms.trim_start_matches('/')), "{terms}");
        }
    }

    #[test]
    fn what_is_no_program_is_refused() {
        let error = image(Path::new("Cargo.toml"), "a:1", Compression::None).unwrap_err();
        assert!(error.to_string().starts_with("strip Cargo.toml: "), "{error:#}");
    }
}
