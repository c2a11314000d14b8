//! Takes checked values out of the properties and remembers what was wrong and what was used.
//!
//! Which keys there are, what they can be and what they are by default, the crate `configuration`
//! says.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    time::Duration,
};

use configuration::{Key, Kind, Texts, Update, Value, keys, together};

use super::{
    Problem,
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

    /// What the file sets.
    pub(super) fn texts(&self) -> Texts {
        let set = self.properties.iter().filter(|(_, property)| !property.value.is_empty());
        set.map(|(key, property)| (key.clone(), property.value.clone())).collect()
    }

    /// A key's value, or its default; none where it has none or what is given cannot be.
    fn value(&mut self, name: &'static str) -> Option<Value> {
        self.taken.insert(name);
        let key = keys::broker().find(name).expect("the table has the keys that are read");
        let given = self.properties.get(name).filter(|property| says_something(key, property));
        match given.map(|property| key.accept(&property.value)) {
            Some(Ok(value)) => return Some(value),
            Some(Err(invalid)) => self.problem(name, invalid.to_string()),
            None => {}
        }
        key.parse(key.default_text()?).ok()
    }

    fn default(name: &'static str) -> Value {
        let key: &Key = keys::broker().find(name).expect("the table has the keys that are read");
        let default = key.default_text().and_then(|text| key.parse(text).ok());
        default.expect("keys that are read as numbers or flags have a default")
    }

    /// The text of a key, unless it is missing or empty.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let text = self.value(key)?.to_string();
        (!text.is_empty()).then_some(text)
    }

    /// The text of a key that must be there.
    pub(super) fn required(&mut self, key: &'static str) -> String {
        if !self.sets(key) {
            self.taken.insert(key);
            self.problem(key, format!("'{key}' is missing"));
            return String::new();
        }
        self.text(key).unwrap_or_default()
    }

    /// A whole number.
    pub(super) fn number(&mut self, key: &'static str) -> i64 {
        self.value(key).unwrap_or_else(|| Reader::default(key)).number()
    }

    /// A whole number that Klamm bounds more closely than Kafka does.
    pub(super) fn number_within(&mut self, key: &'static str, bounds: RangeInclusive<i64>) -> i64 {
        let number = self.number(key);
        if bounds.contains(&number) {
            return number;
        }
        let (least, most) = bounds.into_inner();
        self.problem(key, format!("'{key}' is {number}, not between {least} and {most}"));
        Reader::default(key).number()
    }

    /// A number with a fraction.
    pub(super) fn decimal(&mut self, key: &'static str) -> f64 {
        self.value(key).unwrap_or_else(|| Reader::default(key)).double()
    }

    /// A number of things that fits the machine: bytes, threads, connections.
    pub(super) fn size(&mut self, key: &'static str) -> usize {
        usize::try_from(self.number_within(key, 0..=i64::MAX)).unwrap_or(usize::MAX)
    }

    /// A number of things of which there must be one.
    pub(super) fn positive_size(&mut self, key: &'static str) -> usize {
        usize::try_from(self.number_within(key, 1..=i64::MAX)).unwrap_or(usize::MAX)
    }

    /// A duration in milliseconds, of which there must be one.
    pub(super) fn milliseconds(&mut self, key: &'static str) -> Duration {
        Duration::from_millis(self.number_within(key, 1..=i64::MAX).unsigned_abs())
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        self.value(key).unwrap_or_else(|| Reader::default(key)).flag()
    }

    /// The items of a list.
    pub(super) fn list(&mut self, key: &'static str) -> Vec<String> {
        self.value(key).map(|value| value.items().to_vec()).unwrap_or_default()
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

    /// Looks at the keys nobody took and at all of them together, and gives all problems in the
    /// order of their lines.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for (name, property) in &self.properties {
            if self.taken.contains(name.as_str()) {
                continue;
            }
            if let Err(text) = check_untaken(name, property) {
                self.problems.push(Problem { line: Some(property.line), text });
            }
        }
        if self.problems.is_empty()
            && let Err(invalid) = together::check_broker(&self.texts())
        {
            let text = invalid.to_string();
            let named = self.properties.iter().find(|(name, _)| text.contains(name.as_str()));
            let line = named.map(|(_, property)| property.line);
            self.problems.push(Problem { line, text });
        }
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }
}

/// Whether a key is set at all: an empty text or list leaves its default, as if it were missing, while
/// numbers and flags cannot be empty.
fn says_something(key: &Key, property: &Property) -> bool {
    match key.shape.kind {
        Kind::String | Kind::List | Kind::Class | Kind::Password => !property.value.is_empty(),
        Kind::Boolean | Kind::Int | Kind::Short | Kind::Long | Kind::Double => true,
    }
}

fn check_untaken(name: &str, property: &Property) -> Result<(), String> {
    let Some(key) = keys::broker().find(name) else {
        return Err(match keys::broker().nearest(name) {
            Some(near) => format!("'{name}' is no key of a broker; did you mean '{near}'?"),
            None => format!("'{name}' is no key of a broker"),
        });
    };
    if key.shape.update == Update::OnlyDynamic {
        return Err(format!("'{name}' can only be set while brokers run, not in a file"));
    }
    if !says_something(key, property) {
        return Ok(());
    }
    key.accept(&property.value).map(drop).map_err(|invalid| invalid.to_string())
}
