//! Kafka's command-line tools against a server: what they print, without what differs from one
//! cluster to another.

use crate::process;
use crate::server::Server;
use anyhow::Result;
use regex::Regex;
use std::ffi::OsStr;

/// What is replaced in the text of a tool, and by what.
const VARYING: [(&str, &str); 9] = [
    // Topic and directory ids.
    (
        r#"(?m)(TopicId: |ClusterId: +|Cluster ID: |"directoryId": "|\t)[\w-]{22}([\s"]|$)"#,
        "${1}ID$2",
    ),
    (r#""directoryId": "ID", "#, ""),
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"127\.0\.0\.1 \d+ +", "HOST "),
    (r#""logDir":"[^"]*""#, r#""logDir":"FOLDER""#),
    (r"(HighWatermark|LeaderEpoch|MaxFollowerLagTimeMs|Epoch): +\d+", "$1: N"),
    (r"(?m)^(\d+ +\tID\t)\d+ +\t(\d+) +\t\d+ +\t\d+ +\t", "${1}N\t$2\tN\tN\t"),
    // Kafka sets this one itself when it formats a folder for eligible leader replicas.
    (r"(?m)^  min\.insync\.replicas=.*\n|min\.insync\.replicas=1,", ""),
    // Where in its own code a tool was.
    (r"(?m)^(\tat |Caused by: |Error while executing config command).*\n", ""),
];

/// Runs one of Kafka's tools by the name of its class; answers with what it printed and its exit
/// code.
pub fn run(server: &Server, class: &str, arguments: &[&str]) -> Result<String> {
    let bootstrap = ["--bootstrap-server", server.bootstrap()];
    // Some tools want to know where before what, one the other way round.
    let words = match class.ends_with("ClusterTool") {
        true => [arguments, &bootstrap[..]].concat(),
        false => [&bootstrap[..], arguments].concat(),
    };
    let mut java = kafka_jars::java(class);
    java.args(words.iter().map(OsStr::new)).env("JAVA_TOOL_OPTIONS", "-Dlog4j2.level=OFF");
    let output = process::output(&mut java)?;
    let mut text = kafka_jars::text(&output);
    text = text.replace("Picked up JAVA_TOOL_OPTIONS: -Dlog4j2.level=OFF\n", "");
    for (varying, replacement) in VARYING {
        text = Regex::new(varying)?.replace_all(&text, replacement).into_owned();
    }
    let code = output.status.code().unwrap_or(-1);
    Ok(if code == 0 { text } else { format!("{text}exit code {code}\n") })
}
