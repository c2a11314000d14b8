//! What is said of a request that no shard has seen.

use coordinator::{GroupError, GroupId, answer::Answer, request::Request};

/// The group that a request is about.
pub(super) fn group_of(request: &Request) -> &GroupId {
    match request {
        Request::Join(join) => &join.group,
        Request::Sync(sync) => &sync.group,
        Request::Heartbeat(heartbeat) => &heartbeat.group,
        Request::Leave(leave) => &leave.group,
        Request::Commit(commit) => &commit.group,
        Request::DeleteOffsets(delete) => &delete.group,
        Request::DeleteGroup(group) => group,
    }
}

/// What kind of answer a request gets.
pub(super) enum Refusal {
    Join,
    Sync,
    Heartbeat,
    Leave,
    Commit(usize),
    DeleteOffsets,
    DeleteGroup,
}

impl Refusal {
    pub(super) fn of(request: &Request) -> Refusal {
        match request {
            Request::Join(_) => Refusal::Join,
            Request::Sync(_) => Refusal::Sync,
            Request::Heartbeat(_) => Refusal::Heartbeat,
            Request::Leave(_) => Refusal::Leave,
            Request::Commit(commit) => Refusal::Commit(commit.offsets.len()),
            Request::DeleteOffsets(_) => Refusal::DeleteOffsets,
            Request::DeleteGroup(_) => Refusal::DeleteGroup,
        }
    }

    pub(super) fn with(self, error: GroupError) -> Answer {
        match self {
            Refusal::Join => Answer::Join(Err(error)),
            Refusal::Sync => Answer::Sync(Err(error)),
            Refusal::Heartbeat => Answer::Heartbeat(Err(error)),
            Refusal::Leave => Answer::Leave(Err(error)),
            Refusal::Commit(offsets) => Answer::Commit(vec![Err(error); offsets]),
            Refusal::DeleteOffsets => Answer::DeleteOffsets(Err(error)),
            Refusal::DeleteGroup => Answer::DeleteGroup(Err(error)),
        }
    }
}
