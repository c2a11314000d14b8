//! Which values of its kind a key can have, with Kafka's sentences for those it cannot.

use std::{collections::BTreeSet, fmt};

use crate::{
    key::{Key, Kind},
    value::Value,
};

/// Which values a key can have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Valid {
    /// All of its kind.
    Any,
    /// Numbers from one bound to the other; Kafka compares them as fractions too.
    Range {
        /// The least.
        least: f64,
        /// The largest, unless the kind's own is meant.
        most: Option<f64>,
    },
    /// A level of compression: one of a range, or the number that stands for the library's choice.
    Level {
        /// The least level.
        least: i64,
        /// The largest level.
        most: i64,
        /// The number outside the range.
        other: i64,
    },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words, in capitals or not.
    OneOfAnyCase(&'static [&'static str]),
    /// A list whose items are neither empty nor named twice.
    Items {
        /// What items can be; anything when there are none.
        words: &'static [&'static str],
        /// Whether the list may be without items.
        may_be_empty: bool,
    },
    /// Any text, but there must be one.
    Present,
    /// A text or list that is not empty.
    NonEmpty,
    /// A text of this form, which is not checked: no key that has it has an effect.
    Form(&'static str),
}

/// Why a value is not accepted: a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    /// Kafka's sentence about a value.
    pub(crate) fn value(key: &Key, given: &str, why: &str) -> Invalid {
        Invalid(format!("Invalid value {given} for configuration {}: {why}", key.name))
    }
}

impl Valid {
    /// Checks a value of the right kind.
    pub(crate) fn check(&self, key: &Key, value: &Value) -> Result<(), Invalid> {
        let refuse = |why: &str| Err(Invalid::value(key, &value.to_string(), why));
        match (self, value) {
            (Valid::Range { least, most }, _) => {
                let Some(number) = value.as_double() else { return Ok(()) };
                match most {
                    _ if number < *least => refuse(&format!("Value must be at least {least}")),
                    Some(most) if number > *most => {
                        refuse(&format!("Value must be no more than {most}"))
                    }
                    _ => Ok(()),
                }
            }
            (Valid::Level { least, most, other }, Value::Number(number)) => {
                if (least..=most).contains(&number) || number == other {
                    return Ok(());
                }
                refuse(&format!("Value must be between {least} and {most} or equal to {other}"))
            }
            (Valid::OneOf(words), Value::Text(text)) if !words.contains(&text.as_str()) => {
                refuse(&format!("String must be one of: {}", words.join(", ")))
            }
            (Valid::OneOfAnyCase(words), Value::Text(text))
                if !words.iter().any(|word| word.eq_ignore_ascii_case(text)) =>
            {
                refuse(&format!("String must be one of (case insensitive): {}", words.join(", ")))
            }
            (Valid::Items { words, may_be_empty }, Value::List(items)) => {
                check_items(key, words, *may_be_empty, items)
            }
            (Valid::NonEmpty, Value::Text(text)) if text.is_empty() => {
                refuse("String must be non-empty")
            }
            _ => Ok(()),
        }
    }
}

fn check_items(
    key: &Key,
    words: &[&str],
    may_be_empty: bool,
    items: &[String],
) -> Result<(), Invalid> {
    let name = key.name;
    if items.is_empty() && !may_be_empty {
        let allowed = match words {
            [] => "any non-empty value".to_owned(),
            words => format!("[{}]", words.join(", ")),
        };
        let text =
            format!("Configuration '{name}' must not be empty. Valid values include: {allowed}");
        return Err(Invalid(text));
    }
    let distinct: BTreeSet<_> = items.iter().collect();
    if distinct.len() < items.len() {
        return Err(Invalid(format!("Configuration '{name}' values must not be duplicated.")));
    }
    for item in items {
        if item.is_empty() {
            return Err(Invalid(format!("Configuration '{name}' values must not be empty.")));
        }
        if !words.is_empty() && !words.contains(&item.as_str()) {
            let why = format!("String must be one of: {}", words.join(", "));
            return Err(Invalid::value(key, item, &why));
        }
    }
    Ok(())
}

/// As Kafka's documentation writes it.
impl fmt::Display for Valid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Valid::Any | Valid::Items { words: [], .. } => Ok(()),
            Valid::Range { least, most: None } => write!(formatter, "[{least},...]"),
            Valid::Range { least, most: Some(most) } => {
                write!(formatter, "[{least},...,{most}]")
            }
            Valid::Level { least, most, other } => {
                write!(formatter, "[{least},...,{most}] or {other}")
            }
            Valid::OneOf(words) | Valid::Items { words, .. } => {
                write!(formatter, "[{}]", words.join(", "))
            }
            Valid::OneOfAnyCase(words) => {
                write!(formatter, "(case insensitive) [{}]", words.join(", "))
            }
            Valid::Present => formatter.write_str("non-null string"),
            Valid::NonEmpty => formatter.write_str("non-empty string"),
            Valid::Form(form) => formatter.write_str(form),
        }
    }
}

impl Key {
    /// Reads a value: of the right kind and within its bounds.
    ///
    /// # Errors
    /// Kafka's sentence that says what is allowed.
    pub fn parse(&self, text: &str) -> Result<Value, Invalid> {
        let kind = self.shape.kind;
        let value = Value::parse(kind, text).ok_or_else(|| {
            let why = if kind == Kind::Boolean {
                "Expected value to be either true or false".to_owned()
            } else {
                format!("Not a number of type {}", kind.name())
            };
            Invalid::value(self, text, &why)
        })?;
        self.shape.valid.check(self, &value)?;
        Ok(value)
    }
}
