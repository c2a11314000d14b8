//! CreatePartitions.

use crate::case::Case;
use crate::fixture::create;
use protocol::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::one("nothing", |_| request(Vec::new())),
        Case::one("an unknown topic", |talk| request(vec![topic(&talk.name("none"), 2)])),
        Case::one("an empty name", |_| request(vec![topic("", 2)])),
        Case::one("a topic twice", |talk| {
            request(vec![topic(&talk.name("none"), 2), topic(&talk.name("none"), 3)])
        }),
        grown("more", 3),
        grown("as many", 2),
        grown("fewer", 1),
        grown("none", 0),
        grown("a negative number", -1),
        assigned("a broker that does not exist", &[&[4711]]),
        assigned("too many assignments", &[&[0], &[0]]),
        assigned("an assignment of nobody", &[&[]]),
    ]
}

fn grown(name: &'static str, count: i32) -> Case {
    Case::story::<CreatePartitionsRequest>(name, move |talk| {
        let name = talk.name("topic");
        create(talk, &name, 2)?;
        talk.ask(&request(vec![topic(&name, count)])).map(drop)
    })
}

fn assigned(name: &'static str, brokers: &'static [&[i32]]) -> Case {
    Case::story::<CreatePartitionsRequest>(name, move |talk| {
        let name = talk.name("topic");
        create(talk, &name, 2)?;
        let to = |ids: &&[i32]| CreatePartitionsAssignment { broker_ids: ids.to_vec() };
        let assignments = Some(brokers.iter().map(to).collect());
        talk.ask(&request(vec![CreatePartitionsTopic { assignments, ..topic(&name, 3) }])).map(drop)
    })
}

fn request(topics: Vec<CreatePartitionsTopic>) -> CreatePartitionsRequest {
    CreatePartitionsRequest { topics, timeout_ms: 10_000, validate_only: false }
}

fn topic(name: &str, count: i32) -> CreatePartitionsTopic {
    CreatePartitionsTopic { name: name.into(), count, assignments: None }
}
