//! A YAML document as a tree that remembers its lines.
//!
//! The value goes on as JSON, since that is what schemas and rules are written for; the lines go on
//! as a table from path (`spec.pools[0].name`) to line.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;

/// The lines of one document: from the path of a value to the line it is named on.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Lines(BTreeMap<String, u64>);

/// One document of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it says.
    pub value: Value,
    /// Where it says it.
    pub lines: Lines,
}

/// Why a text is not YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, where it is known.
    pub line: Option<u64>,
    /// What is wrong, in one sentence.
    pub sentence: String,
}

/// Reads all documents of a text; empty ones are left out.
pub fn documents(text: &str) -> Result<Vec<Document>, SyntaxError> {
    let options = serde_saphyr::options! { with_snippet: false, strict_booleans: true };
    let nodes: Vec<Spanned<Node>> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(syntax_error)?;
    Ok(nodes.into_iter().map(document).collect())
}

impl Lines {
    /// The line of a value, or of the nearest value around it.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<u64> {
        if let Some(line) = self.0.get(path) {
            return Some(*line);
        }
        // A rule may name a field that is left out, or use a path we cannot split at dots, as keys
        // of `config` hold dots themselves: walk up one character of separation at a time.
        let parent = path.rfind(['.', '['])?;
        self.of(&path[..parent]).or_else(|| self.0.get("").copied())
    }

    /// Whether the document itself holds this path.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

/// The path of a field of `parent`.
#[must_use]
pub fn field(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

/// The path of an item of `parent`.
#[must_use]
pub fn item(parent: &str, index: usize) -> String {
    format!("{parent}[{index}]")
}

fn syntax_error(error: serde_saphyr::Error) -> SyntaxError {
    let line = error.location().map(|location| location.line());
    let text = error.to_string();
    let sentence = text.lines().next().unwrap_or("not YAML");
    // Of a key that is there twice the library also says which of its options would take it.
    let sentence = sentence.split(", set DuplicateKeyPolicy").next().unwrap_or(sentence);
    SyntaxError { line, sentence: sentence.to_owned() }
}

fn document(node: Spanned<Node>) -> Document {
    let mut lines = Lines::default();
    let line = node.referenced.line();
    let value = flatten(node.value, line, String::new(), &mut lines);
    Document { value, lines }
}

fn flatten(node: Node, line: u64, path: String, lines: &mut Lines) -> Value {
    let value = match node {
        Node::Scalar(value) => value,
        Node::List(items) => {
            let items = items.into_iter().enumerate().map(|(index, node)| {
                flatten(node.value, node.referenced.line(), item(&path, index), lines)
            });
            Value::Array(items.collect())
        }
        Node::Map(entries) => {
            let entries = entries.into_iter().map(|(key, node)| {
                let path = field(&path, &key.value);
                (key.value, flatten(node.value, key.referenced.line(), path, lines))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
    };
    lines.0.insert(path, line);
    value
}

#[derive(Debug)]
enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(Value::from(value)))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        let number = Number::from_f64(value);
        number
            .map(|number| Node::Scalar(Value::Number(number)))
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(Value::String(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries: Vec<(Spanned<String>, Spanned<Node>)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Spanned<Node>>()? {
            if entries.iter().any(|(earlier, _)| earlier.value == key.value) {
                return Err(A::Error::custom(format!("the key `{}` appears twice", key.value)));
            }
            entries.push((key, value));
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line() {
        let text = "# a comment\nkind: Topic\nspec:\n  config:\n    retention.ms: \"1\"\n  pools:\n  - name: a\n  - { name: b }\n";
        let document = &documents(text).unwrap()[0];
        assert_eq!(document.lines.of("kind"), Some(2));
        assert_eq!(document.lines.of("spec.config.retention.ms"), Some(5));
        assert_eq!(document.lines.of("spec.pools[1].name"), Some(8));
        assert_eq!(document.lines.of("spec.pools[0].ids.first"), Some(7));
        assert_eq!(document.value["spec"]["pools"][1]["name"], "b");
    }

    #[test]
    fn a_second_document_counts_its_lines_from_the_top_of_the_file() {
        let found = documents("a: 1\n---\n---\nb: 2\n---\n").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].lines.of("b"), Some(4));
    }

    #[test]
    fn broken_yaml_is_refused_with_its_line() {
        let error = documents("a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert!(error.line.is_some_and(|line| line >= 2), "{error:?}");
    }

    #[test]
    fn a_key_given_twice_is_refused_with_its_line() {
        let error = documents("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(error.line, Some(3), "{error:?}");
    }

    #[test]
    fn a_billion_laughs_is_refused() {
        let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, of) in [("b", "a"), ("c", "b"), ("d", "c"), ("e", "d"), ("f", "e"), ("g", "f")] {
            let items = vec![format!("*{of}"); 10].join(", ");
            text.push_str(&format!("{name}: &{name} [{items}]\n"));
        }
        assert!(documents(&text).is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(documents(&"[".repeat(100_000)).is_err());
    }
}
