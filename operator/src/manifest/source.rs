//! Where manifests come from: a file, the files of a folder, standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

/// The most a manifest file may hold.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// The most files a folder may hold.
pub const FILES_MAX: usize = 1_000;

/// A text and the name the user knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as given, or `<stdin>`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Why manifests could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system said no.
    #[error("{0}: cannot be read: {1}")]
    Io(String, #[source] std::io::Error),
    /// Larger than any manifest.
    #[error("{0}: larger than {FILE_BYTES_MAX} bytes, which no manifest is")]
    TooLarge(String),
    /// Not text.
    #[error("{0}: not UTF-8 text")]
    NotText(String),
    /// A folder without manifests.
    #[error("{0}: the folder holds no .yaml, .yml or .json file")]
    Empty(String),
    /// A folder of something else.
    #[error("{0}: the folder holds more than {FILES_MAX} manifests")]
    TooMany(String),
}

/// Reads `-`, a file, or every manifest that lies directly in a folder, in the order of their names.
pub fn read(path: &Path) -> Result<Vec<Source>, ReadError> {
    if path == Path::new("-") {
        return Ok(vec![read_from(&mut std::io::stdin().lock(), "<stdin>")?]);
    }
    if path.is_dir() {
        return files_of(path)?.iter().map(|file| read_file(file)).collect();
    }
    Ok(vec![read_file(path)?])
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let name = || folder.display().to_string();
    let entries = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| ReadError::Io(name(), cause))?;
    let mut files: Vec<_> = entries.iter().map(std::fs::DirEntry::path).collect();
    files.retain(|file| is_manifest(file));
    files.sort();
    match files.len() {
        0 => Err(ReadError::Empty(name())),
        1..=FILES_MAX => Ok(files),
        _ => Err(ReadError::TooMany(name())),
    }
}

fn is_manifest(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    file.is_file() && matches!(extension, Some("yaml" | "yml" | "json"))
}

fn read_file(path: &Path) -> Result<Source, ReadError> {
    let name = path.display().to_string();
    match std::fs::File::open(path) {
        Ok(mut file) => read_from(&mut file, &name),
        Err(cause) => Err(ReadError::Io(name, cause)),
    }
}

fn read_from(reader: &mut dyn Read, name: &str) -> Result<Source, ReadError> {
    let path = name.to_owned();
    let mut bytes = Vec::new();
    if let Err(cause) = reader.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes) {
        return Err(ReadError::Io(path, cause));
    }
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(ReadError::TooLarge(path));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { name: path, text }),
        Err(_) => Err(ReadError::NotText(path)),
    }
}
