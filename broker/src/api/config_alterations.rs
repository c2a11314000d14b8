//! What AlterConfigs and IncrementalAlterConfigs have in common: resources that are changed, each
//! for itself, some refused before the controller is asked.

use std::{collections::BTreeMap, sync::Arc};

use node::{
    control::{Outcome, Request},
    metadata::controller::{AlterConfigError, Alteration},
};
use protocol::ErrorCode;

use super::{
    call::Call,
    config_resource::Refused,
    desk::{Desk, Then},
    error_codes::Coded,
};
use crate::shell::Shell;

/// One resource of a request, and what it is to have or why it is refused.
pub(super) struct Asked {
    kind: i8,
    name: String,
    wanted: Result<Alteration, Refused>,
}

impl Asked {
    /// A resource for which `wanted` tells what it is to have, unless keys lack a value that they
    /// need.
    pub(super) fn of<'a>(
        kind: i8,
        name: &str,
        without_value: impl Iterator<Item = &'a str>,
        wanted: impl FnOnce() -> Result<Alteration, Refused>,
    ) -> Asked {
        let without: Vec<&str> = without_value.collect();
        let wanted =
            if without.is_empty() { wanted() } else { Err(Refused::without_value(&without)) };
        Asked { kind, name: name.to_owned(), wanted }
    }
}

/// What is to become of the resources of a request, in its order.
pub(super) struct Shape {
    resources: Vec<Resource>,
    /// Makes the answer of the API that was called.
    respond: fn(&Desk, Call, Vec<Resource>),
}

/// A resource of the answer.
pub(super) struct Resource {
    pub(super) kind: i8,
    pub(super) name: String,
    /// Why it was refused, or 0 and nothing.
    pub(super) code: i16,
    pub(super) message: Option<String>,
    /// Whether the controller decides about it.
    is_pending: bool,
}

/// Hands the changes to the controller; what is refused already, it does not hear of.
pub(super) fn ask(
    shell: &Arc<Shell>,
    call: Call,
    asked: Vec<Asked>,
    validate_only: bool,
    respond: fn(&Desk, Call, Vec<Resource>),
) {
    let repeated = repeated(&asked);
    let (mut resources, mut alterations) = (Vec::new(), Vec::new());
    for (one, is_repeated) in asked.into_iter().zip(repeated) {
        let wanted = if is_repeated {
            Err(Refused::request("Each resource must appear at most once."))
        } else {
            one.wanted
        };
        let mut resource =
            Resource { kind: one.kind, name: one.name, code: 0, message: None, is_pending: true };
        match wanted {
            Ok(alteration) => alterations.push(alteration),
            Err(refused) => resource.refuse(refused.code, refused.message),
        }
        resources.push(resource);
    }
    if alterations.is_empty() {
        return respond(&shell.desk, call, resources);
    }
    let now = call.now;
    let ticket = shell.desk.park(call, Then::AlterConfigs(Shape { resources, respond }));
    let request = Request::AlterConfigs { alterations, validate_only };
    shell.ask_controller(now, ticket, None, request);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the controller answers what it was asked")]
pub(super) fn answer(desk: &Desk, call: Call, shape: Shape, outcome: Outcome) {
    let Shape { mut resources, respond } = shape;
    let pending = resources.iter_mut().filter(|resource| resource.is_pending);
    match outcome {
        Outcome::AlterConfigs(outcomes) => {
            for (resource, outcome) in pending.zip(outcomes) {
                if let Err(error) = outcome {
                    resource.refuse(error.code(), Some(error.to_string()));
                }
            }
        }
        Outcome::Refused(refusal) => pending.for_each(|resource| {
            resource.refuse(refusal.code(), Some(refusal.to_string()));
        }),
        other => unreachable!("the controller answered another question: {other:?}"),
    }
    respond(desk, call, resources);
}

impl Resource {
    fn refuse(&mut self, code: ErrorCode, message: Option<String>) {
        self.is_pending = false;
        self.code = code as i16;
        self.message = message;
    }
}

impl From<AlterConfigError> for Refused {
    fn from(error: AlterConfigError) -> Refused {
        Refused { code: error.code(), message: Some(error.to_string()) }
    }
}

/// Which of the resources are named more than once.
fn repeated(asked: &[Asked]) -> Vec<bool> {
    let mut times: BTreeMap<(i8, &str), usize> = BTreeMap::new();
    for one in asked {
        *times.entry((one.kind, &one.name)).or_default() += 1;
    }
    asked.iter().map(|one| times[&(one.kind, one.name.as_str())] > 1).collect()
}
