//! What a person reading `kubectl describe topic` is told of a pass.

use kube::runtime::events::{Event, EventType};

use crate::crd::TopicStatus;
use crate::crd::conditions::{READY, STALLED, find};
use crate::topic::Step;
use crate::topic::reconcile::Pass;

/// The events of a pass over a topic of which this was said before.
pub(super) fn events(before: Option<&TopicStatus>, pass: &Pass) -> Vec<Event> {
    let taken = pass.taken.as_ref().filter(|step| !step.is_bookkeeping());
    let taken = taken.map(|step| event(EventType::Normal, reason(step), step.to_string()));
    taken.into_iter().chain(trouble(before, pass)).collect()
}

fn reason(step: &Step) -> &'static str {
    match step {
        Step::Create(_) => "Created",
        Step::Adopt(_) => "Adopted",
        Step::AlterConfig { .. } => "ConfigChanged",
        Step::AddPartitions { .. } => "Grown",
        Step::Delete => "Deleted",
        Step::Release => "Released",
        Step::Hold | Step::LetGo => "Noted",
    }
}

/// What needs a person, once for each time it comes up.
fn trouble(before: Option<&TopicStatus>, pass: &Pass) -> Option<Event> {
    let stuck = |status: &TopicStatus| {
        let stalled = find(&status.conditions, STALLED)?;
        (stalled.status == "True").then(|| (stalled.reason.clone(), stalled.message.clone()))
    };
    let now = stuck(&pass.status)?;
    if before.and_then(stuck).as_ref() == Some(&now) {
        return None;
    }
    debug_assert!(find(&pass.status.conditions, READY).is_some(), "both are set together");
    Some(event(EventType::Warning, &now.0, now.1))
}

fn event(type_: EventType, reason: &str, note: String) -> Event {
    Event {
        type_,
        reason: reason.to_owned(),
        note: Some(note),
        action: "Reconcile".to_owned(),
        secondary: None,
    }
}
