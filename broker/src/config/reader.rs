//! Takes typed values out of the properties and remembers what was wrong and what was used.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    time::Duration,
};

use super::{
    Problem,
    keys::{kafka_default, kafka_keys},
    properties::{self, Property},
};

/// One pass over a file: each section of the configuration takes its keys.
pub(super) struct Reader {
    properties: BTreeMap<String, Property>,
    taken: BTreeSet<&'static str>,
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(text: &str) -> Reader {
        let (properties, problems) = properties::parse(text);
        Reader { properties, taken: BTreeSet::new(), problems }
    }

    /// The text of a key, unless it is missing or empty.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.taken.insert(key);
        let value = &self.properties.get(key)?.value;
        (!value.is_empty()).then(|| value.clone())
    }

    /// The text of a key that must be there.
    pub(super) fn required(&mut self, key: &'static str) -> String {
        self.text(key).unwrap_or_else(|| {
            self.problem(key, format!("'{key}' is missing"));
            String::new()
        })
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        default: i64,
        bounds: RangeInclusive<i64>,
    ) -> i64 {
        let Some(text) = self.text(key) else { return default };
        match text.parse() {
            Ok(value) if bounds.contains(&value) => value,
            Ok(value) => {
                let (least, most) = bounds.into_inner();
                self.problem(key, format!("'{key}' is {value}, not between {least} and {most}"));
                default
            }
            Err(_) => {
                self.problem(key, format!("'{key}' is '{text}', not a whole number"));
                default
            }
        }
    }

    /// A number of things that fits the machine: bytes, threads, connections.
    pub(super) fn size(
        &mut self,
        key: &'static str,
        default: i64,
        bounds: RangeInclusive<i64>,
    ) -> usize {
        assert!(*bounds.start() >= 0, "a size has no sign");
        usize::try_from(self.number(key, default, bounds)).unwrap_or(usize::MAX)
    }

    /// A duration in milliseconds.
    pub(super) fn milliseconds(
        &mut self,
        key: &'static str,
        default: i64,
        bounds: RangeInclusive<i64>,
    ) -> Duration {
        assert!(*bounds.start() >= 0, "a duration has no sign");
        Duration::from_millis(self.number(key, default, bounds).unsigned_abs())
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(text) = self.text(key) else { return default };
        match text.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => {
                self.problem(key, format!("'{key}' is '{text}', neither true nor false"));
                default
            }
        }
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> T {
        let default = choices.first().expect("a choice has a first word, its default").1;
        let Some(text) = self.text(key) else { return default };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        self.problem(key, format!("'{key}' is '{text}', not one of {}", words.join(", ")));
        default
    }

    /// The elements of a list, separated by commas.
    pub(super) fn list(&mut self, key: &'static str) -> Vec<String> {
        let text = self.text(key).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// Whether the file sets this key.
    pub(super) fn sets(&self, key: &str) -> bool {
        self.properties.get(key).is_some_and(|property| !property.value.is_empty())
    }

    /// Remembers what is wrong with a key.
    pub(super) fn problem(&mut self, key: &str, text: String) {
        let line = self.properties.get(key).map(|property| property.line);
        self.problems.push(Problem { line, text });
    }

    /// Looks at the keys nobody took, and gives all problems in the order of their lines.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        let properties = std::mem::take(&mut self.properties);
        for (key, property) in &properties {
            if let Some(text) = self.complaint(key, property) {
                self.problems.push(Problem { line: Some(property.line), text });
            }
        }
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }

    fn complaint(&self, key: &str, property: &Property) -> Option<String> {
        if self.taken.contains(key) {
            return None;
        }
        match kafka_default(key) {
            Some(default) if same_value(&property.value, default) => None,
            Some("") => Some(format!("'{key}' has no effect in Klamm; leave it out")),
            Some(default) => Some(format!(
                "'{key}' has no effect in Klamm, which behaves as with Kafka's default {default}; \
                 leave it out"
            )),
            None => Some(match self.nearest(key) {
                Some(near) => format!("'{key}' is no key of a broker; did you mean '{near}'?"),
                None => format!("'{key}' is no key of a broker"),
            }),
        }
    }

    fn nearest(&self, key: &str) -> Option<&'static str> {
        let names = kafka_keys().chain(self.taken.iter().copied());
        let (distance, name) = names.map(|name| (distance(key, name), name)).min()?;
        (distance <= 3).then_some(name)
    }
}

/// Whether two lists name the same elements, white space aside.
fn same_value(given: &str, default: &str) -> bool {
    let elements = |text: &str| -> Vec<String> {
        text.split(',').map(|item| item.trim().to_ascii_lowercase()).collect()
    };
    elements(given) == elements(default)
}

/// How many characters have to be added, removed or replaced to turn one text into the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_two_words_is_the_number_of_edits() {
        assert_eq!(distance("num.partition", "num.partitions"), 1);
        assert_eq!(distance("abc", "axc"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
