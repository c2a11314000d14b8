//! An object of one of our kinds, and the checks that look at it alone.
//!
//! The same checks in the same order as an API server: the schema first, then the CEL rules of the
//! definition, run by kube's own evaluator, so that the sentences are the same.

use kube::CustomResourceExt;
pub use kube::core::ObjectMeta;
use kube::core::cel::Validator;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::schema::{self, Violation};
use crate::crd::{API_VERSION, Cluster, Topic};

/// An object of one of our kinds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Object {
    /// A cluster.
    Cluster(Box<Cluster>),
    /// A topic.
    Topic(Box<Topic>),
}

/// One of our kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// `Cluster`.
    Cluster,
    /// `Topic`.
    Topic,
}

/// Names one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Cluster, Self::Topic];

    /// The kind as manifests write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "Cluster",
            Self::Topic => "Topic",
        }
    }

    /// The kind as commands and folders write it.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Cluster => "clusters",
            Self::Topic => "topics",
        }
    }

    /// The kind of this name: `Topic`, `topic` or `topics`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL
            .into_iter()
            .find(|kind| kind.plural() == name || kind.as_str().eq_ignore_ascii_case(&name))
    }

    fn schema(self) -> Value {
        let definition = match self {
            Self::Cluster => Cluster::crd(),
            Self::Topic => Topic::crd(),
        };
        let schema = definition.spec.versions.into_iter().next().and_then(|version| version.schema);
        let schema = schema.and_then(|schema| schema.open_api_v3_schema);
        serde_json::to_value(schema).expect("a derived schema is plain data")
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.kind.as_str().to_lowercase(), self.name)
    }
}

impl Object {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Cluster(_) => Kind::Cluster,
            Self::Topic(_) => Kind::Topic,
        }
    }

    /// Its metadata.
    #[must_use]
    pub fn meta(&self) -> &ObjectMeta {
        match self {
            Self::Cluster(cluster) => &cluster.metadata,
            Self::Topic(topic) => &topic.metadata,
        }
    }

    /// Its metadata, to be changed.
    pub fn meta_mut(&mut self) -> &mut ObjectMeta {
        match self {
            Self::Cluster(cluster) => &mut cluster.metadata,
            Self::Topic(topic) => &mut topic.metadata,
        }
    }

    /// What names it.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        ObjectId { kind: self.kind(), name: self.meta().name.clone().unwrap_or_default() }
    }

    /// The cluster it is, if it is one.
    #[must_use]
    pub fn into_cluster(self) -> Option<Cluster> {
        match self {
            Self::Cluster(cluster) => Some(*cluster),
            Self::Topic(_) => None,
        }
    }

    /// The topic it is, if it is one.
    #[must_use]
    pub fn into_topic(self) -> Option<Topic> {
        match self {
            Self::Cluster(_) => None,
            Self::Topic(topic) => Some(*topic),
        }
    }

    /// The object as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("an object is plain data")
    }
}

/// Turns a value into an object, or says everything that is wrong with it alone.
pub fn parse(value: &Value) -> Result<Object, Vec<Violation>> {
    let kind = kind_of(value)?;
    let mut schema = kind.schema();
    complete(&mut schema);
    let found = schema::violations(&schema, value);
    if !found.is_empty() {
        return Err(found);
    }
    let object = match kind {
        Kind::Cluster => Object::Cluster(Box::new(typed(value)?)),
        Kind::Topic => Object::Topic(Box::new(typed(value)?)),
    };
    let broken = rules_broken(&object, None);
    if broken.is_empty() { Ok(object) } else { Err(broken) }
}

/// The CEL rules the object breaks, those about change included when `old` is given.
#[must_use]
pub fn rules_broken(object: &Object, old: Option<&Object>) -> Vec<Violation> {
    let old = old.map(Object::to_value);
    let schema = object.kind().schema();
    match Validator::new().validate(&schema, &object.to_value(), old.as_ref()) {
        Ok(()) => Vec::new(),
        Err(errors) => errors
            .into_iter()
            .map(|error| Violation { path: error.field_path, sentence: error.message })
            .collect(),
    }
}

fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, Vec<Violation>> {
    serde_json::from_value(value.clone()).map_err(|error| violation("", error.to_string()))
}

fn violation(path: &str, sentence: impl Into<String>) -> Vec<Violation> {
    vec![Violation { path: path.to_owned(), sentence: sentence.into() }]
}

fn kind_of(value: &Value) -> Result<Kind, Vec<Violation>> {
    if !value.is_object() {
        return Err(violation("", "a manifest is a map with apiVersion, kind, metadata and spec"));
    }
    let known = Kind::ALL.map(Kind::as_str);
    let Some(name) = value["kind"].as_str() else {
        return Err(violation(
            "kind",
            format!("`kind` is missing; known are: {}", known.join(", ")),
        ));
    };
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == name) else {
        let hint = match schema::nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are: {}", known.join(", ")),
        };
        return Err(violation("kind", format!("unknown kind `{name}`; {hint}")));
    };
    match value["apiVersion"].as_str() {
        Some(API_VERSION) => Ok(kind),
        Some(other) => {
            Err(violation("apiVersion", format!("`{other}` is not known: write {API_VERSION}")))
        }
        None => {
            Err(violation("apiVersion", format!("`apiVersion` is missing: write {API_VERSION}")))
        }
    }
}

/// Adds what an API server knows of every object and a definition does not repeat.
fn complete(schema: &mut Value) {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    schema["properties"]["apiVersion"] = text.clone();
    schema["properties"]["kind"] = text.clone();
    schema["properties"]["metadata"] = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {
                "type": "string", "minLength": 1, "maxLength": 253,
                "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
            },
            "namespace": text, "labels": texts, "annotations": texts,
            // What a server fills in; accepted so that what was read can be applied again.
            "uid": {}, "resourceVersion": {}, "generation": {}, "creationTimestamp": {},
            "deletionTimestamp": {}, "finalizers": {}, "managedFields": {}, "ownerReferences": {},
        }
    });
    schema["required"] = json!(["apiVersion", "kind", "metadata", "spec"]);
}
