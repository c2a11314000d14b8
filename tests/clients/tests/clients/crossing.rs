//! What one client wrote, every other one reads.

use crate::checks;
use client_tests::client::librdkafka::Librdkafka;
use client_tests::client::{Acks, Client, Codec, Library};
use client_tests::server::Server;

#[test]
#[ignore = "needs Java, Maven and Python"]
fn everyone_reads_what_anyone_wrote() {
    let server = Server::start().unwrap();
    let mut clients: Vec<(&str, Box<dyn Client>)> = vec![
        ("java", Box::new(Library::Java.client(server.bootstrap()).unwrap())),
        ("python", Box::new(Library::Confluent.client(server.bootstrap()).unwrap())),
        ("librdkafka", Box::new(Librdkafka::start(server.bootstrap()).unwrap())),
    ];
    for codec in Codec::ALL {
        for writer in 0..clients.len() {
            let (name, client) = &mut clients[writer];
            let topic = format!("by-{name}-{}", codec.name());
            let expected = checks::fill(client.as_mut(), &topic, codec, Acks::All);
            for (_, reader) in &mut clients {
                checks::finds(reader.as_mut(), &topic, &expected);
            }
        }
    }
}
