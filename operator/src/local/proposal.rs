//! What some manifests would change, shown before anything is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::store::Put;
use crate::manifest::{Object, ObjectId};

/// What some manifests would change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// What has no effect on a laptop.
    pub notes: Vec<String>,
    /// Every object of the manifests.
    pub objects: Vec<ObjectProposal>,
}

/// What would change about one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectProposal {
    /// The object.
    #[serde(flatten)]
    pub id: ObjectId,
    /// What would become of the object itself.
    pub change: Change,
    /// What would be done, each step a sentence.
    pub steps: Vec<String>,
    /// The plan as the reconciler makes it.
    pub plan: Value,
}

/// What would become of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// It is new.
    New,
    /// These fields change.
    Fields(Vec<String>),
    /// It stays as it is.
    Nothing,
}

impl Proposal {
    /// Whether nothing would change and nothing would be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects
            .iter()
            .all(|object| object.change == Change::Nothing && object.steps.is_empty())
    }
}

impl Change {
    /// Compares an object that is about to be stored with the one there is.
    #[must_use]
    pub fn between(old: Option<&Object>, new: &Object, put: Put) -> Self {
        match (old, put) {
            (_, Put::Unchanged) => Self::Nothing,
            (None, Put::Created | Put::Changed) | (Some(_), Put::Created) => Self::New,
            (Some(old), Put::Changed) => {
                let mut fields = Vec::new();
                compare("spec", &old.to_value()["spec"], &new.to_value()["spec"], &mut fields);
                if fields.is_empty() {
                    fields.push("labels or annotations".to_owned());
                }
                Self::Fields(fields)
            }
        }
    }
}

fn compare(path: &str, old: &Value, new: &Value, fields: &mut Vec<String>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            let names: std::collections::BTreeSet<&String> =
                before.keys().chain(after.keys()).collect();
            for name in names {
                compare(&format!("{path}.{name}"), &old[name], &new[name], fields);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (old, new)) in before.iter().zip(after).enumerate() {
                compare(&format!("{path}[{index}]"), old, new, fields);
            }
        }
        (_, Value::Null) => fields.push(format!("{path} is left out (was {old})")),
        (Value::Null, _) => fields.push(format!("{path} becomes {new}")),
        (_, _) => fields.push(format!("{path} {old} becomes {new}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes;

    #[test]
    fn every_changed_field_is_named_with_both_values() {
        let old = Object::Topic(Box::new(fakes::topic(
            "{ cluster: chat, partitions: 3, config: { a: \"1\" } }",
        )));
        let new = Object::Topic(Box::new(fakes::topic(
            "{ cluster: chat, partitions: 4, config: { b: \"2\" } }",
        )));
        assert_eq!(
            Change::between(Some(&old), &new, Put::Changed),
            Change::Fields(vec![
                "spec.config.a is left out (was \"1\")".to_owned(),
                "spec.config.b becomes \"2\"".to_owned(),
                "spec.partitions 3 becomes 4".to_owned(),
            ])
        );
    }
}
