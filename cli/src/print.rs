//! What commands say: results on standard output, problems and notes on standard error.

use std::io::Write;

use clap::ValueEnum;
use operator::local::message::Reply;
use operator::local::proposal::{Change, ObjectProposal, Proposal};

/// In which form something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For programs
    Json,
}

/// A line of the result. Whoever stopped reading is not worth a panic.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// A line about something wrong.
pub(crate) fn problem(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// A value for programs.
pub(crate) fn json(value: &impl serde::Serialize) {
    line(&serde_json::to_string_pretty(value).expect("what we show is plain data"));
}

/// A value for programs that read a stream of them: one line.
pub(crate) fn json_line(value: &impl serde::Serialize) {
    line(&serde_json::to_string(value).expect("what we show is plain data"));
}

/// What a running `up` says.
pub(crate) fn reply(reply: &Reply) {
    match reply {
        Reply::Proposal(proposal) => self::proposal(proposal),
        Reply::Progress(text) => line(text),
        Reply::Ready(address) => line(&format!("ready {address}")),
        Reply::Done(text) => line(text),
        Reply::Refused(problems) => problems.iter().for_each(|found| problem(&found.to_string())),
        Reply::Failed(text) => problem(text),
        Reply::Report(report) => crate::status::print(report),
    }
}

/// What is about to be changed.
pub(crate) fn proposal(proposal: &Proposal) {
    for note in &proposal.notes {
        problem(&format!("note: {note}"));
    }
    if proposal.is_empty() {
        return line("plan: nothing to do");
    }
    line("plan:");
    for object in &proposal.objects {
        object_proposal(object);
    }
}

fn object_proposal(object: &ObjectProposal) {
    let change = match &object.change {
        Change::New => "new".to_owned(),
        Change::Fields(fields) => fields.join(", "),
        Change::Nothing => "as it is".to_owned(),
    };
    line(&format!("  {}: {change}", object.id));
    for step in &object.steps {
        line(&format!("    {step}"));
    }
}
