//! Kafka Connect: a file to a topic and the topic to a file, with all it remembers in topics.

use crate::wait_for;
use client_tests::application::Application;
use client_tests::server::{Folder, Server, ports};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

const WORKER: &str = "org.apache.kafka.connect.cli.ConnectDistributed";

#[test]
#[ignore = "needs a built broker, Java and Maven"]
fn connect_moves_lines_through_a_topic_while_the_broker_is_killed() {
    let mut server = Server::start().unwrap();
    let folder = Folder::temporary().unwrap();
    let address = format!("127.0.0.1:{}", ports::free().unwrap());
    let settings = settings(server.bootstrap(), &address);
    let mut worker = Application::start(folder.path(), WORKER, &settings).unwrap();
    wait_for(&mut worker, "Connect answers", || {
        ask(&address, "GET", "").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    });
    let (from, to) = (folder.path().join("from.txt"), folder.path().join("to.txt"));
    let mut source = File::create(&from).unwrap();
    start(&address, "source", &format!(r#""file":"{}","topic":"lines""#, from.display()));
    start(&address, "sink", &format!(r#""file":"{}","topics":"lines""#, to.display()));

    let mut expected = Vec::new();
    for round in 0..3 {
        for number in 0..100 {
            let line = format!("line {number} of round {round}");
            writeln!(source, "{line}").unwrap();
            expected.push(line);
        }
        wait_for(&mut worker, "the lines have arrived", || arrived(&to) == expected);
        server.crash().unwrap();
    }
}

fn settings(bootstrap: &str, address: &str) -> String {
    let mut settings = format!(
        "bootstrap.servers={bootstrap}
listeners=http://{address}
group.id=connect
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.flush.interval.ms=500
"
    );
    for what in ["offset", "config", "status"] {
        settings.push_str(&format!("{what}.storage.topic=connect-{what}\n"));
        settings.push_str(&format!("{what}.storage.replication.factor=1\n"));
    }
    settings
}

/// Starts one of the connectors that come with Kafka.
fn start(address: &str, kind: &str, settings: &str) {
    let class = match kind {
        "source" => "org.apache.kafka.connect.file.FileStreamSourceConnector",
        _ => "org.apache.kafka.connect.file.FileStreamSinkConnector",
    };
    let body =
        format!(r#"{{"name":"{kind}","config":{{"connector.class":"{class}",{settings}}}}}"#);
    let answer = ask(address, "POST", &body).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

fn ask(address: &str, method: &str, body: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address)?;
    write!(
        connection,
        "{method} /connectors HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The lines that have arrived, without those that came again.
fn arrived(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        if !lines.iter().any(|known| known == line) {
            lines.push(line.to_owned());
        }
    }
    lines
}
