//! Topics that come by themselves, as soon as somebody writes to them.

use super::{Case, Talk, numbered};
use crate::checks::{self, in_partitions};
use anyhow::Result;
use client_tests::client::{Acks, Client, Codec, Library};
use client_tests::server::{Config, Server};

const CONFIG: Config<'_> = &[("auto.create.topics.enable", "true"), ("num.partitions", "2")];
const NAME: &str = "a topic that comes by itself";

#[test]
#[ignore = "needs a built broker, Java, Maven, Python, Node.js and Go"]
fn topics_come_by_themselves_over_every_library() {
    let mut server = Server::configured(CONFIG).unwrap();
    for library in Library::ALL {
        let client = library.client(server.bootstrap()).unwrap();
        let mut talk = Talk { server, client };
        let case: Case = comes_by_itself;
        assert_eq!(super::tell(library, NAME, case, &mut talk), None, "{}", library.name());
        server = talk.server;
    }
}

fn comes_by_itself(talk: &mut Talk) -> Result<()> {
    let topic = format!("by-itself-{}", wait_free_name());
    let sent = [numbered(0, 2), numbered(1, 2)].concat();
    talk.client.produce(&topic, Codec::None, Acks::All, &sent)?;
    checks::finds(&mut talk.client, &topic, &in_partitions(&sent));
    assert_eq!(talk.client.partitions(&topic)?, 2);
    Ok(())
}

/// A name that no other library has used.
fn wait_free_name() -> i64 {
    client_tests::wait::wall_clock()
}
