//! Values of a manifest in shapes of Kubernetes' own, taken as they are or not at all.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Unbuildable;
use crate::crd::template::Native;

/// A value in such a shape; `path` says where in the manifest it stands. What Kubernetes does not
/// know would be lost without a word, so it is refused.
pub(super) fn native<T>(given: &Native, path: &str) -> Result<T, Unbuildable>
where
    T: DeserializeOwned + Serialize,
{
    let refused = |path: String, sentence: String| Unbuildable { path, sentence };
    let taken = T::deserialize(&given.0).map_err(|error| {
        refused(path.to_owned(), format!("is not what Kubernetes understands: {error}"))
    })?;
    let kept = serde_json::to_value(&taken).expect("an object is plain data");
    match lost(&given.0, &kept) {
        None => Ok(taken),
        Some(below) => {
            Err(refused(format!("{path}{below}"), "Kubernetes knows no such field".to_owned()))
        }
    }
}

/// The same of each entry of a list.
pub(super) fn natives<T>(given: &[Native], path: &str) -> Result<Vec<T>, Unbuildable>
where
    T: DeserializeOwned + Serialize,
{
    given.iter().enumerate().map(|(index, one)| native(one, &format!("{path}[{index}]"))).collect()
}

/// The path of the first field that says something and was not kept.
fn lost(given: &Value, kept: &Value) -> Option<String> {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(field, given)| {
            let below = match kept.get(field) {
                Some(kept) => lost(given, kept)?,
                None => says_something(given).then(String::new)?,
            };
            Some(format!(".{field}{below}"))
        }),
        (Value::Array(given), Value::Array(kept)) => {
            let mut pairs = given.iter().zip(kept).enumerate();
            pairs
                .find_map(|(index, (given, kept))| Some(format!("[{index}]{}", lost(given, kept)?)))
        }
        (_, _) => None,
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Affinity, Toleration};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_that_kubernetes_does_not_know_is_named_with_its_place() {
        let given = Native(json!({ "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                { "weight": 1, "preference": { "matchExpresions": [{ "key": "a" }] } },
            ],
        } }));
        let path = native::<Affinity>(&given, "template.affinity").unwrap_err().path;
        let end = "preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpresions";
        assert_eq!(path, format!("template.affinity.nodeAffinity.{end}"));
    }

    #[test]
    fn what_says_nothing_is_no_loss() {
        let given = [Native(json!({ "key": "k", "operator": "Exists", "value": null, "x": {} }))];
        let taken: Vec<Toleration> = natives(&given, "template.tolerations").unwrap();
        assert_eq!(taken[0].key.as_deref(), Some("k"));
    }

    #[test]
    fn a_value_of_another_type_is_said_with_its_place() {
        let given = [Native(json!({})), Native(json!({ "key": 5 }))];
        let error = natives::<Toleration>(&given, "template.tolerations").unwrap_err().to_string();
        assert!(error.starts_with("template.tolerations[1]: is not what Kubernetes"), "{error}");
    }
}
