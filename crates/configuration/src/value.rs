//! A checked value, and its text as Kafka reads and writes it.

use std::fmt;

use crate::key::Kind;

/// A value of one of the [`Kind`]s.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number, of whichever size.
    Number(i64),
    /// A number with a fraction.
    Double(f64),
    /// A text, also a class or a password.
    Text(String),
    /// The items of a list.
    List(Vec<String>),
}

impl Value {
    /// Reads a text as Java does; `None` when it is of another kind.
    pub(crate) fn parse(kind: Kind, text: &str) -> Option<Value> {
        // Java's trim takes all that is not above a space.
        let text = text.trim_matches(|character| character <= ' ');
        Some(match kind {
            Kind::Boolean if text.eq_ignore_ascii_case("true") => Value::Boolean(true),
            Kind::Boolean if text.eq_ignore_ascii_case("false") => Value::Boolean(false),
            Kind::Boolean => return None,
            Kind::String | Kind::Class | Kind::Password => Value::Text(text.to_owned()),
            Kind::Int => Value::Number(text.parse::<i32>().ok()?.into()),
            Kind::Short => Value::Number(text.parse::<i16>().ok()?.into()),
            Kind::Long => Value::Number(text.parse().ok()?),
            Kind::Double => Value::Double(parse_double(text)?),
            Kind::List if text.is_empty() => Value::List(Vec::new()),
            Kind::List => Value::List(text.split(',').map(|one| one.trim().to_owned()).collect()),
        })
    }

    /// The value of a boolean.
    ///
    /// # Panics
    /// It is of another kind; the table says which a key has.
    #[must_use]
    pub fn flag(&self) -> bool {
        let Value::Boolean(flag) = self else { panic!("{self:?} is no boolean") };
        *flag
    }

    /// The value of a whole number.
    ///
    /// # Panics
    /// It is of another kind; the table says which a key has.
    #[must_use]
    pub fn number(&self) -> i64 {
        let Value::Number(number) = self else { panic!("{self:?} is no whole number") };
        *number
    }

    /// The value of a number with a fraction.
    ///
    /// # Panics
    /// It is of another kind; the table says which a key has.
    #[must_use]
    pub fn double(&self) -> f64 {
        let Value::Double(double) = self else { panic!("{self:?} is no number with a fraction") };
        *double
    }

    /// The value of a text.
    ///
    /// # Panics
    /// It is of another kind; the table says which a key has.
    #[must_use]
    pub fn text(&self) -> &str {
        let Value::Text(text) = self else { panic!("{self:?} is no text") };
        text
    }

    /// The items of a list.
    ///
    /// # Panics
    /// It is of another kind; the table says which a key has.
    #[must_use]
    pub fn items(&self) -> &[String] {
        let Value::List(items) = self else { panic!("{self:?} is no list") };
        items
    }

    /// A number of either kind as a fraction.
    #[expect(clippy::cast_precision_loss, reason = "Kafka compares numbers so")]
    pub(crate) fn as_double(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number as f64),
            Value::Double(double) => Some(*double),
            Value::Boolean(_) | Value::Text(_) | Value::List(_) => None,
        }
    }
}

/// Rust knows words that Java does not, and Java writes the letter of its type behind a number.
fn parse_double(text: &str) -> Option<f64> {
    let unsigned = text.trim_start_matches(['+', '-']);
    if unsigned.starts_with(|first: char| first.is_ascii_alphabetic())
        && !["NaN", "Infinity"].contains(&unsigned)
    {
        return None;
    }
    text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text).parse().ok()
}

/// As Kafka writes it; a double as Java does.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Boolean(flag) => write!(formatter, "{flag}"),
            Value::Number(number) => write!(formatter, "{number}"),
            Value::Double(double) => write_double(formatter, *double),
            Value::Text(text) => formatter.write_str(text),
            Value::List(items) => formatter.write_str(&items.join(",")),
        }
    }
}

fn write_double(formatter: &mut fmt::Formatter<'_>, double: f64) -> fmt::Result {
    let magnitude = double.abs();
    if double.is_nan() {
        return formatter.write_str("NaN");
    }
    if magnitude.is_infinite() {
        return formatter.write_str(if double > 0.0 { "Infinity" } else { "-Infinity" });
    }
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return write!(formatter, "{double:?}");
    }
    let text = format!("{double:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => {
            write!(formatter, "{digits}.0E{exponent}")
        }
        _ => formatter.write_str(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        let written = |text| Value::parse(Kind::Double, text).map(|value| value.to_string());
        for (given, expected) in [
            ("1e10", "1.0E10"),
            ("1e7", "1.0E7"),
            ("1e-4", "1.0E-4"),
            ("123456.5", "123456.5"),
            (" 0.5 ", "0.5"),
            ("5d", "5.0"),
            ("1e400", "Infinity"),
            ("NaN", "NaN"),
            ("1.7976931348623157E308", "1.7976931348623157E308"),
        ] {
            assert_eq!(written(given).as_deref(), Some(expected), "{given}");
        }
        assert_eq!(written("inf"), None);
        assert_eq!(written(""), None);
    }
}
