//! A value held to the schema of its kind, as the API server does it: types, required and unknown
//! fields, ranges, lengths, patterns, enumerations, unique keys.

use serde_json::Value;

use super::tree::{field, item};

/// A place in a value and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path of the value.
    pub path: String,
    /// What is wrong.
    pub sentence: String,
}

/// Everything in `value` that `schema` does not allow.
#[must_use]
pub fn violations(schema: &Value, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Value, value: &Value, path: &str, found: &mut Vec<Violation>) {
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    if let Some(sentence) = wrong_type(schema, value) {
        return found.push(Violation { path: path.to_owned(), sentence });
    }
    if let Some(sentence) = wrong_choice(schema, value) {
        return found.push(Violation { path: path.to_owned(), sentence });
    }
    match value {
        Value::Object(_) => check_object(schema, value, path, found),
        Value::Array(items) => check_list(schema, items, path, found),
        Value::String(text) => report(path, wrong_text(schema, text), found),
        Value::Number(_) => report(path, wrong_number(schema, value), found),
        Value::Bool(_) | Value::Null => {}
    }
}

fn report(path: &str, sentence: Option<String>, found: &mut Vec<Violation>) {
    found.extend(sentence.map(|sentence| Violation { path: path.to_owned(), sentence }));
}

fn wrong_type(schema: &Value, value: &Value) -> Option<String> {
    let wanted = schema["type"].as_str()?;
    let fits = match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    };
    if fits { None } else { Some(mismatch(wanted, value)) }
}

fn mismatch(wanted: &str, value: &Value) -> String {
    let wanted_words = match wanted {
        "object" => "a map",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "true or false",
        "integer" => "a whole number",
        other => other,
    };
    let is_number_in_quotes = value.as_str().is_some_and(|text| text.parse::<i64>().is_ok());
    let hint = if wanted == "string" && (value.is_number() || value.is_boolean()) {
        ": put it in quotes"
    } else if wanted == "integer" && is_number_in_quotes {
        ": leave the quotes out"
    } else {
        ""
    };
    format!("must be {wanted_words}, not {}{hint}", in_words(value))
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string `{}`", shortened(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(60).chain(['…']).collect()
}

fn wrong_choice(schema: &Value, value: &Value) -> Option<String> {
    let choices = schema["enum"].as_array()?;
    if choices.contains(value) {
        return None;
    }
    let words: Vec<_> = choices.iter().filter_map(Value::as_str).collect();
    let given = value.as_str().map_or_else(|| value.to_string(), shortened);
    Some(format!("`{given}` is not one of: {}", words.join(", ")))
}

fn check_object(schema: &Value, value: &Value, path: &str, found: &mut Vec<Violation>) {
    let entries = value.as_object().expect("the caller matched an object");
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !entries.contains_key(name) {
            report(path, Some(format!("`{name}` is missing")), found);
        }
    }
    report(path, too_many(schema, "maxProperties", entries.len()), found);
    for (name, value) in entries {
        let path = field(path, name);
        match schema_of_field(schema, name) {
            FieldSchema::Known(schema) => check(schema, value, &path, found),
            FieldSchema::Free => {}
            FieldSchema::Unknown => report(&path, Some(unknown_field(schema, name)), found),
        }
    }
}

enum FieldSchema<'a> {
    Known(&'a Value),
    Free,
    Unknown,
}

fn schema_of_field<'a>(schema: &'a Value, name: &str) -> FieldSchema<'a> {
    if let Some(known) = schema["properties"].get(name) {
        return FieldSchema::Known(known);
    }
    let additional = &schema["additionalProperties"];
    if additional.is_object() {
        return FieldSchema::Known(additional);
    }
    let takes_anything =
        *additional == true || schema["x-kubernetes-preserve-unknown-fields"] == true;
    if takes_anything { FieldSchema::Free } else { FieldSchema::Unknown }
}

fn unknown_field(schema: &Value, name: &str) -> String {
    let known: Vec<&str> = schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
    match nearest(name, &known) {
        Some(near) => format!("unknown field `{}`; did you mean `{near}`?", shortened(name)),
        None => format!("unknown field `{}`; known are: {}", shortened(name), known.join(", ")),
    }
}

/// The known word that differs in at most two letters, or only in case.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    if word.len() > 100 {
        return None;
    }
    let word = word.to_lowercase();
    let distances = known.iter().map(|known| (distance(&word, &known.to_lowercase()), *known));
    let (letters, near) = distances.min()?;
    (letters <= 2 && letters < word.chars().count()).then_some(near)
}

fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

fn check_list(schema: &Value, items: &[Value], path: &str, found: &mut Vec<Violation>) {
    report(path, too_many(schema, "maxItems", items.len()), found);
    let least = schema["minItems"].as_u64().unwrap_or(0);
    if (items.len() as u64) < least {
        report(path, Some(format!("must hold at least {least}")), found);
    }
    for (index, value) in items.iter().enumerate() {
        let path = item(path, index);
        check(&schema["items"], value, &path, found);
        let key = list_key(schema, value);
        let earlier = items[..index].iter().position(|earlier| list_key(schema, earlier) == key);
        if key.is_some() && earlier.is_some() {
            report(&path, Some("is there twice".to_owned()), found);
        }
    }
}

/// What must be unique among the items of a list, if anything.
fn list_key<'a>(schema: &Value, value: &'a Value) -> Option<Vec<&'a Value>> {
    match schema["x-kubernetes-list-type"].as_str() {
        Some("set") => Some(vec![value]),
        Some("map") => {
            let keys = schema["x-kubernetes-list-map-keys"].as_array()?;
            Some(keys.iter().filter_map(Value::as_str).map(|key| &value[key]).collect())
        }
        _ => None,
    }
}

fn too_many(schema: &Value, bound: &str, count: usize) -> Option<String> {
    let most = schema[bound].as_u64()?;
    (count as u64 > most).then(|| format!("holds {count} entries, and may hold {most}"))
}

fn wrong_text(schema: &Value, text: &str) -> Option<String> {
    let letters = text.chars().count() as u64;
    if schema["maxLength"].as_u64().is_some_and(|most| letters > most) {
        return Some(format!("has {letters} characters, and may have {}", schema["maxLength"]));
    }
    if schema["minLength"].as_u64().is_some_and(|least| letters < least) {
        return Some("must not be empty".to_owned());
    }
    let pattern = schema["pattern"].as_str()?;
    if matches_pattern(pattern, text) {
        return None;
    }
    Some(format!("`{}` does not match {pattern}", shortened(text)))
}

fn wrong_number(schema: &Value, value: &Value) -> Option<String> {
    let number = value.as_f64()?;
    let least = schema["minimum"].as_f64();
    let most = schema["maximum"].as_f64();
    let inside =
        least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
    let fits =
        schema["format"] != "int32" || value.as_i64().is_some_and(|v| i32::try_from(v).is_ok());
    match (inside, fits, least, most) {
        (true, true, _, _) => None,
        (true, false, _, _) => Some(format!("{value} is out of range")),
        (false, _, Some(least), Some(most)) => {
            Some(format!("{value} is not between {least} and {most}"))
        }
        (false, _, Some(least), None) => Some(format!("{value} is less than {least}")),
        (false, _, None, most) => {
            Some(format!("{value} is more than {}", most.unwrap_or_default()))
        }
    }
}

fn matches_pattern(pattern: &str, text: &str) -> bool {
    let pattern = regex::Regex::new(pattern).expect("a test compiles every pattern of our schemas");
    pattern.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sentences(schema: Value, value: Value) -> Vec<String> {
        let found = violations(&schema, &value);
        found.into_iter().map(|found| format!("{}: {}", found.path, found.sentence)).collect()
    }

    #[test]
    fn an_unknown_field_is_named_with_its_nearest_neighbour() {
        let schema =
            json!({ "type": "object", "properties": { "partitions": {}, "replicas": {} } });
        assert_eq!(
            sentences(schema.clone(), json!({ "Partitons": 1 })),
            ["Partitons: unknown field `Partitons`; did you mean `partitions`?"]
        );
        assert_eq!(
            sentences(schema, json!({ "size": 1 })),
            ["size: unknown field `size`; known are: partitions, replicas"]
        );
    }

    #[test]
    fn wrong_types_say_what_to_write() {
        let schema = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        assert_eq!(
            sentences(schema, json!({ "retention.ms": 5 })),
            ["retention.ms: must be a string, not the number 5: put it in quotes"]
        );
        let schema = json!({ "type": "integer" });
        assert_eq!(
            sentences(schema, json!("5")),
            [": must be a whole number, not the string `5`: leave the quotes out"]
        );
    }

    #[test]
    fn ranges_lengths_patterns_and_choices_hold() {
        let port = json!({ "type": "integer", "minimum": 1024.0, "maximum": 65535.0 });
        assert_eq!(sentences(port, json!(80)), [": 80 is not between 1024 and 65535"]);
        let int = json!({ "type": "integer", "format": "int32" });
        assert_eq!(sentences(int, json!(1_u64 << 40)), [": 1099511627776 is out of range"]);
        let name =
            json!({ "type": "string", "maxLength": 3, "minLength": 1, "pattern": "^[a-z]+$" });
        assert_eq!(sentences(name.clone(), json!("abcd")), [": has 4 characters, and may have 3"]);
        assert_eq!(sentences(name.clone(), json!("")), [": must not be empty"]);
        assert_eq!(sentences(name, json!("A")), [": `A` does not match ^[a-z]+$"]);
        let choice = json!({ "type": "string", "enum": ["Auto", "Manual"] });
        assert_eq!(sentences(choice, json!("auto")), [": `auto` is not one of: Auto, Manual"]);
    }

    #[test]
    fn lists_have_bounds_and_unique_keys() {
        let schema = json!({
            "type": "array", "minItems": 1, "maxItems": 2, "items": { "type": "object", "properties": { "name": {} } },
            "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]
        });
        assert_eq!(sentences(schema.clone(), json!([])), [": must hold at least 1"]);
        assert_eq!(
            sentences(schema, json!([{ "name": "a" }, { "name": "a" }])),
            ["[1]: is there twice"]
        );
    }

    #[test]
    fn a_missing_field_is_named() {
        let schema =
            json!({ "type": "object", "required": ["port"], "properties": { "port": {} } });
        assert_eq!(sentences(schema, json!({})), [": `port` is missing"]);
    }
}
