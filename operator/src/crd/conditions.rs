//! Conditions: what is true of an object, in the form Kubernetes tools read.

pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff;
use schemars::{Schema, SchemaGenerator, json_schema};
use types::Timestamp;

use super::PAUSED;

/// The object is as its manifest wants it.
pub const READY: &str = "Ready";
/// Something is under way, or waited for.
pub const RECONCILING: &str = "Reconciling";
/// Nothing more will happen until the manifest, or the world, is changed by someone.
pub const STALLED: &str = "Stalled";

/// What one condition says, without the times that are kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Whether it holds.
    pub holds: bool,
    /// One word in CamelCase, for programs.
    pub reason: String,
    /// One sentence, for people.
    pub message: String,
}

impl Statement {
    /// Something that holds.
    #[must_use]
    pub fn yes(reason: &str, message: impl Into<String>) -> Self {
        Self { holds: true, reason: reason.to_owned(), message: message.into() }
    }

    /// Something that does not hold.
    #[must_use]
    pub fn no(reason: &str, message: impl Into<String>) -> Self {
        Self { holds: false, reason: reason.to_owned(), message: message.into() }
    }
}

/// All three conditions: from whether the object is ready and, should a person have to act, why.
#[must_use]
pub fn triad(ready: Statement, stalled: Option<Statement>) -> [(&'static str, Statement); 3] {
    let (reconciling, stalled) = match (stalled, ready.holds) {
        (Some(stalled), _) => {
            (Statement::no(&stalled.reason, "nothing will change by itself"), stalled)
        }
        (None, true) => (Statement::no(&ready.reason, "nothing is to be done"), nobody(&ready)),
        (None, false) => (Statement { holds: true, ..ready.clone() }, nobody(&ready)),
    };
    [(READY, ready), (RECONCILING, reconciling), (STALLED, stalled)]
}

/// Of an object that is left as it is for a while: nothing is under way.
#[must_use]
pub fn paused() -> Statement {
    Statement::no("Paused", format!("left as it is while the annotation {PAUSED} is true"))
}

fn nobody(ready: &Statement) -> Statement {
    Statement::no(&ready.reason, "nothing waits for a person")
}

/// All three conditions of an object that stays as it is until a person has changed something.
#[must_use]
pub fn stuck(reason: &str, sentence: &str) -> [(&'static str, Statement); 3] {
    triad(Statement::no(reason, sentence), Some(Statement::yes(reason, sentence)))
}

/// Puts a condition among the others; the time of transition moves only when `status` flips.
pub fn set(
    conditions: &mut Vec<Condition>,
    type_: &str,
    statement: Statement,
    generation: Option<i64>,
    now: Timestamp,
) {
    let status = if statement.holds { "True" } else { "False" };
    let since = match find(conditions, type_) {
        Some(old) if old.status == status => old.last_transition_time.clone(),
        Some(_) | None => time(now),
    };
    let condition = Condition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        reason: statement.reason,
        message: statement.message,
        observed_generation: generation,
        last_transition_time: since,
    };
    match conditions.iter_mut().find(|condition| condition.type_ == type_) {
        Some(old) => *old = condition,
        None => conditions.push(condition),
    }
}

/// The condition of this type, if there is one.
#[must_use]
pub fn find<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == type_)
}

/// Whether the condition holds for this generation of the object.
#[must_use]
pub fn holds(conditions: &[Condition], type_: &str, generation: Option<i64>) -> bool {
    find(conditions, type_).is_some_and(|condition| {
        condition.status == "True" && condition.observed_generation == generation
    })
}

/// A wall clock time in the form of the API, in whole seconds.
#[must_use]
pub fn time(at: Timestamp) -> Time {
    Time(jiff::Timestamp::from_second(at.0.div_euclid(1000)).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
}

/// The schema of a time that may be missing.
#[must_use]
pub fn time_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time", "nullable": true })
}

/// The schema of a list of conditions: a map by `type`, as in Kubernetes' own kinds.
#[must_use]
pub fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "description": "What is true of this object.",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "type": "object",
            "required": ["type", "status", "reason", "message", "lastTransitionTime"],
            "properties": {
                "type": { "type": "string", "description": "What the condition is about." },
                "status": { "type": "string", "enum": ["True", "False", "Unknown"], "description": "Whether it holds." },
                "reason": { "type": "string", "description": "Why, in one word." },
                "message": { "type": "string", "description": "Why, in one sentence." },
                "observedGeneration": { "type": "integer", "format": "int64", "description": "The generation of the object this was said of." },
                "lastTransitionTime": { "type": "string", "format": "date-time", "description": "When status changed last." }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_transition_moves_only_when_the_status_flips() {
        let mut conditions = Vec::new();
        set(
            &mut conditions,
            READY,
            Statement::no("Starting", "broker 0 starts"),
            Some(1),
            Timestamp(1_000),
        );
        set(
            &mut conditions,
            READY,
            Statement::no("Failed", "broker 0 ended"),
            Some(1),
            Timestamp(2_000),
        );
        assert_eq!(conditions[0].last_transition_time, time(Timestamp(1_000)));
        assert_eq!(conditions[0].reason, "Failed");
        set(
            &mut conditions,
            READY,
            Statement::yes("Ready", "all is well"),
            Some(1),
            Timestamp(3_000),
        );
        assert_eq!(conditions[0].last_transition_time, time(Timestamp(3_000)));
        assert_eq!(conditions.len(), 1);
    }

    #[test]
    fn a_condition_of_an_older_generation_does_not_hold() {
        let mut conditions = Vec::new();
        set(&mut conditions, READY, Statement::yes("Ready", ""), Some(1), Timestamp(0));
        assert!(holds(&conditions, READY, Some(1)));
        assert!(!holds(&conditions, READY, Some(2)));
    }
}
