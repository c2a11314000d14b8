//! Apache Kafka's client for Java.

use crate::checks;
use client_tests::client::java;
use client_tests::server::Server;

#[test]
#[ignore = "needs Java and Maven"]
fn every_codec_comes_back_byte_for_byte() {
    let server = Server::start().unwrap();
    checks::every_codec_comes_back_byte_for_byte(&mut java::start(server.bootstrap()).unwrap());
}

#[test]
#[ignore = "needs Java and Maven"]
fn topics_are_created_grown_and_deleted() {
    let server = Server::start().unwrap();
    checks::topics_are_created_grown_and_deleted(&mut java::start(server.bootstrap()).unwrap());
}
