//! Kafka's own schemas, read from its jars, and the comparison of ours with them.
//!
//! Both sides are written out as text, one line a field, so that a difference reads like a diff.

use std::{
    fmt::Write,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use protocol::{
    Message, Versions,
    schema::{self, Default, Kind, Type},
};
use serde_json::Value;
use zip::ZipArchive;

use crate::jars;

/// Fails unless the message is what Kafka's schema of that name says: every name, type, version,
/// nullable version, tag, default and whether it may be ignored.
///
/// # Panics
/// Shows both.
pub fn assert_schema<M: Message>() {
    let ours = <M as Message>::SCHEMA;
    let theirs = descriptor(ours.name);
    let (ours, theirs) = (render_ours(&ours), render_theirs(&theirs));
    assert!(ours == theirs, "ours:\n{ours}\nKafka's:\n{theirs}");
}

/// Kafka's schema of this name.
///
/// # Panics
/// Kafka has none.
#[must_use]
pub fn descriptor(name: &str) -> Value {
    let file = match name {
        // The one file that has another name than what is in it.
        "ZkMigrationStateRecord" => "ZkMigrationRecord.json".to_owned(),
        name => format!("{name}.json"),
    };
    let text = kafka_jars().iter().find_map(|jar| read_from_jar(jar, &file));
    let text = text.unwrap_or_else(|| panic!("none of Kafka's jars holds {file}"));
    serde_json::from_str(&without_comments(&text)).expect("a schema is JSON")
}

/// How many types of records `__cluster_metadata` has.
///
/// # Panics
/// The jars cannot be read.
#[must_use]
pub fn metadata_record_count() -> usize {
    let count = |jar: &PathBuf| {
        let jar = open(jar);
        let names = jar.file_names().map(|name| name.expect("the name of a schema is text"));
        names.filter(|name| name.starts_with("common/metadata/") && name.ends_with(".json")).count()
    };
    kafka_jars().iter().map(count).sum()
}

fn kafka_jars() -> Vec<PathBuf> {
    let entries = fs::read_dir(jars()).expect("the folder of jars can be listed");
    let paths = entries.map(|entry| entry.expect("the folder of jars can be listed").path());
    let is_kafka = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().contains("kafka"))
    };
    paths.filter(is_kafka).collect()
}

fn open(path: &Path) -> ZipArchive<File> {
    let jar = File::open(path).expect("a jar can be opened");
    ZipArchive::new(jar).expect("a jar is a zip file")
}

fn read_from_jar(path: &Path, file: &str) -> Option<String> {
    let mut jar = open(path);
    let name = ["common/message/", "common/metadata/"]
        .iter()
        .map(|folder| format!("{folder}{file}"))
        .find(|name| jar.index_for_name(name).is_some())?;
    let mut text = String::new();
    jar.by_name(&name).ok()?.read_to_string(&mut text).expect("a schema is text");
    Some(text)
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect()
}

fn render_ours(message: &schema::Message) -> String {
    let kind = match message.kind {
        Kind::Request => "request",
        Kind::Response => "response",
        Kind::Metadata => "metadata",
        Kind::Data => "data",
        Kind::CoordinatorKey => "coordinator-key",
        Kind::CoordinatorValue => "coordinator-value",
    };
    let key = message.key.map_or_else(String::new, |key| format!(" {key}"));
    let mut lines = format!(
        "{} {kind}{key} versions {} flexible {} unstable {}\n",
        message.name, message.versions, message.flexible, message.unstable
    );
    render_our_fields(message.body, 1, &mut lines);
    lines
}

fn render_our_fields(body: &schema::Struct, depth: usize, lines: &mut String) {
    for field in body.fields {
        let tag = field
            .tag
            .map_or_else(String::new, |(tag, in_versions)| format!(" tag {tag} in {in_versions}"));
        let _ = writeln!(
            lines,
            "{:depth$}{}: {} versions {} nullable {}{tag} default {} ignorable {}",
            "",
            field.name,
            type_name(&field.ty),
            field.versions,
            field.nullable,
            our_default(field),
            field.ignorable
        );
        if let Some(body) = struct_of(&field.ty) {
            render_our_fields(body, depth + 1, lines);
        }
    }
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::Int8 => "int8".into(),
        Type::Int16 => "int16".into(),
        Type::Uint16 => "uint16".into(),
        Type::Int32 => "int32".into(),
        Type::Int64 => "int64".into(),
        Type::Float64 => "float64".into(),
        Type::Uuid => "uuid".into(),
        Type::String => "string".into(),
        Type::Bytes => "bytes".into(),
        Type::Records => "records".into(),
        Type::Array(element) => format!("[]{}", type_name(element)),
        Type::Struct(body) => body.name.into(),
    }
}

fn struct_of(ty: &Type) -> Option<&'static schema::Struct> {
    match ty {
        Type::Struct(body) => Some(body),
        Type::Array(element) => struct_of(element),
        Type::Bool
        | Type::Int8
        | Type::Int16
        | Type::Uint16
        | Type::Int32
        | Type::Int64
        | Type::Float64
        | Type::Uuid
        | Type::String
        | Type::Bytes
        | Type::Records => None,
    }
}

fn our_default(field: &schema::Field) -> String {
    match field.default {
        Default::Null => "null".into(),
        Default::Empty | Default::Number(0) | Default::Bool(false) => "empty".into(),
        Default::Bool(true) => "true".into(),
        Default::Number(number) => number.to_string(),
    }
}

fn render_theirs(message: &Value) -> String {
    let key = message["apiKey"].as_i64().map_or_else(String::new, |key| format!(" {key}"));
    let mut lines = format!(
        "{} {}{key} versions {} flexible {} unstable {}\n",
        word(&message["name"]),
        word(&message["type"]),
        word(&message["validVersions"]),
        word(&message["flexibleVersions"]),
        message["latestVersionUnstable"].as_bool().unwrap_or(false)
    );
    render_their_fields(message, &message["fields"], 1, &mut lines);
    lines
}

fn render_their_fields(message: &Value, fields: &Value, depth: usize, lines: &mut String) {
    for field in array(fields) {
        let tagged = &field["taggedVersions"];
        let tag = field["tag"]
            .as_i64()
            .map_or_else(String::new, |tag| format!(" tag {tag} in {}", word(tagged)));
        let nullable = &field["nullableVersions"];
        let _ = writeln!(
            lines,
            "{:depth$}{}: {} versions {} nullable {}{tag} default {} ignorable {}",
            "",
            word(&field["name"]),
            word(&field["type"]),
            range(field),
            if nullable.is_null() { "none" } else { word(nullable) },
            their_default(field),
            field["ignorable"].as_bool().unwrap_or(false)
        );
        render_their_fields(message, their_struct(message, field), depth + 1, lines);
    }
}

/// A field without versions has those in which it is tagged.
pub(crate) fn range(field: &Value) -> &str {
    let versions = &field["versions"];
    word(if versions.is_null() { &field["taggedVersions"] } else { versions })
}

/// The fields of the struct that a field holds, which stand in it or beside the message's own;
/// null when it holds none.
pub(crate) fn their_struct<'a>(message: &'a Value, field: &'a Value) -> &'a Value {
    if field["fields"].is_array() {
        return &field["fields"];
    }
    let name = word(&field["type"]).trim_start_matches("[]");
    let common = array(&message["commonStructs"]);
    common.iter().find(|common| common["name"] == name).map_or(&Value::Null, |it| &it["fields"])
}

/// `empty` for zero, false and the empty string.
fn their_default(field: &Value) -> String {
    let default = default_text(field);
    if let Some(digits) = default.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).expect("a hexadecimal number").to_string();
    }
    match default.as_str() {
        "" | "0" | "false" => "empty".into(),
        other => other.into(),
    }
}

/// A field's default as text, `null` for null; Kafka's records are null when nothing is said.
pub(crate) fn default_text(field: &Value) -> String {
    match field.get("default") {
        Some(default) => default.as_str().map_or_else(|| default.to_string(), str::to_owned),
        None if field["type"] == "records" => "null".into(),
        None => String::new(),
    }
}

/// The versions that a text such as `3+`, `1-7`, `2` or `none` means.
pub(crate) fn versions(text: &str) -> Versions {
    let number = |text: &str| text.parse().expect("a version is a number");
    match text.split_once('-') {
        _ if text == "none" => Versions::NONE,
        Some((first, last)) => Versions::between(number(first), number(last)),
        None => match text.strip_suffix('+') {
            Some(first) => Versions::from(number(first)),
            None => Versions::between(number(text), number(text)),
        },
    }
}

/// A text of a schema; "none" when it is not there.
pub(crate) fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("none")
}

/// An array of a schema; empty when it is not there.
pub(crate) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
