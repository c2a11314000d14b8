//! The text of a `server.properties`: Java's format, with the line of every key kept.

use std::collections::BTreeMap;

use super::Problem;

/// A key's value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) value: String,
    pub(super) line: usize,
}

/// Reads the properties of a file. A key that is set twice is a problem, since Java would silently
/// take the last one.
pub(super) fn parse(text: &str) -> (BTreeMap<String, Property>, Vec<Problem>) {
    let mut properties = BTreeMap::new();
    let mut problems = Vec::new();
    for (line, logical) in logical_lines(text) {
        let (key, value) = split(&logical);
        let property = Property { value, line };
        if let Some(first) = properties.insert(key.clone(), property) {
            let text = format!("'{key}' is set again, first in line {}", first.line);
            problems.push(Problem { line: Some(line), text });
        }
    }
    (properties, problems)
}

/// Lines with their numbers: comments and empty ones left out, continued ones joined.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, raw) in text.lines().enumerate() {
        let content = raw.trim_start();
        if open.is_none() && (content.is_empty() || content.starts_with(['#', '!'])) {
            continue;
        }
        let (number, mut joined) = open.take().unwrap_or((index + 1, String::new()));
        let continued = content.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        let kept = if continued { &content[..content.len() - 1] } else { content };
        joined.push_str(kept);
        if continued {
            open = Some((number, joined));
        } else {
            lines.push((number, joined));
        }
    }
    lines.extend(open);
    lines
}

/// Splits at the first `=`, `:` or white space that is not escaped.
fn split(line: &str) -> (String, String) {
    let mut escaped = false;
    let end = line.find(|character: char| {
        let ends = !escaped && (matches!(character, '=' | ':') || character.is_whitespace());
        escaped = character == '\\' && !escaped;
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
    (unescape(key), unescape(value))
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                plain.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(value: &str, line: usize) -> Property {
        Property { value: value.into(), line }
    }

    #[test]
    fn keys_and_values_follow_javas_format() {
        let text =
            "# a comment\n\n a.b = 1 \nc:two words\nd three\n! another\ne=\\\n   x,\\\n   y\nf";
        let (properties, problems) = parse(text);
        assert!(problems.is_empty());
        assert_eq!(properties["a.b"], property("1", 3));
        assert_eq!(properties["c"], property("two words", 4));
        assert_eq!(properties["d"], property("three", 5));
        assert_eq!(properties["e"], property("x,y", 7));
        assert_eq!(properties["f"], property("", 10));
    }

    #[test]
    fn escapes_stand_for_their_characters() {
        let (properties, _) = parse("a\\=b=c\\u0041\\t\\\\d");
        assert_eq!(properties["a=b"], property("cA\t\\d", 1));
    }

    #[test]
    fn a_key_that_is_set_twice_is_a_problem_that_names_both_lines() {
        let (_, problems) = parse("a=1\nb=2\na=3");
        let text = "'a' is set again, first in line 1".to_owned();
        assert_eq!(problems, [Problem { line: Some(3), text }]);
    }
}
