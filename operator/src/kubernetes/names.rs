//! Names, labels and annotations that the operator and others agree on.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Who owns the fields of the objects we make.
pub(crate) const MANAGER: &str = "klamm-operator";
/// Who owns statuses. Apart, so that neither role can take fields from the other.
pub(crate) const STATUS_MANAGER: &str = "klamm-operator-status";
/// With the value `true` an object is left as it is.
pub(crate) const PAUSED: &str = "klamm.dev/paused";
/// Keeps a Topic until what it stands for is taken down.
pub(crate) const TOPIC_FINALIZER: &str = "klamm.dev/topic";

/// The name, or nothing for an object that has none yet.
pub(crate) fn name(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or_default()
}

/// The namespace; all our kinds live in one.
pub(crate) fn namespace(meta: &ObjectMeta) -> &str {
    meta.namespace.as_deref().unwrap_or_default()
}

/// The value of an annotation.
pub(crate) fn annotation<'a>(meta: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    meta.annotations.as_ref()?.get(key).map(String::as_str)
}

/// Whether somebody asked to leave the object as it is.
pub(crate) fn is_paused(meta: &ObjectMeta) -> bool {
    annotation(meta, PAUSED) == Some("true")
}
