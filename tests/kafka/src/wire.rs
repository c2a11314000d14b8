//! Messages made up from Kafka's schemas, written by an encoder that shares nothing with ours.
//!
//! What it writes is canonical: a tagged field stands there only when it is not its default, so
//! that whoever reads a message and writes it again must arrive at the same bytes.

use bytes::Bytes;
use proptest::{collection, prelude::any, test_runner::TestRunner};
use protocol::Message;
use serde_json::Value;

use crate::schemas::{array, default_text, descriptor, range, their_struct, versions, word};

/// Fails unless messages of every version, made up from Kafka's schema, are read and written again
/// as the same bytes, and unless every shorter piece of one is refused.
///
/// # Panics
/// Shows the message.
pub fn assert_round_trips<M: Message>() {
    let schema = descriptor(<M as Message>::SCHEMA.name);
    let mut runner = TestRunner::default();
    for version in <M as Message>::SCHEMA.versions.iter() {
        runner
            .run(&collection::vec(any::<u8>(), 0..512), |choices| {
                round_trip::<M>(&arbitrary(&schema, version, &choices), version);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("version {version}: {error}"));
    }
}

fn round_trip<M: Message>(bytes: &Bytes, version: i16) {
    let message = M::from_bytes(bytes.clone(), version).expect("a message of Kafka's is read");
    let again = message.to_bytes(version).expect("what was read is written");
    assert_eq!(&again, bytes, "written again");
    for end in 0..bytes.len() {
        assert!(M::from_bytes(bytes.slice(..end), version).is_err(), "{end} bytes suffice");
    }
}

/// A message of this schema and version; the bytes given decide what is in it.
#[must_use]
pub fn arbitrary(schema: &Value, version: i16, choices: &[u8]) -> Bytes {
    let flexible = versions(word(&schema["flexibleVersions"])).contains(version);
    let mut writer = Writer { schema, version, flexible, choices: Choices(choices) };
    let mut bytes = Vec::new();
    writer.fields(&schema["fields"], Content::Chosen, &mut bytes);
    bytes.into()
}

/// What fields are filled with.
#[derive(Clone, Copy, PartialEq)]
enum Content {
    Chosen,
    Default,
}

/// Decisions, zero when they run out.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.next()) % limit
    }
}

struct Writer<'a> {
    schema: &'a Value,
    version: i16,
    flexible: bool,
    choices: Choices<'a>,
}

impl Writer<'_> {
    fn fields(&mut self, fields: &Value, content: Content, out: &mut Vec<u8>) {
        let mut tagged = Vec::new();
        for field in array(fields) {
            let tag = field["tag"].as_u64().filter(|_| self.is_in(word(&field["taggedVersions"])));
            if let Some(tag) = tag {
                tagged.push((tag, field));
            } else if self.is_in(range(field)) {
                self.field(field, content, out);
            }
        }
        if self.flexible {
            self.tagged_fields(tagged, content, out);
        }
    }

    fn is_in(&self, range: &str) -> bool {
        versions(range).contains(self.version)
    }

    fn tagged_fields(
        &mut self,
        mut fields: Vec<(u64, &Value)>,
        content: Content,
        out: &mut Vec<u8>,
    ) {
        fields.sort_by_key(|(tag, _)| *tag);
        let mut written = Vec::new();
        for (tag, field) in fields {
            let (mut value, mut default) = (Vec::new(), Vec::new());
            self.field(field, content, &mut value);
            self.field(field, Content::Default, &mut default);
            if value != default {
                written.push((tag, value));
            }
        }
        varint(written.len(), out);
        for (tag, value) in written {
            varint(usize::try_from(tag).expect("a tag is small"), out);
            varint(value.len(), out);
            out.extend(value);
        }
    }

    fn field(&mut self, field: &Value, content: Content, out: &mut Vec<u8>) {
        let ty = word(&field["type"]);
        let nullable = self.is_in(word(&field["nullableVersions"]));
        let null = nullable
            && match content {
                Content::Chosen => self.choices.below(4) == 1,
                Content::Default => default_text(field) == "null",
            };
        if let Some(element) = ty.strip_prefix("[]") {
            return self.array(field, element, content, null, out);
        }
        match ty {
            "string" => self.text(content, null, out),
            "bytes" | "records" => self.bytes(content, null, out),
            _ if fixed_size(ty).is_some() => self.fixed(field, ty, content, out),
            _ => {
                if nullable {
                    out.push(if null { 0xff } else { 1 });
                }
                if !null {
                    self.fields(their_struct(self.schema, field), content, out);
                }
            }
        }
    }

    fn array(
        &mut self,
        field: &Value,
        element: &str,
        content: Content,
        null: bool,
        out: &mut Vec<u8>,
    ) {
        let count = if content == Content::Chosen { self.choices.below(4) } else { 0 };
        if self.length(null, count, out) {
            return;
        }
        for _ in 0..count {
            match element {
                "string" => self.text(content, false, out),
                _ if fixed_size(element).is_some() => {
                    self.fixed(&Value::Null, element, content, out);
                }
                _ => self.fields(their_struct(self.schema, field), content, out),
            }
        }
    }

    /// Writes the length and says whether it was null.
    fn length(&self, null: bool, length: usize, out: &mut Vec<u8>) -> bool {
        if self.flexible {
            varint(if null { 0 } else { length + 1 }, out);
        } else {
            let length = i32::try_from(length).expect("it is short");
            out.extend(if null { -1 } else { length }.to_be_bytes());
        }
        null
    }

    fn text(&mut self, content: Content, null: bool, out: &mut Vec<u8>) {
        let count = if content == Content::Chosen { self.choices.below(9) } else { 0 };
        let text: String =
            (0..count).map(|_| ['a', 'Z', '.', 'ä', '語'][self.choices.below(5)]).collect();
        if self.flexible {
            varint(if null { 0 } else { text.len() + 1 }, out);
        } else {
            let length = i16::try_from(text.len()).expect("it is short");
            out.extend(if null { -1 } else { length }.to_be_bytes());
        }
        if !null {
            out.extend(text.bytes());
        }
    }

    fn bytes(&mut self, content: Content, null: bool, out: &mut Vec<u8>) {
        let length = match content {
            Content::Chosen => [0, 1, 5, 100, 700][self.choices.below(5)],
            Content::Default => 0,
        };
        if !self.length(null, length, out) {
            let fill = self.choices.next();
            out.extend(std::iter::repeat_n(fill, length));
        }
    }

    fn fixed(&mut self, field: &Value, ty: &str, content: Content, out: &mut Vec<u8>) {
        let size = fixed_size(ty).expect("the caller checked");
        match content {
            Content::Default => out.extend(default_number(field, size)),
            Content::Chosen if ty == "bool" => out.push(self.choices.next() & 1),
            Content::Chosen if ty == "float64" => {
                out.extend(f64::from(self.choices.next()).to_be_bytes());
            }
            Content::Chosen => match self.choices.below(4) {
                0 => out.extend(default_number(field, size)),
                1 => out.extend(std::iter::repeat_n(0xff, size)),
                _ => out.extend((0..size).map(|_| self.choices.next())),
            },
        }
    }
}

fn fixed_size(ty: &str) -> Option<usize> {
    match ty {
        "bool" | "int8" => Some(1),
        "int16" | "uint16" => Some(2),
        "int32" => Some(4),
        "int64" | "float64" => Some(8),
        "uuid" => Some(16),
        _ => None,
    }
}

/// The default of a number, bool or UUID, as its bytes.
fn default_number(field: &Value, size: usize) -> Vec<u8> {
    let text = default_text(field);
    let number: i128 = match text.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16).expect("a hexadecimal number"),
        None if text.is_empty() || text == "false" => 0,
        None if text == "true" => 1,
        None => text.parse().expect("a number"),
    };
    number.to_be_bytes()[16 - size..].to_vec()
}

fn varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}
