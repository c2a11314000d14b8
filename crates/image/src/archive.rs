//! The archive: a tar of blobs named by their digests, and an index that leads to them.

use crate::Tree;
use anyhow::{Context, Result};
use flate2::GzBuilder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::Path;

/// An image that is ready to be written.
#[derive(Debug)]
pub struct Image {
    files: Tree,
    blobs: Vec<Blob>,
    manifest_digest: String,
}

/// How the image's program is started.
#[derive(Debug)]
pub struct Start<'a> {
    /// The words that are always there.
    pub entrypoint: &'a [&'a str],
    /// The words that a Pod may replace.
    pub arguments: &'a [&'a str],
    /// The user and the group, by number.
    pub user: &'a str,
    /// Labels in the manner of `org.opencontainers.image.…`.
    pub labels: &'a [(&'a str, &'a str)],
}

/// Whether the layer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// For an image that stays on this machine.
    None,
    /// For one that goes to a registry.
    Gzip,
}

#[derive(Debug)]
struct Blob {
    digest: String,
    bytes: Vec<u8>,
}

impl Blob {
    fn new(bytes: Vec<u8>) -> Blob {
        Blob { digest: digest(&bytes), bytes }
    }

    fn descriptor(&self, media_type: &str) -> Value {
        json!({ "mediaType": media_type, "digest": self.digest, "size": self.bytes.len() })
    }
}

impl Image {
    /// Joins files and how to start them under a name, `REPOSITORY:TAG`.
    pub fn new(
        name: &str,
        files: &Tree,
        start: &Start<'_>,
        compression: Compression,
    ) -> Result<Image> {
        let plain = files.layer()?;
        let plain_digest = digest(&plain);
        let (layer, layer_type) = packed(plain, compression)?;
        let layer = Blob::new(layer);
        let config = Blob::new(serde_json::to_vec(&config(start, &plain_digest))?);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config.descriptor("application/vnd.oci.image.config.v1+json"),
            "layers": [layer.descriptor(layer_type)],
        });
        let manifest = Blob::new(serde_json::to_vec(&manifest)?);
        let manifest_digest = manifest.digest.clone();
        let archive = index(name, &manifest)?;
        Ok(Image { files: archive, blobs: vec![layer, config, manifest], manifest_digest })
    }

    /// What the image is known by, `sha256:…`.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.manifest_digest
    }

    /// Writes the archive and says how many bytes it has.
    pub fn write(mut self, path: &Path) -> Result<usize> {
        for blob in self.blobs {
            let name = blob.digest.replace(':', "/");
            self.files.file(&format!("blobs/{name}"), 0o644, blob.bytes);
        }
        let archive = self.files.layer()?;
        fs::write(path, &archive).with_context(|| format!("failed to write {}", path.display()))?;
        Ok(archive.len())
    }
}

/// The files of the archive beside its blobs.
fn index(name: &str, manifest: &Blob) -> Result<Tree> {
    let mut descriptor = manifest.descriptor("application/vnd.oci.image.manifest.v1+json");
    let tag = name.rsplit_once(':').map_or("latest", |(_, tag)| tag);
    descriptor["annotations"] = json!({
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": tag,
    });
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [descriptor],
    });
    let mut files = Tree::default();
    files.file("oci-layout", 0o644, br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec());
    files.file("index.json", 0o644, serde_json::to_vec(&index)?);
    Ok(files)
}

fn config(start: &Start<'_>, layer_digest: &str) -> Value {
    let labels: serde_json::Map<_, _> =
        start.labels.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({
        "created": "1970-01-01T00:00:00Z",
        "architecture": architecture(),
        "os": "linux",
        "config": {
            "User": start.user,
            "Entrypoint": start.entrypoint,
            "Cmd": start.arguments,
            "WorkingDir": "/",
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"],
            "Labels": labels,
        },
        "rootfs": { "type": "layers", "diff_ids": [layer_digest] },
    })
}

/// The processor's name in the words of images.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn packed(layer: Vec<u8>, compression: Compression) -> Result<(Vec<u8>, &'static str)> {
    match compression {
        Compression::None => Ok((layer, "application/vnd.oci.image.layer.v1.tar")),
        Compression::Gzip => {
            let best = flate2::Compression::best();
            let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), best);
            packed.write_all(&layer)?;
            Ok((packed.finish()?, "application/vnd.oci.image.layer.v1.tar+gzip"))
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_input_gives_the_same_digest_and_another_file_another() {
        let image = |bytes: &[u8]| {
            let mut files = Tree::default();
            files.file("usr/bin/program", 0o755, bytes.to_vec());
            let start =
                Start { entrypoint: &["program"], arguments: &[], user: "1:1", labels: &[] };
            Image::new("example:1", &files, &start, Compression::Gzip).expect("bytes can be packed")
        };
        assert_eq!(image(b"one").digest(), image(b"one").digest());
        assert_ne!(image(b"one").digest(), image(b"two").digest());
    }

    #[test]
    fn archive_leads_from_its_index_to_every_blob() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let (mut files, path) = (Tree::default(), folder.path().join("image.tar"));
        files.link("bin", "usr/bin");
        let start = Start { entrypoint: &["a"], arguments: &[], user: "1:1", labels: &[] };
        let image =
            Image::new("example:1", &files, &start, Compression::None).expect("it is small");
        let digest = image.digest().to_owned();
        image.write(&path).expect("the folder can be written");
        let mut archive = tar::Archive::new(fs::File::open(path).expect("it was written"));
        let names: Vec<_> = archive
            .entries()
            .expect("it is a tar")
            .map(|entry| entry.expect("whole").path().expect("a name").display().to_string())
            .collect();
        assert_eq!(names.iter().filter(|name| name.starts_with("blobs/sha256/")).count(), 4);
        assert!(names.contains(&format!("blobs/{}", digest.replace(':', "/"))));
    }
}
