//! Confluent's client for Python.

use crate::checks;
use client_tests::client::python;
use client_tests::server::Server;

#[test]
#[ignore = "needs Python"]
fn every_codec_comes_back_byte_for_byte() {
    let server = Server::start().unwrap();
    checks::every_codec_comes_back_byte_for_byte(&mut python::start(server.bootstrap()).unwrap());
}

#[test]
#[ignore = "needs Python"]
fn topics_are_created_grown_and_deleted() {
    let server = Server::start().unwrap();
    checks::topics_are_created_grown_and_deleted(&mut python::start(server.bootstrap()).unwrap());
}
