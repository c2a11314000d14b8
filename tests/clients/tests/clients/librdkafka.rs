//! librdkafka, through Rust's rdkafka.

use crate::checks;
use client_tests::client::librdkafka::Librdkafka;
use client_tests::server::Server;

#[test]
#[ignore = "needs a built broker"]
fn every_codec_comes_back_byte_for_byte() {
    let server = Server::start().unwrap();
    checks::every_codec_comes_back_byte_for_byte(
        &mut Librdkafka::start(server.bootstrap()).unwrap(),
    );
}

#[test]
#[ignore = "needs a built broker"]
fn topics_are_created_grown_and_deleted() {
    let server = Server::start().unwrap();
    checks::topics_are_created_grown_and_deleted(
        &mut Librdkafka::start(server.bootstrap()).unwrap(),
    );
}
