//! Names, labels and annotations that the operator and others agree on.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::crd::PAUSED;

/// Who owns the fields of the objects we make.
pub(crate) const MANAGER: &str = "klamm-operator";
/// Who owns statuses. Apart, so that neither role can take fields from the other.
pub(crate) const STATUS_MANAGER: &str = "klamm-operator-status";
/// The label that finds everything the operator has made.
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The cluster an object belongs to.
pub(crate) const CLUSTER: &str = "klamm.dev/cluster";
/// The pool a Pod belongs to.
pub(crate) const POOL: &str = "klamm.dev/pool";
/// The id of the broker a Pod runs.
pub(crate) const BROKER_ID: &str = "klamm.dev/broker-id";
/// Names exactly what we last applied of an object.
pub(crate) const APPLIED: &str = "klamm.dev/applied";
/// What a Pod was made from beside its broker's properties.
pub(crate) const MADE_FROM: &str = "klamm.dev/made-from";
/// Which cluster a volume belongs to.
pub(crate) const IDENTITY: &str = "klamm.dev/identity";
/// The rack a broker stands in, once its Pod has a node.
pub(crate) const RACK: &str = "klamm.dev/rack";
/// The port on which controllers talk to each other.
pub(crate) const CONTROLLER_PORT: i32 = 9093;
/// The port of `/livez`, `/readyz` and `/metrics`.
pub(crate) const ADMIN_PORT: i32 = 9644;

/// The name, or nothing for an object that has none yet.
pub(crate) fn name(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or_default()
}

/// The namespace; all our kinds live in one.
pub(crate) fn namespace(meta: &ObjectMeta) -> &str {
    meta.namespace.as_deref().unwrap_or_default()
}

/// The value of a label.
pub(crate) fn label<'a>(meta: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    meta.labels.as_ref()?.get(key).map(String::as_str)
}

/// The value of an annotation.
pub(crate) fn annotation<'a>(meta: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    meta.annotations.as_ref()?.get(key).map(String::as_str)
}

/// Whether somebody asked to leave the object as it is.
pub(crate) fn is_paused(meta: &ObjectMeta) -> bool {
    annotation(meta, PAUSED) == Some("true")
}

/// The workload of a pool.
pub(crate) fn workload(cluster: &str, pool: &str) -> String {
    format!("{cluster}-{pool}")
}

/// The Pod of a broker.
pub(crate) fn pod(cluster: &str, pool: &str, broker: i32) -> String {
    format!("{cluster}-{pool}-{broker}")
}

/// The volume of a broker, named as a StatefulSet names the ones it makes.
pub(crate) fn claim(cluster: &str, pool: &str, broker: i32) -> String {
    format!("data-{}", pod(cluster, pool, broker))
}

/// The Service that gives every Pod a name of its own.
pub(crate) fn brokers(cluster: &str) -> String {
    format!("{cluster}-brokers")
}

/// The Service behind which any broker answers.
pub(crate) fn bootstrap(cluster: &str) -> String {
    format!("{cluster}-bootstrap")
}

/// The Service of one broker on a listener that can be reached from outside.
pub(crate) fn outside(cluster: &str, listener: &str, broker: i32) -> String {
    format!("{cluster}-{listener}-{broker}")
}

/// The key of a broker's file in its ConfigMap.
pub(crate) fn file(pod: &str) -> String {
    format!("{pod}.properties")
}

/// Ten digits that name this text, the same tomorrow and in the next version.
pub(crate) fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")[..10].to_owned()
}
