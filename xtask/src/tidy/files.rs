//! What no file of the repository may hold.

use super::{assert_none, read, repository_files};
use crate::process::root;
use std::path::Path;

/// A file larger than this does not belong into a source repository.
const BYTES_MAX: u64 = 512 * 1024;

/// Left-overs of unfinished work.
const UNFINISHED: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
    concat!("d", "bg!("),
];

/// Folders of the machine that somebody happened to work on.
const MACHINE_PATHS: &[&str] =
    &[concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/")];

#[test]
fn nothing_unfinished_is_left() {
    assert_none(&holding(UNFINISHED), "finish it or leave it out");
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    assert_none(&holding(MACHINE_PATHS), "paths are relative or configured");
}

#[test]
fn no_file_is_large() {
    let mut breaches = Vec::new();
    for path in repository_files() {
        let size = std::fs::metadata(root().join(&path)).expect("listed files exist").len();
        if size > BYTES_MAX {
            breaches.push(format!("{}: {size} bytes", path.display()));
        }
    }
    assert_none(&breaches, "large files are made or fetched by the tests that need them");
}

#[test]
fn text_ends_with_one_line_break_and_lines_without_blanks() {
    let mut breaches = Vec::new();
    for path in repository_files().iter().filter(|path| is_text(path)) {
        let text = read(path);
        if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
            breaches.push(format!("{}: end of file", path.display()));
        }
        for (index, line) in text.lines().enumerate() {
            if line.ends_with([' ', '\t']) {
                breaches.push(format!("{}:{}", path.display(), index + 1));
            }
        }
    }
    assert_none(&breaches, "as .editorconfig says");
}

fn holding(banned: &[&str]) -> Vec<String> {
    let mut breaches = Vec::new();
    for path in repository_files().iter().filter(|path| is_text(path)) {
        for (index, line) in read(path).lines().enumerate() {
            if banned.iter().any(|word| line.contains(word)) {
                breaches.push(format!("{}:{}: {}", path.display(), index + 1, line.trim()));
            }
        }
    }
    breaches
}

fn is_text(path: &Path) -> bool {
    const EXTENSIONS: &[&str] =
        &["go", "java", "js", "json", "md", "py", "rs", "sh", "toml", "txt", "xml", "yaml", "yml"];
    path.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known))
}
