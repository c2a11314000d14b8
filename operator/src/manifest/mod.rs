//! Manifests: from text to objects, with a file and a line for everything that is wrong.

pub mod object;
pub mod problem;
pub mod schema;
pub mod source;
pub mod tree;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use object::{Kind, Object, ObjectId};
pub use problem::{Problem, Problems};
pub use schema::Violation;
pub use source::Source;
use tree::{Document, Lines};

/// An object as a user wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The object.
    pub object: Object,
    /// Where it was written.
    pub origin: Origin,
}

/// Where an object was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file as the user named it.
    pub file: String,
    /// The lines of its fields.
    pub lines: Lines,
}

impl Origin {
    /// Something wrong at `path` of this object.
    #[must_use]
    pub fn problem(&self, path: &str, sentence: impl Into<String>) -> Problem {
        Problem {
            file: self.file.clone(),
            line: self.lines.of(path),
            path: path.to_owned(),
            sentence: sentence.into(),
        }
    }

    /// A violation at its place in the file.
    #[must_use]
    pub fn problem_of(&self, violation: Violation) -> Problem {
        self.problem(&violation.path, violation.sentence)
    }
}

/// Every object in these texts, or everything that is wrong with them.
pub fn parse(sources: &[Source]) -> Result<Vec<Manifest>, Problems> {
    let mut manifests = Vec::new();
    let mut problems = Vec::new();
    for source in sources {
        match tree::documents(&source.text) {
            Err(error) => problems.push(Problem {
                file: source.name.clone(),
                line: error.line,
                path: String::new(),
                sentence: error.sentence,
            }),
            Ok(documents) => {
                for document in documents {
                    match parse_document(&source.name, document) {
                        Ok(manifest) => manifests.push(manifest),
                        Err(found) => problems.extend(found),
                    }
                }
            }
        }
    }
    problems.extend(written_twice(&manifests));
    if problems.is_empty() && manifests.is_empty() {
        problems.extend(sources.iter().map(nothing_in));
    }
    if problems.is_empty() { Ok(manifests) } else { Err(Problems(problems)) }
}

fn parse_document(file: &str, document: Document) -> Result<Manifest, Vec<Problem>> {
    let origin = Origin { file: file.to_owned(), lines: document.lines };
    match object::parse(&document.value) {
        Ok(object) => Ok(Manifest { object, origin }),
        Err(found) => Err(found.into_iter().map(|found| origin.problem_of(found)).collect()),
    }
}

fn nothing_in(source: &Source) -> Problem {
    Problem {
        file: source.name.clone(),
        line: None,
        path: String::new(),
        sentence: "holds no manifest".to_owned(),
    }
}

fn written_twice(manifests: &[Manifest]) -> Vec<Problem> {
    let mut seen: BTreeMap<ObjectId, &Origin> = BTreeMap::new();
    let mut problems = Vec::new();
    for manifest in manifests {
        let id = manifest.object.id();
        if let Some(first) = seen.get(&id) {
            let place = first.problem("metadata.name", "");
            let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
            let sentence = format!("{id} is already given in {}{line}", place.file);
            problems.push(manifest.origin.problem("metadata.name", sentence));
        } else {
            seen.insert(id, &manifest.origin);
        }
    }
    problems
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
